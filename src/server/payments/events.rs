//! What an event is about: only the ids in it are read, in both of Stripe's shapes. All else is fetched anew.

use super::reference;
use serde::Deserialize;

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A checkout session, and the subscription that came of it.
    Checkout { session: String, subscription: Option<String> },
    /// A subscription.
    Subscription(String),
    /// An invoice, and the subscription it is for.
    Invoice { invoice: String, subscription: Option<String> },
    /// A type that says nothing to us.
    Other,
}

/// An event of a type we know, in a shape we do not.
#[derive(Debug, thiserror::Error)]
#[error("the event is not of the expected shape")]
pub struct Unexpected(#[from] serde_json::Error);

/// The least that makes a body an event.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// Unique for good.
    pub id: String,
    /// `customer.subscription.updated` and the like.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Envelope {
    /// Reads a body; `None` when it is no JSON object, or its id or type is not plain.
    pub fn read(body: &str) -> Option<Self> {
        // serde would take an array for the fields in their order.
        let object = Some(body).filter(|body| body.trim_ascii_start().starts_with('{'))?;
        serde_json::from_str::<Self>(object).ok().filter(|event| is_plain(&event.id) && is_plain(&event.kind))
    }
}

/// Whether this can be an event's id or type: 1 to 255 printable characters of ASCII, no spaces.
pub fn is_plain(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[derive(Deserialize)]
struct Event<T> {
    data: Data<T>,
}

#[derive(Deserialize)]
struct Data<T> {
    object: T,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    #[serde(default, deserialize_with = "reference::optional")]
    subscription: Option<String>,
    parent: Option<Parent>,
}

#[derive(Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Deserialize)]
struct SubscriptionDetails {
    #[serde(default, deserialize_with = "reference::optional")]
    subscription: Option<String>,
}

/// What events of a type are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    Checkout,
    Subscription,
    Invoice,
    Other,
}

impl Topic {
    fn of(kind: &str) -> Self {
        match kind {
            "checkout.session.completed"
            | "checkout.session.expired"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.async_payment_failed" => Self::Checkout,
            "customer.subscription.created"
            | "customer.subscription.updated"
            | "customer.subscription.deleted"
            | "customer.subscription.paused"
            | "customer.subscription.resumed"
            | "customer.subscription.trial_will_end" => Self::Subscription,
            "invoice.paid"
            | "invoice.payment_succeeded"
            | "invoice.payment_failed"
            | "invoice.payment_action_required" => Self::Invoice,
            _ => Self::Other,
        }
    }
}

/// Whether there is something to do about events of this type.
pub fn matters(kind: &str) -> bool {
    Topic::of(kind) != Topic::Other
}

/// What an event of type `kind` with this body is about.
///
/// # Errors
/// When the type is one of ours and the ids are not where they should be.
pub fn subject(kind: &str, body: &str) -> Result<Subject, Unexpected> {
    let read = || serde_json::from_str::<Event<Object>>(body).map(|event| event.data.object);
    Ok(match Topic::of(kind) {
        Topic::Checkout => {
            let object = read()?;
            Subject::Checkout { session: object.id, subscription: object.subscription }
        }
        Topic::Subscription => Subject::Subscription(read()?.id),
        Topic::Invoice => {
            let object = read()?;
            let details = object.parent.and_then(|parent| parent.subscription_details);
            let subscription = object.subscription.or_else(|| details.and_then(|details| details.subscription));
            Subject::Invoice { invoice: object.id, subscription }
        }
        Topic::Other => Subject::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_both_shapes() {
        let old = r#"{"data":{"object":{"id":"in_1","subscription":"sub_1"}}}"#;
        let new = r#"{"data":{"object":{"id":"in_1","parent":{"subscription_details":{"subscription":"sub_1"}}}}}"#;
        let expected = Subject::Invoice { invoice: "in_1".into(), subscription: Some("sub_1".into()) };
        for body in [old, new] {
            assert_eq!(subject("invoice.paid", body).unwrap(), expected);
        }
        assert_eq!(subject("invoice.finalized", new).unwrap(), Subject::Other);
        assert!(subject("invoice.paid", r#"{"data":{"object":"in_1"}}"#).is_err());
    }

    #[test]
    fn an_event_has_a_plain_id_and_type() {
        for body in [r#"{"id":"evt_1","type":"a.b","more":1}"#, "\r\n\t {\"type\":\"a.b\",\"id\":\"evt_1\"}\n"] {
            assert!(Envelope::read(body).is_some(), "{body}");
        }
        for body in [
            "",
            "[]",
            "{}",
            r#"["evt_1","a.b"]"#,
            r#"{"id":1,"type":"a"}"#,
            r#"{"id":"a\u0000","type":"a"}"#,
            r#"{"id":"","type":"a"}"#,
        ] {
            assert!(Envelope::read(body).is_none(), "{body}");
        }
    }
}
