use serde_json::{Value, json};

use crate::shape;
use crate::stripe_error::StripeError;
use crate::{clock, ids};

/// A card that passed the checks of its form.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    number: String,
    exp_month: u8,
    exp_year: i32,
}

/// What is wrong with which field of a card.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CardProblems {
    /// About the number.
    pub number: Option<&'static str>,
    /// About the expiry date.
    pub expiry: Option<&'static str>,
    /// About the security code.
    pub cvc: Option<&'static str>,
}

/// A test card and what it does, for the list on the hosted pages.
pub struct TestCard {
    /// Its number, without spaces.
    pub number: &'static str,
    /// What it does, in words.
    pub does: &'static str,
    /// The code and decline code and message with which it is refused; `None` pays.
    refusal: Option<(&'static str, Option<&'static str>, &'static str)>,
}

const DECLINED: &str = "Your card was declined.";

/// The test cards, the most useful first.
pub const TEST_CARDS: [TestCard; 15] = [
    TestCard { number: "4242424242424242", does: "pays (Visa)", refusal: None },
    TestCard {
        number: "4000000000000002",
        does: "is declined",
        refusal: Some(("card_declined", Some("generic_decline"), DECLINED)),
    },
    TestCard {
        number: "4000000000009995",
        does: "has insufficient funds",
        refusal: Some(("card_declined", Some("insufficient_funds"), "Your card has insufficient funds.")),
    },
    TestCard { number: "4000002500003155", does: "asks for authentication", refusal: None },
    TestCard {
        number: "4000000000000341",
        does: "can be saved, but every charge is declined",
        refusal: Some(("card_declined", Some("generic_decline"), DECLINED)),
    },
    TestCard { number: "5555555555554444", does: "pays (Mastercard)", refusal: None },
    TestCard { number: "378282246310005", does: "pays (American Express, 4-digit code)", refusal: None },
    TestCard { number: "4000003560000008", does: "pays (Visa, India)", refusal: None },
    TestCard {
        number: "4000000000009987",
        does: "is reported lost",
        refusal: Some(("card_declined", Some("lost_card"), DECLINED)),
    },
    TestCard {
        number: "4000000000009979",
        does: "is reported stolen",
        refusal: Some(("card_declined", Some("stolen_card"), DECLINED)),
    },
    TestCard {
        number: "4000000000000069",
        does: "has expired",
        refusal: Some(("expired_card", None, "Your card has expired.")),
    },
    TestCard {
        number: "4000000000000127",
        does: "has another security code",
        refusal: Some(("incorrect_cvc", None, "Your card's security code is incorrect.")),
    },
    TestCard {
        number: "4000000000000119",
        does: "fails in processing",
        refusal: Some((
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        )),
    },
    TestCard { number: "4000002760003184", does: "asks for authentication at every payment", refusal: None },
    TestCard { number: "2223003122003222", does: "pays (Mastercard, 2-series)", refusal: None },
];

/// The card that is accepted when it is saved and refused when it is charged.
const FAILS_WHEN_CHARGED: &str = "4000000000000341";

impl Card {
    /// Checks what was typed: Luhn and length of the number, `MM/YY` not before `now` (seconds since
    /// 1970), 3 digits of security code, 4 for American Express.
    pub fn parse(number: &str, expiry: &str, cvc: &str, now: i64) -> Result<Self, CardProblems> {
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let wrong_number = check_number(&digits);
        let date = parse_expiry(expiry);
        let wrong_expiry = match date {
            _ if expiry.trim().is_empty() => Some("Enter the expiry date, as MM/YY."),
            None => Some("Your card's expiry date is invalid. Write it as MM/YY."),
            Some((month, year)) if (year, month) < clock::year_and_month(now) => {
                Some("Your card's expiry date is in the past.")
            }
            Some(_) => None,
        };
        let wrong_cvc = check_cvc(cvc.trim(), &digits);
        match (wrong_number, date, wrong_expiry, wrong_cvc) {
            (None, Some((exp_month, exp_year)), None, None) => Ok(Self { number: digits, exp_month, exp_year }),
            (number, _, expiry, cvc) => Err(CardProblems { number, expiry, cvc }),
        }
    }

