use serde::Deserialize;

use super::html::escape;
use crate::card::{Card, CardProblems, TEST_CARDS, TestCard};

/// How many of the test cards are shown at once.
const FIRST_CARDS: usize = 5;

/// A card as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TypedCard {
    #[serde(rename = "cardNumber")]
    number: String,
    #[serde(rename = "cardExpiry")]
    expiry: String,
    #[serde(rename = "cardCvc")]
    cvc: String,
}

impl TypedCard {
    /// Checks it: see [`Card::parse`].
    pub fn parse(&self, now: i64) -> Result<Card, CardProblems> {
        Card::parse(&self.number, &self.expiry, &self.cvc, now)
    }

    /// The fields for it again, with what is wrong beneath. Number and code are typed anew each time.
    pub fn fields(&self, problems: &CardProblems) -> String {
        format!(
            "{}<div class=\"pair\">{}{}</div>",
            field(
                "cardNumber",
                "Card number",
                "",
                problems.number,
                "inputmode=\"numeric\" autocomplete=\"cc-number\" placeholder=\"1234 1234 1234 1234\" required"
            ),
            field(
                "cardExpiry",
                "Expiry (MM/YY)",
                &self.expiry,
                problems.expiry,
                "inputmode=\"numeric\" autocomplete=\"cc-exp\" placeholder=\"MM/YY\" required"
            ),
            field(
                "cardCvc",
                "Security code",
                "",
                problems.cvc,
                "inputmode=\"numeric\" autocomplete=\"cc-csc\" placeholder=\"CVC\" required"
            ),
        )
    }
}

/// A labelled field, with what is wrong with it beneath.
pub fn field(name: &str, label: &str, value: &str, problem: Option<&str>, attributes: &str) -> String {
    let (mark, note) = match problem {
        Some(problem) => (
            format!(" aria-invalid=\"true\" aria-describedby=\"{name}-problem\""),
            format!("<p class=\"problem\" id=\"{name}-problem\">{}</p>", escape(problem)),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "<div class=\"field\"><label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" value=\"{}\" {attributes}{mark}>{note}</div>",
        escape(value)
    )
}

/// What the issuer said of the card, above its form.
pub fn alert(refused: Option<&str>) -> String {
    refused.map(|text| format!("<p class=\"alert\" role=\"alert\">{}</p>", escape(text))).unwrap_or_default()
}

/// How a refusal reads on the page.
pub fn words(error: &crate::stripe_error::StripeError) -> String {
    let body = error.body("");
    let message = crate::shape::text(&body["error"], "message").to_owned();
    if message.contains("declined") { message } else { format!("Your card was declined. {message}") }
}

/// The list of test cards, for the foot of a form.
pub fn test_cards() -> String {
    let (first, more) = TEST_CARDS.split_at(FIRST_CARDS);
    format!(
        "<details open><summary>Test cards</summary><p class=\"hint\">Any expiry date to come, any 3 digits \
         (4 for American Express).</p>{}</details><details><summary>More test cards</summary>{}</details>",
        card_table(first),
        card_table(more)
    )
}

fn card_table(cards: &[TestCard]) -> String {
    let row = |card: &TestCard| {
        let digits = card.number.as_bytes().chunks(4).map(String::from_utf8_lossy);
        let spaced = digits.collect::<Vec<_>>().join(" ");
        format!("<tr><td><code>{spaced}</code></td><td>{}</td></tr>", escape(card.does))
    };
    let rows: String = cards.iter().map(row).collect();
    format!(
        "<table><thead><tr><th scope=\"col\">Number</th><th scope=\"col\">What it does</th></tr></thead><tbody>{rows}</tbody></table>"
    )
}
