//! Walks a ledger, line by line.

use super::{
    Checkpoint, Correction, Entry, Event, Fault, Hash, MAX_LINE, MAX_UNSIGNED, Markets, Place, PublicKey, Publication,
    Report, Reveal, Signature, Stated, Wrong,
    checkpoint::Key,
    commitment,
    fault::Disagreement,
    line::{End, Line, header_line},
    markets::{Judgement, Witness},
};
use crate::Outcome;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The longest name of a signal: all of them are kept to the end, whoever wrote them.
const LONGEST_NAME: usize = 64;

/// Keys that may have signed one ledger: more would only be there to cost time.
const MAX_KEYS: usize = 64;

/// Checks a whole export, outcomes too where `markets` has candles.
#[must_use]
pub fn verify(export: &[u8], markets: Markets) -> Report {
    let mut verifier = Verifier::new(markets);
    verifier.feed(export);
    verifier.finish()
}

/// Checks an export that comes in pieces, in memory that grows with the number of signals, not with their text.
pub struct Verifier {
    markets: Markets,
    trusted: Vec<PublicKey>,
    demands_signatures: bool,
    noted: Vec<Place>,
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
    line: u64,
    report: Report,
    keys: Vec<Key>,
    ended: bool,
    names: HashSet<String>,
    /// Every published signal, by the number of its entry.
    signals: HashMap<u64, Known>,
    /// Signals of which the candles say otherwise, under the entry that last said so and its line. A later
    /// correction may account for it, so that they are faults at the end only.
    doubts: BTreeMap<u64, (u64, Box<Disagreement>)>,
}

/// What is known of a published signal.
enum Known {
    Committed { commitment: Hash, name: String },
    Revealed(Box<Revealed>),
}

struct Revealed {
    /// The entry that last said what became of it.
    said_in: u64,
    said: Stated,
    /// `None` where there are no candles to ask.
    witness: Option<Witness>,
}

impl Verifier {
    /// At the beginning of an export.
    #[must_use]
    pub fn new(markets: Markets) -> Self {
        let report = Report {
            entries: 0,
            publications: 0,
            reveals: 0,
            won: 0,
            lost: 0,
            expired: 0,
            total_r: 0.0,
            corrections: 0,
            checkpoints: 0,
            signed: 0,
            outcomes_checked: 0,
            outcomes_unchecked: 0,
            head: Hash::NONE,
            keys: Vec::new(),
            fault: None,
        };
        Self {
            markets,
            trusted: Vec::new(),
            demands_signatures: false,
            noted: Vec::new(),
            rest: Vec::new(),
            line: 0,
            report,
            keys: Vec::new(),
            ended: false,
            names: HashSet::new(),
            signals: HashMap::new(),
            doubts: BTreeMap::new(),
        }
    }

    /// Takes checkpoints by these keys only. With none, any key is taken, and the report says which signed.
    #[must_use]
    pub fn trusting(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        self.trusted.extend(keys);
        self
    }

    /// Takes no ledger of which nothing is signed though there are entries, or more than [`MAX_UNSIGNED`] at its end
    /// are not. One that is published just now may have more for a moment.
    #[must_use]
    pub fn demanding_signatures(mut self) -> Self {
        self.demands_signatures = true;
        self
    }

    /// Takes no ledger that does not pass through these places.
    #[must_use]
    pub fn passing(mut self, places: impl IntoIterator<Item = Place>) -> Self {
        self.noted.extend(places);
        self
    }

