/// Sending what is due, and trying again.
pub mod delivery;
/// What happened, as Stripe tells it.
pub mod event;
/// How a webhook is signed.
pub mod signature;
/// Test events without a sandbox.
pub mod trigger;
