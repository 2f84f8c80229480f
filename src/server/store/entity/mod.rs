//! The tables as SeaORM reads them, one file a table; named after what a row is.

pub mod checkout;
pub mod feed_fetch;
pub mod former_usage;
pub mod lease;
pub mod ledger_checkpoint;
pub mod ledger_entry;
pub mod mail;
pub mod mail_request;
pub mod market_clock;
pub mod notice;
pub mod one_time_token;
pub mod refresh_token;
pub mod series_progress;
pub mod session;
pub mod signal;
pub mod stripe_event;
pub mod subscription;
pub mod transaction;
pub mod usage_window;
pub mod user;
