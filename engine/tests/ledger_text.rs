//! Canonical JSON: what the ledger writes is what an implementation of the whole scheme (RFC 8785) writes.

#[expect(dead_code, reason = "other tests write more kinds of ledgers")]
mod book;

use book::{Book, ended, sound};
use canon_json::CanonJsonSerialize;
use engine::ledger::{Content, canonical};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

static SIGNAL: LazyLock<Content> = LazyLock::new(|| ended()[0].0.clone());

/// By the other implementation.
fn by_the_scheme(text: &str) -> String {
    serde_json::from_str::<Value>(text).unwrap().to_canon_json_string().unwrap()
}

#[test]
fn the_other_implementation_keeps_to_the_samples_of_the_rfc() {
    // Section 3.2.2 and what it becomes in section 3.2.3.
    let sample = serde_json::json!({
        "numbers": [333_333_333.333_333_3, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u{20ac}$\u{f}\nA'\u{42}\"\\\\\"/",
        "literals": [null, true, false],
    });
    let canonical = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                     \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(sample.to_canon_json_string().unwrap(), canonical);
    // Section 3.2.3: members are sorted by UTF-16 code units.
    let sorting = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let sorted: Vec<&str> = ["Carriage Return", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"].into();
    let text = by_the_scheme(sorting);
    let places: Vec<usize> = sorted.iter().map(|value| text.find(value).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn texts_are_escaped_as_in_the_samples_of_the_rfc() {
    let text = "\u{20ac}$\u{f}\nA'B\"\\\\\"/";
    assert_eq!(canonical(&text).unwrap(), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    assert_eq!(canonical(&"\u{8}\t\u{c}\r\u{1f}\u{7f}\u{2028}").unwrap(), "\"\\b\\t\\f\\r\\u001f\u{7f}\u{2028}\"");
}

#[test]
fn every_line_of_a_ledger_is_canonical() {
    let (first, ending) = ended()[0].clone();
    let mut book = Book::new();
    let seq = book.publish(&first);
    book.reveal(seq, &first, ending);
    let stated = engine::ledger::Stated { ending, price: None };
    book.correct(seq, stated, stated);
    book.sign();
    for line in book.end().lines().chain(sound(&ended()[..50]).lines()) {
        assert_eq!(by_the_scheme(line), line);
    }
}

proptest! {
    #[test]
    fn content_of_any_words_and_numbers_is_canonical(
        words in prop::collection::vec(any::<String>(), 5), number in any::<f64>(), whole in 0u64..1 << 53, at in any::<i64>(),
    ) {
        let mut signal = SIGNAL.clone();
        let mut words = words.into_iter();
        for field in [&mut signal.id, &mut signal.rationale, &mut signal.strategy, &mut signal.symbol] {
            *field = words.next().unwrap();
        }
        signal.confidence_reason = words.next();
        signal.confidence = engine::ledger::Decimal::new(number);
        signal.seq = whole;
        signal.expires_at = engine::ledger::Instant::from_millis(at);
        let text = canonical(&signal).unwrap();
        prop_assert_eq!(&by_the_scheme(&text), &text);
        prop_assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), signal);
    }
}
