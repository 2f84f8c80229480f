//! A ledger that is sound is found so; whatever is done to it is found, and named at its line.

mod book;

use book::{Book, ended, markets, salt, sound};
use engine::ledger::{
    Content, Decimal, Ending, Event, Fault, Hash, MAX_LINE, MAX_UNSIGNED, Markets, NoPlace, Place, PublicKey,
    Publication, Report, Reveal, Signer, Stated, Verifier, Wrong, entry_line, verify,
};
use engine::{Outcome, TermsError};
use proptest::prelude::*;
use std::sync::LazyLock;

static SIGNALS: LazyLock<Vec<(Content, Ending)>> = LazyLock::new(ended);

fn signal(number: usize) -> (Content, Ending) {
    SIGNALS[number].clone()
}

fn check(text: &str) -> Report {
    verify(text.as_bytes(), markets())
}

fn fault(text: &str) -> Fault {
    check(text).fault.expect("a fault")
}

fn wrong(text: &str) -> Wrong {
    fault(text).wrong
}

/// A book whose first signal is published.
fn published() -> (Book, u64, Content, Ending) {
    let ((signal, ending), mut book) = (signal(0), Book::new());
    let seq = book.publish(&signal);
    (book, seq, signal, ending)
}

#[test]
fn a_sound_ledger_holds_with_every_outcome() {
    assert!(SIGNALS.len() > 1_000, "{}", SIGNALS.len());
    let text = sound(&SIGNALS);
    let report = check(&text);
    assert_eq!(report.fault, None);
    let signals = u64::try_from(SIGNALS.len()).unwrap();
    assert_eq!((report.entries, report.publications, report.reveals), (2 * signals, signals, signals));
    assert_eq!((report.outcomes_checked, report.outcomes_unchecked), (signals, 0));
    assert_eq!(report.signed, report.entries);
    assert_eq!(report.keys, [Signer::from_secret(&[7; 32]).public_key()]);
    let blind = verify(text.as_bytes(), Markets::default());
    assert_eq!((blind.fault, blind.outcomes_checked, blind.outcomes_unchecked), (None, 0, signals));
}

#[test]
fn it_tells_what_the_revealed_signals_came_to() {
    let mut book = Book::new();
    let (ended, open) = SIGNALS.split_at(SIGNALS.len() - 3);
    for (signal, ending) in ended {
        let seq = book.publish(signal);
        book.reveal(seq, signal, *ending);
    }
    for (signal, _) in open {
        book.publish(signal);
    }
    let report = check(&book.end());
    let of = |outcome: Outcome| ended.iter().filter(|(_, ending)| ending.outcome == outcome).count();
    let [won, lost, expired] = [Outcome::Target, Outcome::Stop, Outcome::Expired].map(of);
    assert!(won > 0 && lost > 0 && expired > 0);
    assert_eq!(report.outcomes(), format!("{won} won, {lost} lost, {expired} expired; 3 open"));
    let total: f64 = ended.iter().map(|(_, ending)| ending.r_multiple.get()).sum();
    assert_eq!(report.total_r, total);
    let told = |total_r: f64| Report { total_r, ..report.clone() }.together();
    let totals = [1_234_567.891, -12.344, 999.999, -0.001].map(told);
    assert_eq!(totals, ["+1,234,567.89 R", "−12.34 R", "+1,000.00 R", "0.00 R"]);
}

#[test]
fn an_empty_ledger_holds() {
    let report = check(&Book::new().end());
    assert_eq!((report.fault.clone(), report.entries, report.head), (None, 0, Hash::NONE));
    assert_eq!((report.outcomes().as_str(), report.together().as_str()), ("0 won, 0 lost, 0 expired; 0 open", "–"));
}

#[test]
fn it_does_not_matter_how_a_ledger_is_cut_into_pieces() {
    let text = sound(&SIGNALS[..40]);
    let whole = check(&text);
    for size in [1, 2, 7, 100, 1_000, 65_536] {
        let mut verifier = Verifier::new(markets());
        assert!(text.as_bytes().chunks(size).all(|piece| verifier.feed(piece)), "{size}");
        assert_eq!(verifier.entries(), whole.entries);
        assert_eq!(verifier.finish(), whole, "{size}");
    }
}

/// The line, from 1, on which a byte stands.
fn line_of(text: &[u8], at: usize) -> u64 {
    u64::try_from(text[..at].iter().filter(|byte| **byte == b'\n').count()).unwrap() + 1
}

