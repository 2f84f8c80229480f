//! The record that nobody can quietly edit: what was said, when, and what became of it, chained and signed.
//!
//! **What stands in it.** An [`Entry`] a signal at publication, with a salted commitment to its content
//! ([`Publication`]), and one when it has ended, with that content, the salt and the ending ([`Reveal`]).
//! Where the market data under an ended signal is another later on, a [`Correction`] says what it was and
//! is now; nothing that was written changes. Entries are numbered from 1 without gaps.
//!
//! **How it is chained.** An entry's text is canonical JSON (RFC 8785, by [`canonical`]); its hash is the
//! SHA-256 of that text, and the next entry names it as `prev_hash` (64 zeros before the first). A
//! [`Checkpoint`] signs with Ed25519 how far the chain had come: the signature covers the checkpoint's
//! canonical text, and through the hash every entry before it.
//!
//! **What is committed to.** `commitment` is the SHA-256 of the canonical text of
//! `{"salt":…,"signal":…}`, with 32 random bytes of salt: until the reveal it tells nothing, and after it
//! nothing else fits.
//!
//! **The export** is JSON Lines, UTF-8, every line ended by one line feed, of at most [`MAX_LINE`] bytes,
//! and written exactly so, without a space:
//!
//! ```text
//! {"ledger":{"version":1}}                                    first
//! {"entry":{"at":…,"event":{…},"prev_hash":…,"seq":1},"hash":"…"}
//! {"checkpoint":{"at":…,"hash":…,"key":…,"seq":1},"signature":"…"}  after the entry it is about
//! {"end":{"entries":1,"hash":"…"}}                            last
//! ```
//!
//! Prices, ratios and rates are decimal strings that round-trip ([`Decimal`]); times are RFC 3339 in UTC
//! ([`Instant`]); hashes, salts, keys and signatures are lower-case hex. Whoever has `sha256sum` can check
//! the chain without this program: cut `{"entry":` and `,"hash":"…"}` off a line and hash what is left.
//!
//! **Checking.** [`verify`] reads a whole export; [`Verifier`] takes it in pieces. Either answers a
//! [`Report`] that names the first wrong line and what is wrong with it. What it cannot know: whether
//! entries after the last checkpoint ([`Report::unsigned`]) were all there from the beginning, and whose the
//! key is, unless it is told ([`Verifier::trusting`]). Whoever leaves out what was lost and chains the rest anew
//! makes a ledger without a fault, but not the signatures ([`Verifier::demanding_signatures`]), nor the hash that
//! somebody noted earlier ([`Verifier::passing`]).

mod canonical;
mod checkpoint;
mod decimal;
mod entry;
mod fault;
mod hex;
mod instant;
mod line;
mod markets;
mod place;
mod report;
mod verifier;

pub use canonical::canonical;
pub use checkpoint::{Checkpoint, MAX_UNSIGNED, Signer};
pub use decimal::Decimal;
pub use entry::{Content, Correction, Ending, Entry, Event, Publication, Reveal, Stated, commitment};
pub use fault::{Fault, Wrong};
pub use hex::{Hash, Hex, PublicKey, Salt, Signature};
pub use instant::Instant;
pub use line::{MAX_LINE, checkpoint_line, end_line, entry_line, header_line};
pub use markets::{Markets, stated};
pub use place::{NoPlace, Place};
pub use report::Report;
pub use verifier::{Verifier, verify};
