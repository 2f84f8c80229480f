//! The only door from pages to the server: server functions.
//!
//! Each authorises, parses, calls one service and maps what comes back.

pub mod account;
pub mod admin;
pub mod auth;
pub mod backtest;
pub mod billing;
pub mod error;
pub mod notices;
pub mod record;
pub mod signals;
pub mod site;
pub mod source;
pub mod submission;
