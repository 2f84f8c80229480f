use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `Stripe-Signature` of a payload: the time, and one `v1` for each secret.
///
/// `at` is the real time in seconds since 1970.
pub fn sign(payload: &str, secrets: &[String], at: i64) -> String {
    let mut header = format!("t={at}");
    for secret in secrets {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            continue;
        };
        mac.update(format!("{at}.{payload}").as_bytes());
        header.push_str(",v1=");
        header.push_str(&hex::encode(mac.finalize().into_bytes()));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_once_for_each_secret() {
        let header = sign("{}", &["one".into(), "two".into()], 1_700_000_000);
        let parts: Vec<&str> = header.split(',').collect();
        assert_eq!(parts[0], "t=1700000000");
        assert_eq!(parts.len(), 3);
        assert_ne!(parts[1], parts[2]);
        assert_eq!(sign("{}", &["one".into()], 1_700_000_000), format!("{},{}", parts[0], parts[1]));
    }
}
