/// Paying a checkout session.
pub mod checkout;
/// What happens as the clock goes on.
pub mod due;
/// Invoices and their lines.
pub mod invoice;
/// Charging a card.
pub mod payment;
/// What a change of a subscription costs.
pub mod proration;
/// Subscriptions.
pub mod subscription;
