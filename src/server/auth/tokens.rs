//! Access tokens (JWT, HS256) and refresh tokens (opaque).
//!
//! A refresh token's successor is derived from it with the secret key: so the token just replaced can be answered
//! with the very same successor, although only hashes are stored.

use crate::{
    domain::{
        id::{SessionId, UserId},
        time::Timestamp,
    },
    server::config::Secret,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Who issues the access tokens, and for whom.
const ISSUER: &str = "signalbox";

/// The keys that sign and verify.
pub struct TokenKeys {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    successor: Hmac<Sha256>,
    pseudonym: Hmac<Sha256>,
    seal: Hmac<Sha256>,
}

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is.
    pub user: UserId,
    /// The sign-in it descends from.
    pub session: SessionId,
    /// When it was made, in whole seconds.
    pub issued_at: Timestamp,
}

/// An access token that is none of ours, or too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a good access token")]
pub struct BadToken;

#[derive(Serialize)]
struct Written<'a> {
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
    iss: &'a str,
    aud: &'a str,
}

#[derive(Deserialize)]
struct Read {
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

impl TokenKeys {
    /// From the configured secret.
    pub fn new(secret: &Secret) -> Self {
        let secret = secret.reveal().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "sub", "iss", "aud"]);
        // Compared below, with the clock that all else goes by and no leeway.
        validation.validate_exp = false;
        let keyed = |purpose: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
            mac.update(purpose);
            mac
        };
        Self {
            header: Header::new(Algorithm::HS256),
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            successor: keyed(b"signalbox refresh token successor\0"),
            pseudonym: keyed(b"signalbox pseudonym\0"),
            seal: keyed(b"signalbox seal\0"),
        }
    }

    /// An access token good for `lifetime` from `now`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn access_token(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let exp = (now + lifetime).secs();
        let claims = Written { sub: user, sid: session, iat: now.secs(), exp, iss: ISSUER, aud: ISSUER };
        jsonwebtoken::encode(&self.header, &claims, &self.encoding)
    }

    /// What a token says, if it is ours and still good at `now`.
    ///
    /// # Errors
    /// When it is not; why is nobody's business.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, BadToken> {
        let read: Read = jsonwebtoken::decode(token, &self.decoding, &self.validation).map_err(|_| BadToken)?.claims;
        if now.secs() >= read.exp {
            return Err(BadToken);
        }
        Ok(Claims { user: read.sub, session: read.sid, issued_at: Timestamp::from_secs(read.iat) })
    }

    /// The refresh token that follows `token`, always the same.
    pub fn successor(&self, token: &str) -> String {
        let mut mac = self.successor.clone();
        mac.update(token.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// A name for `text` that does not tell it, always the same.
    pub fn pseudonym(&self, text: &str) -> String {
        let mut mac = self.pseudonym.clone();
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// What shows that `text` comes from here.
    pub fn seal(&self, text: &str) -> String {
        let mut mac = self.seal.clone();
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// Whether `seal` is the one of `text`.
    pub fn is_sealed(&self, text: &str, seal: &str) -> bool {
        let mut mac = self.seal.clone();
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.decode(seal).is_ok_and(|seal| mac.verify_slice(&seal).is_ok())
    }
}

/// A token that nobody can guess: 256 bits, in characters that need no escaping in a link.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of an opaque token.
pub fn stored_form(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HALF_HOUR: Duration = Duration::from_secs(1800);

    fn keys(secret: &str) -> TokenKeys {
        TokenKeys::new(&Secret::from(secret.to_owned()))
    }

    fn ids() -> (UserId, SessionId) {
        (UserId(Uuid::now_v7()), SessionId(Uuid::now_v7()))
    }

    #[test]
    fn a_token_says_whose_it_is_until_it_is_too_old() {
        let (keys, (user, session)) = (keys("0123456789abcdef0123456789abcdef"), ids());
        let now = Timestamp::from_secs(1_717_200_000);
        let token = keys.access_token(user, session, now, HALF_HOUR).unwrap();
        assert_eq!(keys.verify(&token, now), Ok(Claims { user, session, issued_at: now }));
        assert!(keys.verify(&token, now + Duration::from_secs(1799)).is_ok());
        assert_eq!(keys.verify(&token, now + HALF_HOUR), Err(BadToken));
    }

    #[test]
    fn tokens_of_other_keys_kinds_and_issuers_are_refused() {
        let (ours, (user, session)) = (keys("0123456789abcdef0123456789abcdef"), ids());
        let now = Timestamp::from_secs(1_717_200_000);
        let others = keys("another secret of thirty-two byte").access_token(user, session, now, HALF_HOUR).unwrap();
        assert_eq!(ours.verify(&others, now), Err(BadToken));
        let good = ours.access_token(user, session, now, HALF_HOUR).unwrap();
        let claims = good.split('.').nth(1).unwrap();
        let none = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
        assert_eq!(ours.verify(&none, now), Err(BadToken));
        for (algorithm, issuer) in [(Algorithm::HS512, ISSUER), (Algorithm::HS256, "elsewhere")] {
            let written = Written { sub: user, sid: session, iat: 0, exp: i64::MAX / 2, iss: issuer, aud: ISSUER };
            let token = jsonwebtoken::encode(&Header::new(algorithm), &written, &ours.encoding).unwrap();
            assert_eq!(ours.verify(&token, now), Err(BadToken), "{algorithm:?} {issuer}");
        }
    }

    #[test]
    fn a_successor_is_always_the_same_and_needs_the_key() {
        let token = random_token();
        let ours = keys("0123456789abcdef0123456789abcdef");
        assert_eq!(ours.successor(&token), ours.successor(&token));
        assert_ne!(ours.successor(&token), token);
        assert_ne!(ours.successor(&token), keys("another secret of thirty-two byte").successor(&token));
        assert_eq!((token.len(), stored_form(&token).len()), (43, 64));
    }
}
