//! Writes ledgers as a publisher would, and in the wrong way where a test asks for it.

use engine::ledger::{
    Content, Correction, Decimal, Ending, Entry, Event, Hash, Instant, Markets, Publication, Reveal, Salt, Signer,
    Stated, canonical, checkpoint_line, commitment, end_line, entry_line, header_line,
};
use engine::{Candles, Timeframe, history, strategy};
use std::sync::{Arc, LazyLock};

const SERIES: [(&str, Timeframe, &str); 2] = [
    ("NIFTY", Timeframe::Day, include_str!("../../data/NIFTY_1d.csv")),
    ("BTC/USDT", Timeframe::Hour, include_str!("../../data/BTCUSDT_1h.csv")),
];

/// Two bundled series, as the verifier takes them.
pub fn markets() -> Markets {
    static MARKETS: LazyLock<Markets> = LazyLock::new(|| {
        let mut markets = Markets::default();
        for (symbol, timeframe, text) in SERIES {
            markets.insert(symbol, Arc::new(Candles::parse_csv(text, timeframe).unwrap()));
        }
        markets
    });
    MARKETS.clone()
}

/// Every ended signal that the bundled strategies made of those series, with its ending.
pub fn ended() -> Vec<(Content, Ending)> {
    let mut ended = Vec::new();
    for (symbol, timeframe, text) in SERIES {
        let candles = Candles::parse_csv(text, timeframe).unwrap();
        for strategy in strategy::all() {
            for entry in history::run(strategy.as_ref(), candles.view()) {
                let Some(settlement) = entry.settlement else { continue };
                let number = ended.len() + 1;
                let proposal = entry.proposal;
                let content = Content {
                    candle_closed_at: Instant::from_secs(proposal.candle_closed_at),
                    confidence: Decimal::new(0.5625).filter(|_| number.is_multiple_of(2)),
                    confidence_n: 12,
                    confidence_reason: (!number.is_multiple_of(2)).then(|| "only 3 like it".to_owned()),
                    expires_at: Instant::from_secs(proposal.expires_at),
                    id: format!("signal-{number}"),
                    price: Decimal::new(proposal.price).unwrap(),
                    published_at: Instant::from_millis(proposal.candle_closed_at * 1_000 + 250),
                    rationale: proposal.rationale,
                    replay: true,
                    risk_reward: Decimal::new(proposal.risk_reward).unwrap(),
                    seq: u64::try_from(number).unwrap(),
                    side: proposal.side,
                    stop: Decimal::new(proposal.stop).unwrap(),
                    strategy: strategy.name().to_owned(),
                    strategy_version: strategy.version(),
                    symbol: symbol.to_owned(),
                    target: Decimal::new(proposal.target).unwrap(),
                    timeframe,
                };
                ended.push((content, Ending::new(entry.fill_price, settlement).unwrap()));
            }
        }
    }
    ended
}

/// A ledger in the making.
pub struct Book {
    pub text: String,
    pub seq: u64,
    pub head: Hash,
    pub signer: Signer,
}

impl Book {
    pub fn new() -> Self {
        Self { text: header_line(), seq: 0, head: Hash::NONE, signer: Signer::from_secret(&[7; 32]) }
    }

    /// Appends an entry; its number.
    pub fn append(&mut self, event: Event) -> u64 {
        let at = Instant::from_millis(1_717_200_000_000 + i64::try_from(self.seq).unwrap() * 1_500);
        self.seq += 1;
        let entry = Entry { at, event, prev_hash: self.head, seq: self.seq };
        let text = canonical(&entry).unwrap();
        self.head = Hash::of(&text);
        self.text.push_str(&entry_line(&text, &self.head));
        self.seq
    }

    pub fn publish(&mut self, signal: &Content) -> u64 {
        let commitment = commitment(&salt(signal), signal).unwrap();
        self.append(Event::Publication(Publication { commitment, signal_id: signal.id.clone() }))
    }

    pub fn reveal(&mut self, publication: u64, signal: &Content, ending: Ending) -> u64 {
        let reveal = Reveal { ending, publication, salt: salt(signal), signal: signal.clone() };
        self.append(Event::Reveal(Box::new(reveal)))
    }

    pub fn correct(&mut self, publication: u64, was: Stated, now: Stated) -> u64 {
        let reason = "The exchange mended its candles.".to_owned();
        self.append(Event::Correction(Box::new(Correction { now, publication, reason, was })))
    }

    pub fn sign(&mut self) {
        let at = Instant::from_secs(1_717_300_000);
        let (checkpoint, signature) = self.signer.sign(self.seq, self.head, at).unwrap();
        self.text.push_str(&checkpoint_line(&checkpoint, &signature).unwrap());
    }

    pub fn end(mut self) -> String {
        self.text.push_str(&end_line(self.seq, self.head).unwrap());
        self.text
    }
}

/// Another for each signal, and the same in every run.
pub fn salt(signal: &Content) -> Salt {
    Hash::of(&signal.id)
}

/// A sound ledger of `signals`: each published, and revealed two signals later; signed now and then and at its end.
pub fn sound(signals: &[(Content, Ending)]) -> String {
    let mut book = Book::new();
    let mut waiting = std::collections::VecDeque::new();
    for (signal, ending) in signals {
        waiting.push_back((book.publish(signal), signal, *ending));
        if waiting.len() > 2
            && let Some((publication, signal, ending)) = waiting.pop_front()
        {
            let seq = book.reveal(publication, signal, ending);
            if seq.is_multiple_of(64) {
                book.sign();
            }
        }
    }
    for (publication, signal, ending) in waiting {
        book.reveal(publication, signal, ending);
    }
    book.sign();
    book.end()
}
