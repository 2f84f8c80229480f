//! People: e-mail address, password, name, role.

use super::{
    id::{SessionId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The one a person signs in with: trimmed, lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text is no e-mail address that we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailFault {
    /// Nothing was given.
    #[error("Enter your e-mail address.")]
    Missing,
    /// Longer than RFC 5321 allows.
    #[error("An e-mail address has at most 254 characters.")]
    TooLong,
    /// Not of the form `name@host.tld`.
    #[error("Enter an e-mail address like name@example.com.")]
    Malformed,
}

impl Email {
    /// Parses an address of the form `name@host.tld`, at most 254 characters, ASCII.
    pub fn parse(text: &str) -> Result<Self, EmailFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailFault::Missing);
        }
        if text.len() > 254 {
            return Err(EmailFault::TooLong);
        }
        let (name, host) = text.rsplit_once('@').ok_or(EmailFault::Malformed)?;
        let name_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let sound = !name.is_empty()
            && name.len() <= 64
            && !name.starts_with('.')
            && !name.ends_with('.')
            && !name.contains("..")
            && name.chars().all(name_char)
            && host.contains('.')
            && host.split('.').all(label);
        if sound { Ok(Self(text.to_ascii_lowercase())) } else { Err(EmailFault::Malformed) }
    }
}

impl AsRef<str> for Email {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A password somebody chose: 8 to 128 characters, none of the common ones. Never printed.
#[derive(Clone)]
pub struct NewPassword(String);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Nothing was given.
    #[error("Enter a password.")]
    Missing,
    /// Fewer than 8 characters.
    #[error("Use at least 8 characters.")]
    TooShort,
    /// More than 128 characters.
    #[error("Use at most 128 characters.")]
    TooLong,
    /// Among the first that an attacker tries.
    #[error("This password is among the most used ones. Choose another.")]
    Common,
    /// The e-mail address itself.
    #[error("Do not use your e-mail address as the password.")]
    IsEmail,
}

/// The most used passwords of 8 characters and more, in lower case, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

impl NewPassword {
    /// Parses a chosen password; `email` is its owner's, which it must not equal.
    pub fn parse(text: &str, email: Option<&Email>) -> Result<Self, PasswordFault> {
        if text.is_empty() {
            return Err(PasswordFault::Missing);
        }
        let length = text.chars().count();
        if length < 8 {
            return Err(PasswordFault::TooShort);
        }
        if length > 128 {
            return Err(PasswordFault::TooLong);
        }
        let lower = text.to_lowercase();
        if email.is_some_and(|email| email.as_ref() == lower) {
            return Err(PasswordFault::IsEmail);
        }
        let mut characters = lower.chars();
        let first = characters.next();
        if characters.all(|c| Some(c) == first) || COMMON.lines().any(|common| common == lower) {
            return Err(PasswordFault::Common);
        }
        Ok(Self(text.to_owned()))
    }

    /// The password itself, for hashing only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// What a person wants to be called; may be empty, at most 100 characters, no control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FullName(String);

/// Why a name is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// More than 100 characters.
    #[error("Use at most 100 characters.")]
    TooLong,
    /// Line breaks and the like.
    #[error("Remove line breaks, tabs and other control characters.")]
    ControlCharacter,
}

impl FullName {
    /// Parses a name.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(NameFault::ControlCharacter);
        }
        if text.chars().count() > 100 {
            return Err(NameFault::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for FullName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// What a person may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum Role {
    /// Looks at signals and pays for them.
    #[default]
    Trader,
    /// Runs the business.
    Operator,
}

impl Role {
    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trader => "trader",
            Self::Operator => "operator",
        }
    }

    /// The role stored under `name`; unknown names are traders, who may do least.
    pub fn from_stored(name: &str) -> Self {
        if name == "operator" { Self::Operator } else { Self::Trader }
    }
}

/// Who is signed in, as everybody may see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Me {
    /// The account.
    pub id: UserId,
    /// Signs in with it.
    pub email: String,
    /// May be empty.
    pub full_name: String,
    /// Whether every signal is live for this person now.
    pub is_paid: bool,
    /// Whether the address was confirmed by a link sent to it.
    pub email_verified: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Whether this person runs the site; left out for everyone else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_operator: bool,
}

/// Who is signed in, as the pages show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
pub struct Person {
    /// Signs in with it.
    pub email: String,
    /// May be empty.
    pub full_name: String,
    /// Whether every signal is live for this person now.
    pub is_paid: bool,
    /// Whether the address was confirmed by a link sent to it.
    pub email_verified: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Whether this person runs the site.
    pub is_operator: bool,
}

impl From<Me> for Person {
    fn from(me: Me) -> Self {
        let Me { id: _, email, full_name, is_paid, email_verified, created_at, is_operator } = me;
        Self { email, full_name, is_paid, email_verified, created_at, is_operator }
    }
}

/// One sign-in of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Names it when it is to be ended.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its tokens were last renewed.
    pub last_used_at: Timestamp,
    /// When it ends by itself unless used.
    pub expires_at: Timestamp,
    /// The client's own description, shortened.
    pub user_agent: String,
    /// Where it was last used from.
    pub ip: String,
    /// Whether it is the one asking.
    pub current: bool,
}

/// A mail in the development outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMail {
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_is_trimmed_and_lowered() {
        assert_eq!(Email::parse("  Ada@Example.COM ").map(|e| e.to_string()), Ok("ada@example.com".into()));
    }

    #[test]
    fn malformed_emails_are_refused() {
        for text in [
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a b@example.com",
            "a@exa mple.com",
            "a@-x.com",
            "a\r\n@x.com",
            ".a@x.com",
            "a..b@x.com",
        ] {
            assert_eq!(Email::parse(text), Err(EmailFault::Malformed), "{text:?}");
        }
        assert_eq!(Email::parse(" "), Err(EmailFault::Missing));
        assert_eq!(Email::parse(&format!("{}@x.com", "a".repeat(260))), Err(EmailFault::TooLong));
    }

    #[test]
    fn passwords_have_bounds_and_common_ones_are_refused() {
        let email = Email::parse("trader@example.com").unwrap();
        let fault = |text: &str| NewPassword::parse(text, Some(&email)).err();
        assert_eq!(fault(""), Some(PasswordFault::Missing));
        assert_eq!(fault("seven77"), Some(PasswordFault::TooShort));
        assert_eq!(fault("Password1"), Some(PasswordFault::Common));
        assert_eq!(fault("aaaaaaaaaaaa"), Some(PasswordFault::Common));
        assert_eq!(fault("Trader@example.com"), Some(PasswordFault::IsEmail));
        assert_eq!(fault(&"é".repeat(129)), Some(PasswordFault::TooLong));
        assert_eq!(fault("a calm instrument"), None);
        assert_eq!(format!("{:?}", NewPassword::parse("a calm instrument", None).unwrap()), "NewPassword(…)");
    }

    #[test]
    fn names_carry_no_line_breaks() {
        assert_eq!(FullName::parse("Ada\nBcc: x"), Err(NameFault::ControlCharacter));
        assert_eq!(FullName::parse(" Ada Lovelace ").map(|n| n.as_ref().to_owned()), Ok("Ada Lovelace".into()));
    }
}
