//! The HTTP API, tested over HTTP against the real program.

mod accounts;
mod admin;
mod architecture;
mod auth;
mod billing;
mod by_hand;
mod command;
mod frame;
mod functions;
mod harness;
mod kill;
mod ledger;
mod mail_requests;
mod market;
mod notices;
mod operation;
mod publication;
mod quota;
mod returning;
mod rolled_back;
mod settings;
mod signals;
mod stripe;
mod webhooks;
mod workbench;
