//! Whether a body was signed by Stripe: HMAC-SHA256 over `t.body`, scheme v1.
//!
//! async-stripe-webhook checks the same, but parses the whole event with it and refuses what it cannot parse; here a
//! signature is one thing and an event's shape another.

use crate::{domain::time::Timestamp, server::config::Secret};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Seconds by which a signature's time may be off, either way.
const TOLERANCE: u64 = 300;

/// Whether `header` (`t=…,v1=…`, perhaps several `v1`) signs `body` with one of the secrets, around `now`.
pub fn is_good(header: &str, body: &[u8], secrets: &[Secret], now: Timestamp) -> bool {
    let fields = || header.split(',').filter_map(|pair| pair.trim().split_once('='));
    let times: Vec<&str> = fields().filter(|(name, _)| *name == "t").map(|(_, value)| value).collect();
    let [time] = times[..] else { return false };
    let in_time = time.parse::<i64>().is_ok_and(|at| at.abs_diff(now.secs()) <= TOLERANCE);
    let given: Vec<Vec<u8>> =
        fields().filter(|(name, _)| *name == "v1").filter_map(|(_, value)| hex::decode(value).ok()).collect();
    in_time && secrets.iter().any(|secret| is_signed(secret, time, body, &given))
}

fn is_signed(secret: &Secret, time: &str, body: &[u8], given: &[Vec<u8>]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else { return false };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    given.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stripe_webhook::Webhook;

    const BODY: &str = r#"{"id":"evt_1"}"#;

    fn now() -> Timestamp {
        Timestamp::from_secs(1_700_000_000)
    }

    fn signed(secret: &str, at: i64) -> String {
        Webhook::generate_test_header(BODY, secret, Some(at))
    }

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::from((*text).to_owned())).collect()
    }

    #[test]
    fn takes_what_is_signed_with_any_of_the_secrets() {
        let header = signed("whsec_old", now().secs());
        assert!(is_good(&header, BODY.as_bytes(), &secrets(&["whsec_new", "whsec_old"]), now()));
        assert!(!is_good(&header, BODY.as_bytes(), &secrets(&["whsec_new"]), now()));
        assert!(!is_good(&header, b"{}", &secrets(&["whsec_old"]), now()));
        let rolled = format!("{header},v1={},v0=00", "ab".repeat(32));
        assert!(is_good(&rolled, BODY.as_bytes(), &secrets(&["whsec_old"]), now()));
    }

    #[test]
    fn takes_five_minutes_either_way_and_no_more() {
        for (offset, good) in [(-300, true), (300, true), (-301, false), (301, false)] {
            let header = signed("whsec", now().secs() + offset);
            assert_eq!(is_good(&header, BODY.as_bytes(), &secrets(&["whsec"]), now()), good, "{offset}");
        }
    }

    #[test]
    fn refuses_what_is_no_signature() {
        for header in ["", "t=1700000000", "v1=00", "t=x,v1=00", "t=1700000000,v1=zz", "t=-9223372036854775808,v1=00"] {
            assert!(!is_good(header, BODY.as_bytes(), &secrets(&["whsec"]), now()), "{header}");
        }
    }
}