#[test]
fn every_flipped_bit_is_found_on_its_line() {
    let text = sound(&SIGNALS[..4]).into_bytes();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            let fault = verify(&changed, Markets::default()).fault;
            assert_eq!(fault.map(|fault| fault.line), Some(line_of(&text, at)), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_changed_entry_is_named_with_its_number() {
    let text = sound(&SIGNALS[..40]);
    let from = text.find("\"seq\":30}").unwrap();
    let changed = format!("{}1{}", &text[..from - 5], &text[from - 4..]);
    let told = fault(&changed).to_string();
    assert_eq!(told, "entry 30 (line 31): its hash is not that of its text: one of them was changed");
}

#[test]
fn entries_that_are_missing_doubled_or_swapped_are_named() {
    let text = sound(&SIGNALS[..6]);
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| format!("{}\n", lines.join("\n"));
    let mut missing = lines.clone();
    missing.remove(4);
    assert_eq!(
        fault(&joined(&missing)),
        Fault { line: 5, seq: Some(4), wrong: Wrong::Numbering { expected: 4, found: 5 } }
    );
    let mut doubled = lines.clone();
    doubled.insert(5, lines[4]);
    assert_eq!(wrong(&joined(&doubled)), Wrong::Numbering { expected: 5, found: 4 });
    let mut swapped = lines.clone();
    swapped.swap(4, 5);
    assert_eq!(wrong(&joined(&swapped)), Wrong::Numbering { expected: 4, found: 5 });
}

#[test]
fn a_ledger_that_was_cut_off_or_goes_on_is_named() {
    let text = sound(&SIGNALS[..6]);
    let end = text.trim_end().rfind('\n').unwrap() + 1;
    assert_eq!(wrong(&text[..end]), Wrong::BrokenOff);
    assert_eq!(wrong(text.trim_end()), Wrong::BrokenOff);
    assert_eq!(wrong(""), Wrong::BrokenOff);
    assert_eq!(wrong(&format!("{text}\n")), Wrong::AfterEnd);
    assert_eq!(wrong(&format!("{text}x")), Wrong::AfterEnd);
    assert_eq!(wrong(&text.replace('\n', "\r\n")), Wrong::Header);
    assert_eq!(wrong(&text[text.find('\n').unwrap() + 1..]), Wrong::Header);
}

#[test]
fn a_link_that_does_not_fit_is_named_though_its_hash_does() {
    let mut book = Book::new();
    book.publish(&signal(0).0);
    book.head = Hash::of("another history");
    book.publish(&signal(1).0);
    assert_eq!(fault(&book.end()), Fault { line: 3, seq: Some(2), wrong: Wrong::Chain });
}

#[test]
fn a_text_in_another_form_is_named_though_its_hash_fits() {
    let (book, ..) = published();
    let line = book.text.lines().nth(1).unwrap();
    let text = line.strip_prefix("{\"entry\":").unwrap().split_once(",\"hash\"").unwrap().0;
    for (written, instead) in [("\"seq\":1", "\"seq\": 1"), ("{\"at\"", "{ \"at\""), ("signal-1", "signal\\u002d1")] {
        let text = text.replace(written, instead);
        let line = entry_line(&text, &Hash::of(&text));
        assert_eq!(wrong(&format!("{}{line}", Book::new().text)), Wrong::NotCanonical, "{line}");
    }
    for (written, instead) in
        [("\"seq\":1", "\"seq\":1,\"too\":1"), ("\"seq\":1", "\"seq\":\"1\""), ("publication", "promise")]
    {
        let text = text.replace(written, instead);
        let line = entry_line(&text, &Hash::of(&text));
        assert!(matches!(wrong(&format!("{}{line}", Book::new().text)), Wrong::Unreadable(_)), "{line}");
    }
}

#[test]
fn content_that_was_not_committed_to_is_named_though_the_chain_is_whole() {
    for change in [
        (|signal: &mut Content| signal.target = signal.price) as fn(&mut Content),
        |signal| signal.rationale.push('.'),
        |signal| signal.strategy_version += 1,
        |signal| signal.confidence_n += 1,
    ] {
        let (mut book, seq, mut signal, ending) = published();
        change(&mut signal);
        book.reveal(seq, &signal, ending);
        assert_eq!(fault(&book.end()), Fault { line: 3, seq: Some(2), wrong: Wrong::Commitment });
    }
    let (mut book, publication, signal, ending) = published();
    let reveal = Reveal { ending, publication, salt: Hash::of("another"), signal };
    book.append(Event::Reveal(Box::new(reveal)));
    assert_eq!(wrong(&book.end()), Wrong::Commitment);
}

#[test]
fn an_outcome_that_the_candles_do_not_give_is_named_though_all_else_fits() {
    let better = |ending: &mut Ending| ending.outcome = Outcome::Target;
    let filled = |ending: &mut Ending| ending.fill_price = Decimal::new(1.0);
    let gained = |ending: &mut Ending| ending.r_multiple = Decimal::new(9.0).unwrap();
    let sooner =
        |ending: &mut Ending| ending.settled_at = engine::ledger::Instant::from_secs(ending.settled_at.secs() - 3_600);
    let lost = SIGNALS.iter().position(|(_, ending)| ending.outcome == Outcome::Stop).unwrap();
    for change in [better as fn(&mut Ending), filled, gained, sooner] {
        let ((signal, mut ending), mut book) = (signal(lost), Book::new());
        let seq = book.publish(&signal);
        change(&mut ending);
        book.reveal(seq, &signal, ending);
        book.sign();
        let text = book.end();
        let found = fault(&text);
        assert_eq!((found.line, found.seq), (3, Some(2)));
        assert!(matches!(found.wrong, Wrong::Candles(_)), "{found}");
        assert_eq!(verify(text.as_bytes(), Markets::default()).fault, None, "without candles nobody can tell");
    }
}

#[test]
fn a_price_that_no_candle_closed_at_is_named() {
    let ((mut signal, ending), mut book) = (signal(0), Book::new());
    signal.price = Decimal::new(signal.price.get() + 0.05).unwrap();
    let seq = book.publish(&signal);
    book.reveal(seq, &signal, ending);
    let found = fault(&book.end());
    assert!(found.to_string().contains("the candles say otherwise"), "{found}");
}

#[test]
fn a_correction_accounts_for_what_candles_say_now() {
    let ((signal, ending), mut book) = (signal(0), Book::new());
    let was = Stated {
        ending: Ending { exit_price: Decimal::new(ending.exit_price.get() + 1.0).unwrap(), ..ending },
        price: Some(signal.price),
    };
    let now = Stated { ending, price: Some(signal.price) };
    let seq = book.publish(&signal);
    book.reveal(seq, &signal, was.ending);
    let uncorrected = Book { text: book.text.clone(), signer: Signer::from_secret(&[7; 32]), ..book };
    assert!(matches!(wrong(&uncorrected.end()), Wrong::Candles(_)));
    let mut false_start = Book { text: book.text.clone(), signer: Signer::from_secret(&[7; 32]), ..book };
    book.correct(seq, was, now);
    let report = check(&book.end());
    assert_eq!((report.fault, report.corrections), (None, 1));
    false_start.correct(seq, now, was);
    assert_eq!(wrong(&false_start.end()), Wrong::OtherThanSaid);
}

#[test]
fn reveals_and_corrections_of_what_was_not_there_are_named() {
    let (mut book, _, signal, ending) = published();
    book.reveal(7, &signal, ending);
    assert_eq!(wrong(&book.end()), Wrong::NotPublished(7));

    let (mut book, seq, signal, ending) = published();
    book.reveal(seq, &signal, ending);
    book.reveal(seq, &signal, ending);
    assert_eq!(fault(&book.end()), Fault { line: 4, seq: Some(3), wrong: Wrong::RevealedTwice(1) });

    let (mut book, _, signal, _) = published();
    book.publish(&signal);
    assert_eq!(wrong(&book.end()), Wrong::PublishedTwice(signal.id));

    let (mut book, _, mut signal, _) = published();
    signal.id = "x".repeat(65);
    book.publish(&signal);
    assert!(matches!(wrong(&book.end()), Wrong::Unreadable(reason) if reason.contains("64 at most")));

    let (mut book, seq, signal, ending) = published();
    let stated = Stated { ending, price: Some(signal.price) };
    book.correct(seq, stated, stated);
    assert_eq!(wrong(&book.end()), Wrong::NotRevealed(1));

    let (mut book, seq, _, ending) = published();
    let (other, _) = SIGNALS[1].clone();
    book.reveal(seq, &other, ending);
    assert!(matches!(wrong(&book.end()), Wrong::OtherSignal { .. }));

    let (mut book, seq, signal, ending) = published();
    book.reveal(seq, &signal, Ending { outcome: Outcome::Open, ..ending });
    assert_eq!(wrong(&book.end()), Wrong::StillOpen);

    let ((mut signal, ending), mut book) = (SIGNALS[0].clone(), Book::new());
    std::mem::swap(&mut signal.stop, &mut signal.target);
    let seq = book.publish(&signal);
    book.reveal(seq, &signal, ending);
    assert_eq!(wrong(&book.end()), Wrong::Terms(TermsError::Order));
}

#[test]
fn checkpoints_are_about_the_entry_before_and_by_a_key_that_is_trusted() {
    let (mut book, ..) = published();
    let text = book.text.clone();
    book.sign();
    let ours = book.signer.public_key();
    let sound = book.end();
    let trusting = |key: PublicKey| {
        let mut verifier = Verifier::new(Markets::default()).trusting([key]);
        verifier.feed(sound.as_bytes());
        verifier.finish()
    };
    assert_eq!(trusting(ours).fault, None);
    let others = Signer::from_secret(&[8; 32]).public_key();
    assert_eq!(trusting(others).fault.map(|fault| fault.wrong), Some(Wrong::UnknownKey(ours)));

    let checkpoint = sound.lines().nth(2).unwrap();
    let end = sound.lines().nth(3).unwrap();
    let twice = format!("{text}{checkpoint}\n{checkpoint}\n{end}\n");
    assert_eq!(fault(&twice), Fault { line: 4, seq: None, wrong: Wrong::Checkpoint });
    let forged = sound.replace(&ours.to_string(), &others.to_string());
    assert_eq!(wrong(&forged), Wrong::Signature);
    // The y coordinate 2 is on no point of the curve.
    let none = format!("02{}", "0".repeat(62));
    assert_eq!(wrong(&sound.replace(&ours.to_string(), &none)), Wrong::NoKey(PublicKey::parse(&none).unwrap()));
}

/// A ledger of publications that is signed after so many of them.
fn signed_after(signed: u64, entries: u64) -> String {
    let mut book = Book::new();
    for (signal, _) in SIGNALS.iter().take(usize::try_from(entries).unwrap()) {
        if book.publish(signal) == signed {
            book.sign();
        }
    }
    book.end()
}

#[test]
fn whoever_demands_signatures_takes_no_ledger_that_was_chained_anew() {
    let demanding = |text: &str| {
        let key = Signer::from_secret(&[7; 32]).public_key();
        let mut verifier = Verifier::new(Markets::default()).trusting([key]).demanding_signatures();
        verifier.feed(text.as_bytes());
        verifier.finish()
    };
    for (signed, entries, wrong) in [
        (0, 0, None),
        (0, 1, Some(Wrong::NothingSigned(1))),
        (0, 100, Some(Wrong::NothingSigned(100))),
        (1, 1 + MAX_UNSIGNED, None),
        (1, 2 + MAX_UNSIGNED, Some(Wrong::TooFewSigned { signed: 1, unsigned: MAX_UNSIGNED + 1 })),
    ] {
        let text = signed_after(signed, entries);
        let report = demanding(&text);
        assert_eq!((report.unsigned(), report.is_no_ledger()), (entries - signed, false));
        assert_eq!(report.fault.map(|fault| (fault.seq, fault.wrong)), wrong.map(|wrong| (None, wrong)), "{signed}");
        assert_eq!(check(&text).fault, None, "nobody who demands nothing is told");
    }
    assert_eq!(wrong(&signed_after(1, 9).replace("signal-9", "signal-8")), Wrong::Hash, "another fault comes first");
}

#[test]
fn a_ledger_passes_through_the_places_that_were_noted() {
    let text = sound(&SIGNALS[..40]);
    let whole = check(&text);
    let passing = |text: &str, place: Place| {
        let mut verifier = Verifier::new(markets()).passing([place]);
        verifier.feed(text.as_bytes());
        verifier.finish().fault
    };
    let head = Place { seq: whole.entries, hash: whole.head };
    assert_eq!(passing(&text, head), None);
    // What was lost is left out and the rest chained and signed anew: as sound as any, and another.
    let won: Vec<_> = SIGNALS[..40].iter().filter(|(_, ending)| ending.outcome != Outcome::Stop).cloned().collect();
    let better = sound(&won);
    assert_eq!(check(&better).fault, None);
    assert_eq!(passing(&better, head).map(|fault| (fault.seq, fault.wrong)), Some((None, Wrong::EndsBefore(head))));
    let early = Place { seq: 30, hash: whole.head };
    let fault = passing(&better, early).unwrap();
    assert_eq!(fault.seq, Some(30));
    assert!(fault.to_string().ends_with(&format!("where {} was noted", whole.head)), "{fault}");
}

#[test]
fn a_place_is_a_number_and_a_hash() {
    let hash = Hash::of("abc");
    let place = Place { seq: 42, hash };
    assert_eq!(place.to_string().parse(), Ok(place));
    for text in ["", "42", "42:", "42:abc", &format!("0:{hash}"), &format!("-1:{hash}"), &format!("{hash}:42")] {
        assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
    }
}

#[test]
fn what_is_no_ledger_at_all_is_told_from_one_that_does_not_hold() {
    let text = sound(&SIGNALS[..2]);
    for other in ["", "x", "<!doctype html>\n", "\u{1f}\u{8b}", &"x".repeat(MAX_LINE + 1), &text[..9]] {
        assert!(check(other).is_no_ledger(), "{other}");
    }
    for ledger in [&text[..], &text[..text.len() - 1], &text.replace("signal-1", "signal-3")] {
        assert!(!check(ledger).is_no_ledger(), "{ledger}");
    }
}

#[test]
fn lines_without_end_and_keys_without_number_are_refused() {
    let long = format!("{}{}", Book::new().text, "x".repeat(MAX_LINE + 1));
    assert_eq!(wrong(&long), Wrong::TooLong);
    let mut book = Book::new();
    for number in 0..70 {
        book.signer = Signer::from_secret(&[number; 32]);
        book.publish(&SIGNALS[usize::from(number)].0);
        book.sign();
    }
    assert_eq!(wrong(&book.end()), Wrong::Keys(64));
}

#[test]
fn a_commitment_tells_nothing_without_its_salt() {
    let (signal, _) = signal(0);
    let mut book = Book::new();
    book.publish(&signal);
    for told in
        [&signal.symbol, signal.side.as_str(), &signal.price.to_string(), &signal.strategy, &salt(&signal).to_string()]
    {
        assert!(!book.text.contains(told), "{told}");
    }
    let guessed = engine::ledger::commitment(&Hash::NONE, &signal).unwrap();
    assert!(!book.text.contains(&guessed.to_string()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(verify(&bytes, markets()).fault.is_some());
    }

    #[test]
    fn any_lines_after_a_sound_beginning_are_answered(text in "(\\{\"(entry|checkpoint|end)\":\\{.{0,80}\\}\n){0,4}") {
        let (book, ..) = published();
        prop_assert!(verify((book.text + &text).as_bytes(), markets()).fault.is_some());
    }

    #[test]
    fn any_changed_byte_of_a_longer_ledger_is_found_on_its_line(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| sound(&SIGNALS[..300]).into_bytes());
        let at = at.index(TEXT.len());
        prop_assume!(TEXT[at] != byte);
        let mut changed = TEXT.clone();
        changed[at] = byte;
        let fault = verify(&changed, Markets::default()).fault;
        prop_assert_eq!(fault.map(|fault| fault.line), Some(line_of(&TEXT, at)));
    }

    #[test]
    fn any_cut_is_found(at in any::<prop::sample::Index>()) {
        static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| sound(&SIGNALS[..300]).into_bytes());
        let at = at.index(TEXT.len());
        prop_assert!(verify(&TEXT[..at], Markets::default()).fault.is_some());
    }

    #[test]
    fn signals_with_any_numbers_are_answered(
        price in any::<f64>(), target in any::<f64>(), stop in any::<f64>(), closed in any::<i64>(), expires in any::<i64>(),
    ) {
        let ((mut signal, ending), mut book) = (SIGNALS[0].clone(), Book::new());
        let (Some(price), Some(target), Some(stop)) = (Decimal::new(price), Decimal::new(target), Decimal::new(stop)) else {
            return Ok(());
        };
        (signal.price, signal.target, signal.stop) = (price, target, stop);
        signal.candle_closed_at = engine::ledger::Instant::from_millis(closed);
        signal.expires_at = engine::ledger::Instant::from_millis(expires);
        let seq = book.publish(&signal);
        book.reveal(seq, &signal, ending);
        let fault = fault(&book.end());
        prop_assert_eq!(fault.line, 3);
        prop_assert!(matches!(fault.wrong, Wrong::Terms(_) | Wrong::Candles(_)), "{}", fault);
    }
}

#[test]
fn a_publication_can_be_read_back() {
    let (book, ..) = published();
    let line = book.text.lines().nth(1).unwrap();
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    let event: Event = serde_json::from_value(value["entry"]["event"].clone()).unwrap();
    assert!(matches!(event, Event::Publication(Publication { signal_id, .. }) if signal_id == "signal-1"));
}
