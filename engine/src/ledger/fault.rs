//! What is wrong with a ledger, and where.

use super::{Hash, MAX_UNSIGNED, Place, PublicKey, Stated};
use crate::TermsError;
use serde::{Serialize, Serializer};

/// The first wrong line and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[error("{}: {wrong}", place(*.line, *.seq))]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// The number of the entry that should stand there; `None` where no entry is meant.
    pub seq: Option<u64>,
    /// What is wrong, as a sentence where it is written.
    #[serde(serialize_with = "as_sentence")]
    pub wrong: Wrong,
}

fn place(line: u64, seq: Option<u64>) -> String {
    seq.map_or_else(|| format!("line {line}"), |seq| format!("entry {seq} (line {line})"))
}

fn as_sentence<S: Serializer>(wrong: &Wrong, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(wrong)
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Wrong {
    /// A line is longer than [`super::MAX_LINE`].
    #[error("the line is longer than any line of a ledger")]
    TooLong,
    /// A line is no UTF-8.
    #[error("the line is no text")]
    NotText,
    /// The first line is another.
    #[error("a ledger begins with {{\"ledger\":{{\"version\":1}}}}")]
    Header,
    /// A line is none of the four kinds.
    #[error("the line is neither an entry with its hash nor a checkpoint with its signature nor the end")]
    NoSuchLine,
    /// A line's JSON cannot be read.
    #[error("the line cannot be read: {0}")]
    Unreadable(String),
    /// The text says what it says in another form than the canonical one.
    #[error("the text is not canonical JSON")]
    NotCanonical,
    /// An entry is missing, doubled or out of its place.
    #[error("its number is {found}, where {expected} is due")]
    Numbering {
        /// The number due.
        expected: u64,
        /// The number there.
        found: u64,
    },
    /// The entry does not follow the one before.
    #[error("it does not name the hash of the entry before it")]
    Chain,
    /// The entry was changed, or its hash.
    #[error("its hash is not that of its text: one of them was changed")]
    Hash,
    /// A signal is published a second time.
    #[error("signal {0} is published a second time")]
    PublishedTwice(String),
    /// A reveal or correction names no publication.
    #[error("entry {0}, which it names, published no signal")]
    NotPublished(u64),
    /// A signal is revealed a second time.
    #[error("the signal of entry {0} is revealed a second time")]
    RevealedTwice(u64),
    /// A correction comes before the reveal.
    #[error("the signal of entry {0} is corrected before it is revealed")]
    NotRevealed(u64),
    /// The content is another signal's.
    #[error("the content is that of signal {revealed}, where {published} was published")]
    OtherSignal {
        /// The name published.
        published: String,
        /// The name revealed.
        revealed: String,
    },
    /// Content and salt do not fit the commitment.
    #[error("the content is not what was committed to at publication")]
    Commitment,
    /// The content cannot be a signal.
    #[error("the content is no signal: {0}")]
    Terms(TermsError),
    /// The ending is none.
    #[error("a signal is revealed that has not ended")]
    StillOpen,
    /// The candles say otherwise.
    #[error("the candles say otherwise: {}", difference(.0))]
    Candles(Box<Disagreement>),
    /// A correction begins from something that the ledger never said.
    #[error("it corrects what the ledger did not say")]
    OtherThanSaid,
    /// A checkpoint is about another entry than the one before it.
    #[error("the checkpoint is not about the entry before it")]
    Checkpoint,
    /// The key cannot be one.
    #[error("{0} is no key")]
    NoKey(PublicKey),
    /// There are more keys than anybody could have used.
    #[error("more than {0} keys have signed")]
    Keys(usize),
    /// The key is none of those that were expected.
    #[error("the checkpoint is signed with {0}, which is none of the keys expected")]
    UnknownKey(PublicKey),
    /// The signature does not fit.
    #[error("the signature does not fit the checkpoint and its key")]
    Signature,
    /// The end says something else of what came before.
    #[error("the end does not fit what came before it")]
    End,
    /// There is something after the end.
    #[error("there is something after the end")]
    AfterEnd,
    /// The entry is another than the one that was noted.
    #[error("its hash is {found}, where {noted} was noted")]
    OtherThanNoted {
        /// The hash there.
        found: Hash,
        /// The hash noted.
        noted: Hash,
    },
    /// An entry that was noted is not there.
    #[error("the ledger ends before entry {}, which was noted with the hash {}", .0.seq, .0.hash)]
    EndsBefore(Place),
    /// None of the keys expected has signed anything.
    #[error("none of the {0} entries is signed by a key expected, so that nothing shows that they are all")]
    NothingSigned(u64),
    /// The newest checkpoint is too old.
    #[error("the {unsigned} entries after entry {signed} are signed by nobody, where {MAX_UNSIGNED} at most may be")]
    TooFewSigned {
        /// The newest entry that a checkpoint covers.
        signed: u64,
        /// How many follow it.
        unsigned: u64,
    },
    /// The end is missing.
    #[error("the ledger breaks off without its end")]
    BrokenOff,
}

/// What the ledger says of a signal, and what the candles say.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The ledger.
    pub said: Stated,
    /// The candles; `None` where by them the signal had not ended.
    pub candles: Option<Stated>,
}

fn difference(of: &Disagreement) -> String {
    let words = |stated: &Stated| {
        let ending = stated.ending;
        let or_none =
            |price: Option<super::Decimal>| price.map_or_else(|| "none".to_owned(), |price| price.to_string());
        format!(
            "{} at {} on {}, R {}, filled at {}, decided at a close of {}",
            ending.outcome,
            ending.exit_price,
            ending.settled_at,
            ending.r_multiple,
            or_none(ending.fill_price),
            or_none(stated.price),
        )
    };
    let candles = of.candles.as_ref().map_or_else(|| "not ended".to_owned(), words);
    format!("{candles}; the ledger says {}", words(&of.said))
}