    /// Entries checked so far.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.report.entries
    }

    /// Takes the next piece of the export, wherever it was cut; whether all is well so far. After a fault nothing
    /// more is looked at.
    pub fn feed(&mut self, mut piece: &[u8]) -> bool {
        while self.report.fault.is_none() && !piece.is_empty() {
            let end = piece.iter().position(|byte| *byte == b'\n');
            let part = &piece[..end.unwrap_or(piece.len())];
            if self.rest.len() + part.len() > MAX_LINE {
                self.line += 1;
                self.wrong(Wrong::TooLong);
                break;
            }
            let Some(end) = end else {
                self.rest.extend_from_slice(part);
                break;
            };
            if self.rest.is_empty() {
                self.take(part);
            } else {
                let mut line = std::mem::take(&mut self.rest);
                line.extend_from_slice(part);
                self.take(&line);
                line.clear();
                self.rest = line;
            }
            piece = &piece[end + 1..];
        }
        self.report.fault.is_none()
    }

    /// Says that this was all.
    #[must_use]
    pub fn finish(mut self) -> Report {
        if self.report.fault.is_none() && (!self.ended || !self.rest.is_empty()) {
            self.line += 1;
            let begun = self.line > 1 || header_line().as_bytes().starts_with(&self.rest);
            self.wrong(if self.ended {
                Wrong::AfterEnd
            } else if begun {
                Wrong::BrokenOff
            } else {
                Wrong::Header
            });
        }
        if self.report.fault.is_none()
            && let Some((seq, (line, doubt))) = self.doubts.pop_first()
        {
            self.report.fault = Some(Fault { line, seq: Some(seq), wrong: Wrong::Candles(doubt) });
        }
        if self.report.fault.is_none()
            && let Some(wrong) = self.lacking()
        {
            self.wrong(wrong);
        }
        self.report
    }

    /// What is asked of the whole, and is not there.
    fn lacking(&self) -> Option<Wrong> {
        let Report { entries, signed, .. } = self.report;
        if let Some(place) = self.noted.iter().find(|place| place.seq > entries) {
            return Some(Wrong::EndsBefore(*place));
        }
        match self.report.unsigned() {
            _ if !self.demands_signatures => None,
            unsigned if unsigned > 0 && signed == 0 => Some(Wrong::NothingSigned(unsigned)),
            unsigned if unsigned > MAX_UNSIGNED => Some(Wrong::TooFewSigned { signed, unsigned }),
            _ => None,
        }
    }

    fn take(&mut self, line: &[u8]) {
        self.line += 1;
        if let Err(wrong) = self.check(line) {
            self.wrong(wrong);
        }
    }

    fn wrong(&mut self, wrong: Wrong) {
        let about_entry = !matches!(
            wrong,
            Wrong::Header
                | Wrong::Checkpoint
                | Wrong::NoKey(_)
                | Wrong::Keys(_)
                | Wrong::UnknownKey(_)
                | Wrong::Signature
                | Wrong::End
                | Wrong::AfterEnd
                | Wrong::EndsBefore(_)
                | Wrong::NothingSigned(_)
                | Wrong::TooFewSigned { .. }
                | Wrong::BrokenOff
        );
        let seq = about_entry.then_some(self.report.entries + 1);
        self.report.fault = Some(Fault { line: self.line, seq, wrong });
    }

    fn check(&mut self, line: &[u8]) -> Result<(), Wrong> {
        if self.ended {
            return Err(Wrong::AfterEnd);
        }
        match (self.line, Line::read(line)) {
            (1, Ok(Line::Header)) => Ok(()),
            (1, _) => Err(Wrong::Header),
            (_, Ok(Line::Header)) => Err(Wrong::NoSuchLine),
            (_, Ok(Line::Entry(entry, hash))) => self.entry(*entry, hash),
            (_, Ok(Line::Checkpoint(checkpoint, text, signature))) => self.checkpoint(&checkpoint, text, &signature),
            (_, Ok(Line::End(end))) => self.end(end),
            (_, Err(wrong)) => Err(wrong),
        }
    }

    fn entry(&mut self, entry: Entry, hash: Hash) -> Result<(), Wrong> {
        let expected = self.report.entries + 1;
        if entry.seq != expected {
            return Err(Wrong::Numbering { expected, found: entry.seq });
        }
        if entry.prev_hash != self.report.head {
            return Err(Wrong::Chain);
        }
        if let Some(place) = self.noted.iter().find(|place| place.seq == expected && place.hash != hash) {
            return Err(Wrong::OtherThanNoted { found: hash, noted: place.hash });
        }
        match entry.event {
            Event::Publication(publication) => self.publication(expected, publication)?,
            Event::Reveal(reveal) => self.reveal(expected, &reveal)?,
            Event::Correction(correction) => self.correction(expected, &correction)?,
        }
        self.report.entries = expected;
        self.report.head = hash;
        Ok(())
    }

    fn publication(&mut self, seq: u64, publication: Publication) -> Result<(), Wrong> {
        let Publication { commitment, signal_id: name } = publication;
        if name.len() > LONGEST_NAME {
            return Err(Wrong::Unreadable(format!("a signal's name has {} bytes, {LONGEST_NAME} at most", name.len())));
        }
        if !self.names.insert(name.clone()) {
            return Err(Wrong::PublishedTwice(name));
        }
        self.signals.insert(seq, Known::Committed { commitment, name });
        self.report.publications += 1;
        Ok(())
    }

    fn reveal(&mut self, seq: u64, reveal: &Reveal) -> Result<(), Wrong> {
        let Reveal { ending, publication, salt, signal } = reveal;
        match self.signals.get(publication) {
            None => return Err(Wrong::NotPublished(*publication)),
            Some(Known::Revealed(_)) => return Err(Wrong::RevealedTwice(*publication)),
            Some(Known::Committed { name, .. }) if *name != signal.id => {
                return Err(Wrong::OtherSignal { published: name.clone(), revealed: signal.id.clone() });
            }
            Some(Known::Committed { commitment: committed, .. }) => {
                let fits = commitment(salt, signal).is_ok_and(|of_this| of_this == *committed);
                if !fits {
                    return Err(Wrong::Commitment);
                }
            }
        }
        signal.terms().check().map_err(Wrong::Terms)?;
        if ending.outcome == Outcome::Open {
            return Err(Wrong::StillOpen);
        }
        let said = Stated { ending: *ending, price: Some(signal.price) };
        let revealed = Revealed { said_in: seq, said, witness: self.markets.witness(signal) };
        match self.state(*publication, revealed) {
            Judgement::Unknown => self.report.outcomes_unchecked += 1,
            Judgement::Agrees | Judgement::Otherwise(_) => self.report.outcomes_checked += 1,
        }
        self.report.count(ending);
        Ok(())
    }

    fn correction(&mut self, seq: u64, correction: &Correction) -> Result<(), Wrong> {
        let Correction { now, publication, was, .. } = correction;
        let witness = match self.signals.get(publication) {
            None => return Err(Wrong::NotPublished(*publication)),
            Some(Known::Committed { .. }) => return Err(Wrong::NotRevealed(*publication)),
            Some(Known::Revealed(revealed)) if revealed.said != *was => return Err(Wrong::OtherThanSaid),
            Some(Known::Revealed(revealed)) => {
                self.doubts.remove(&revealed.said_in);
                revealed.witness
            }
        };
        self.state(*publication, Revealed { said_in: seq, said: *now, witness });
        self.report.corrections += 1;
        Ok(())
    }

    /// Notes what is said of a signal, and whether the candles agree.
    fn state(&mut self, publication: u64, revealed: Revealed) -> Judgement {
        let judgement = revealed.witness.map_or(Judgement::Unknown, |witness| witness.judge(&revealed.said));
        if let Judgement::Otherwise(candles) = judgement {
            let doubt = Disagreement { said: revealed.said, candles };
            self.doubts.insert(revealed.said_in, (self.line, Box::new(doubt)));
        }
        self.signals.insert(publication, Known::Revealed(Box::new(revealed)));
        judgement
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint, text: &str, signature: &Signature) -> Result<(), Wrong> {
        let Report { entries, head, signed, .. } = self.report;
        if checkpoint.seq != entries || checkpoint.hash != head || checkpoint.seq <= signed {
            return Err(Wrong::Checkpoint);
        }
        if !self.trusted.is_empty() && !self.trusted.contains(&checkpoint.key) {
            return Err(Wrong::UnknownKey(checkpoint.key));
        }
        if !self.key(checkpoint.key)?.signed(text, signature) {
            return Err(Wrong::Signature);
        }
        self.report.checkpoints += 1;
        self.report.signed = entries;
        Ok(())
    }

    fn key(&mut self, name: PublicKey) -> Result<&Key, Wrong> {
        let known = self.keys.iter().position(|key| key.name() == name);
        let at = match known {
            Some(at) => at,
            None if self.keys.len() == MAX_KEYS => return Err(Wrong::Keys(MAX_KEYS)),
            None => {
                self.keys.push(Key::read(name).ok_or(Wrong::NoKey(name))?);
                self.report.keys.push(name);
                self.keys.len() - 1
            }
        };
        Ok(&self.keys[at])
    }

    fn end(&mut self, end: End) -> Result<(), Wrong> {
        if end != (End { entries: self.report.entries, hash: self.report.head }) {
            return Err(Wrong::End);
        }
        self.ended = true;
        Ok(())
    }
}
