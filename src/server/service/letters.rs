//! The mails that people get about their account: short, plain, with one thing to do.

use crate::{
    domain::{billing::BillingStatus, display},
    server::config::Config,
};

/// What a mail tells; mails of one kind to one address are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Asks to confirm an address.
    VerifyEmail,
    /// Brings the link to a new password.
    ResetPassword,
    /// Asks to confirm another address.
    ChangeEmail,
    /// Tells the old address of the wish.
    EmailChangeAsked,
    /// Tells of a changed password.
    PasswordChanged,
    /// Says good-bye.
    AccountDeleted,
    /// Tells of money.
    Payment,
}

impl Kind {
    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::EmailChangeAsked => "email_change_asked",
            Self::PasswordChanged => "password_changed",
            Self::AccountDeleted => "account_deleted",
            Self::Payment => "payment",
        }
    }
}

/// A mail before it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it tells.
    pub kind: Kind,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Asks to confirm an address.
pub fn verify_email(config: &Config, token: &str) -> Letter {
    let link = config.link(&format!("/verify-email?token={token}"));
    letter(
        config,
        Kind::VerifyEmail,
        "Confirm your e-mail address",
        &format!("Welcome. Confirm that this address is yours:\n\n{link}\n\nThe link is good for three days."),
    )
}

/// Brings the link to a new password.
pub fn reset_password(config: &Config, token: &str) -> Letter {
    let link = config.link(&format!("/reset-password?token={token}"));
    letter(
        config,
        Kind::ResetPassword,
        "Set a new password",
        &format!(
            "Somebody asked for a new password for this address. If it was you, set it here:\n\n{link}\n\n\
             The link is good for one hour. If it was not you, nothing has changed and nothing needs doing."
        ),
    )
}

/// Tells of a changed password.
pub fn password_changed(config: &Config) -> Letter {
    let link = config.link("/forgot-password");
    letter(
        config,
        Kind::PasswordChanged,
        "Your password was changed",
        &format!("The password of your account was changed. If it was not you, set a new one at once:\n\n{link}"),
    )
}

/// Asks to confirm another address.
pub fn change_email(config: &Config, token: &str) -> Letter {
    let link = config.link(&format!("/verify-email?token={token}"));
    letter(
        config,
        Kind::ChangeEmail,
        "Confirm your new e-mail address",
        &format!("To use this address for your account, confirm it:\n\n{link}\n\nThe link is good for one day."),
    )
}

/// Tells the old address of the wish.
pub fn email_change_asked(config: &Config, new: &str) -> Letter {
    let link = config.link("/account");
    letter(
        config,
        Kind::EmailChangeAsked,
        "Your e-mail address is about to change",
        &format!(
            "Somebody signed in to your account asked to change its address to {new}. It changes once the link sent \
             there is followed. If it was not you, change your password at once:\n\n{link}"
        ),
    )
}

/// Says good-bye, and what became of the plan: `status` is how that stood before.
pub fn account_deleted(config: &Config, status: &BillingStatus) -> Letter {
    let mut text = "Your account and what hung on it were deleted, as you asked.".to_owned();
    if status.is_paid {
        text += "\n\nYour paid plan ended with it, and nothing more is charged.";
    }
    if let Some(until) = status.paid_until() {
        let (until, refunds) = (display::date(until), config.link("/refunds"));
        text += &format!(
            " It was paid until {until}; the days that were left are lost, and no money comes back by itself. When you \
             can have some back, and how, stands here:\n\n{refunds}"
        );
    }
    letter(config, Kind::AccountDeleted, "Your account was deleted", &text)
}

fn letter(config: &Config, kind: Kind, subject: &str, text: &str) -> Letter {
    let site = &config.site.name;
    let operator = &config.operator.name;
    Letter {
        kind,
        subject: format!("{subject} – {site}"),
        body: format!("{text}\n\n{site}, {operator}\nNot investment advice.\n"),
    }
}