    /// The card behind one of Stripe's ready-made names, such as `pm_card_visa` or `tok_visa`.
    pub fn named(name: &str, now: i64) -> Option<Self> {
        let short = name.strip_prefix("pm_card_").or_else(|| name.strip_prefix("tok_"))?;
        let number = match short {
            "visa" | "us" => "4242424242424242",
            "chargeDeclined" | "visa_chargeDeclined" => "4000000000000002",
            "chargeDeclinedInsufficientFunds" | "visa_chargeDeclinedInsufficientFunds" => "4000000000009995",
            "chargeDeclinedLostCard" => "4000000000009987",
            "chargeDeclinedStolenCard" => "4000000000009979",
            "chargeDeclinedExpiredCard" => "4000000000000069",
            "chargeDeclinedIncorrectCvc" => "4000000000000127",
            "chargeDeclinedProcessingError" => "4000000000000119",
            "chargeCustomerFail" => FAILS_WHEN_CHARGED,
            "mastercard" => "5555555555554444",
            "amex" => "378282246310005",
            "in" => "4000003560000008",
            _ => return None,
        };
        Some(Self { number: number.to_owned(), exp_month: 12, exp_year: clock::year_and_month(now).0 + 4 })
    }

    /// Whether the holder has to confirm the payment first.
    pub fn wants_authentication(&self) -> bool {
        matches!(self.number.as_str(), "4000002500003155" | "4000002760003184")
    }

    /// Why the card cannot be saved, when it cannot.
    pub fn refused_when_saved(&self) -> Option<StripeError> {
        refused_number(&self.number)
    }

    /// Why a charge of the card fails, when it does.
    pub fn refused_when_charged(&self) -> Option<StripeError> {
        refusal(&self.number)
    }

    /// A payment method with this card, not yet stored. Only its private part holds the number.
    pub fn payment_method(&self, customer: Option<&str>, email: Option<&str>, name: Option<&str>, now: i64) -> Value {
        let mut method = shape::object(
            "payment_method",
            json!({
                "id": ids::new("pm"),
                "created": now,
                "customer": customer,
                "_private": {"number": self.number},
            }),
        );
        method["billing_details"]["email"] = json!(email);
        method["billing_details"]["name"] = json!(name);
        let brand = brand(&self.number);
        shape::merge(
            &mut method["card"],
            json!({
                "brand": brand,
                "display_brand": brand,
                "country": if self.number == "4000003560000008" { "IN" } else { "US" },
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": fingerprint(&self.number),
                "last4": &self.number[self.number.len() - 4..],
                "networks": {"available": [brand], "preferred": null},
            }),
        );
        method
    }

    /// The card as private JSON, to be kept while its holder confirms.
    pub fn to_private(&self) -> Value {
        json!({"number": self.number, "exp_month": self.exp_month, "exp_year": self.exp_year})
    }

