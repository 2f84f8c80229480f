//! Parsed types and pure rules, the same on both sides.

pub mod account;
pub mod backtest;
pub mod billing;
pub mod display;
pub mod field;
pub mod id;
pub mod ledger;
pub mod local_path;
pub mod money;
pub mod notice;
pub mod operation;
pub mod plan;
pub mod quota;
pub mod record;
pub mod signal;
pub mod site;
pub mod strategy;
pub mod subscription;
pub mod time;
pub mod wire;
