//! Everything that never leaves the server.

pub mod application;
pub mod auth;
pub mod backtests;
pub mod cache;
pub mod clock;
pub mod command;
pub mod config;
pub mod deadline;
pub mod error;
pub mod gather;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod market;
pub mod payments;
pub mod rpc;
pub mod service;
pub mod state;
pub mod store;
pub mod telemetry;
