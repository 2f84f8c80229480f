//! The sandbox over HTTP: its API through the official libraries, its pages, its webhooks, its clock.

mod async_stripe;
mod checkout_page;
mod clients;
mod clock;
mod customers;
mod portal_page;
mod restart;
mod rules;
mod stand;
mod subscriptions;
mod webhooks;
