//! One file a route.

pub mod account;
pub mod dashboard;
pub mod forgot_password;
pub mod head;
pub mod landing;
pub mod login;
pub mod not_found;
pub mod outbox;
pub mod pricing;
pub mod privacy;
pub mod refunds;
pub mod reset_password;
pub mod risk;
pub mod signal;
pub mod signup;
pub mod terms;
pub mod verify_email;
