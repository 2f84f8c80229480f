//! Parsed types and pure rules, the same on both sides.

pub mod account;
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
pub mod signal;
pub mod site;
pub mod subscription;
pub mod time;
pub mod wire;