    /// The card that [`Card::to_private`] kept.
    pub fn from_private(kept: &Value) -> Option<Self> {
        let exp_month = u8::try_from(kept["exp_month"].as_u64()?).ok()?;
        let exp_year = i32::try_from(kept["exp_year"].as_i64()?).ok()?;
        Some(Self { number: kept["number"].as_str()?.to_owned(), exp_month, exp_year })
    }
}

/// Why a charge of a stored payment method fails, when it does.
pub fn refused_payment_method(method: &Value) -> Option<StripeError> {
    refusal(shape::text(&method["_private"], "number"))
}

/// Why a payment method cannot be saved, when it cannot.
pub fn refused_when_saved(method: &Value) -> Option<StripeError> {
    refused_number(shape::text(&method["_private"], "number"))
}

fn refused_number(number: &str) -> Option<StripeError> {
    if number == FAILS_WHEN_CHARGED { None } else { refusal(number) }
}

fn refusal(number: &str) -> Option<StripeError> {
    match TEST_CARDS.iter().find(|card| card.number == number) {
        Some(card) => card.refusal.map(|(code, decline, message)| StripeError::card(code, decline, message)),
        None => Some(StripeError::card(
            "card_declined",
            Some("test_mode_live_card"),
            "Your card was declined. Your request was in test mode, but used a non test card.",
        )),
    }
}

fn check_number(digits: &str) -> Option<&'static str> {
    if digits.is_empty() {
        return Some("Enter the card number.");
    }
    let plain = (13..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return Some("Your card number is incomplete.");
    }
    if !luhn(digits) { Some("Your card number is invalid.") } else { None }
}

fn check_cvc(cvc: &str, digits: &str) -> Option<&'static str> {
    if cvc.is_empty() {
        return Some("Enter the security code.");
    }
    let wanted = if brand(digits) == "amex" { 4 } else { 3 };
    if cvc.len() == wanted && cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(if wanted == 4 { "The security code has 4 digits." } else { "The security code has 3 digits." })
}

fn parse_expiry(text: &str) -> Option<(u8, i32)> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (month, year) = match text.split_once('/') {
        Some(parts) => parts,
        None if text.len() == 4 && text.is_ascii() => text.split_at(2),
        None => return None,
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(month) || !digits(year) || month.len() > 2 {
        return None;
    }
    let year = match year.len() {
        2 => 2000 + year.parse::<i32>().ok()?,
        4 => year.parse().ok()?,
        _ => return None,
    };
    let month = month.parse().ok()?;
    (1..=12).contains(&month).then_some((month, year))
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn brand(digits: &str) -> &'static str {
    match digits.as_bytes() {
        [b'3', b'4' | b'7', ..] => "amex",
        [b'4', ..] => "visa",
        [b'5' | b'2', ..] => "mastercard",
        [b'6', ..] => "discover",
        _ => "unknown",
    }
}

/// The same for the same card, and no way back to its number.
fn fingerprint(number: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(number.as_bytes()))[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER_2026: i64 = 1_795_000_000;

    #[test]
    fn takes_the_test_cards() {
        for card in &TEST_CARDS {
            let cvc = if card.number.starts_with('3') { "1234" } else { "123" };
            assert!(Card::parse(card.number, "12/30", cvc, NOVEMBER_2026).is_ok(), "{}", card.number);
        }
        assert!(Card::parse("4242 4242 4242 4242", " 11 / 26", "123", NOVEMBER_2026).is_ok());
    }

    #[test]
    fn says_what_is_wrong_at_each_field() {
        let problems = Card::parse("4242424242424241", "10/26", "1234", NOVEMBER_2026).unwrap_err();
        assert_eq!(problems.number, Some("Your card number is invalid."));
        assert_eq!(problems.expiry, Some("Your card's expiry date is in the past."));
        assert_eq!(problems.cvc, Some("The security code has 3 digits."));
        for expiry in ["13/30", "00/30", "1", "12-30", "ab/cd", "12/3", "é2/30"] {
            assert!(Card::parse("4242424242424242", expiry, "123", NOVEMBER_2026).is_err(), "{expiry}");
        }
        assert!(Card::parse("378282246310005", "12/30", "123", NOVEMBER_2026).is_err());
    }

    #[test]
    fn unknown_cards_are_declined() {
        let card = Card::parse("4111111111111111", "12/30", "123", NOVEMBER_2026).unwrap();
        assert!(card.refused_when_saved().is_some());
        let later = Card::parse(FAILS_WHEN_CHARGED, "12/30", "123", NOVEMBER_2026).unwrap();
        assert!(later.refused_when_saved().is_none() && later.refused_when_charged().is_some());
    }
}
