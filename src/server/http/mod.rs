//! HTTP: routes, what stands before them, and how failures are told.

pub mod assets;
pub mod client;
pub mod csv;
pub mod extract;
pub mod health;
pub mod identity;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod rest;
pub mod router;
pub mod server;
pub mod site;
pub mod timely;
pub mod webhooks;
