//! One file a route, and what several of them share: `entry`, `head`, `notices`.

pub mod account;
pub mod admin;
pub mod backtest;
pub mod dashboard;
mod entry;
pub mod forgot_password;
pub mod head;
pub mod landing;
pub mod login;
pub mod not_found;
mod notices;
pub mod outbox;
pub mod pricing;
pub mod privacy;
pub mod refunds;
pub mod reset_password;
pub mod risk;
pub mod signal;
pub mod signup;
pub mod strategies;
pub mod terms;
pub mod track_record;
pub mod verify;
pub mod verify_email;
