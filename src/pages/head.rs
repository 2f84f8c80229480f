//! What search engines and link previews read of each page.

/// A page in two sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// As in the browser's tab.
    pub title: &'static str,
    /// In at most 160 characters.
    pub description: &'static str,
    /// Whether search engines should show it.
    pub indexed: bool,
}

/// The pages that search engines should know.
pub const INDEXED: [&str; 10] = [
    "/",
    "/track-record",
    "/strategies",
    "/backtest",
    "/verify",
    "/pricing",
    "/terms",
    "/privacy",
    "/refunds",
    "/risk",
];

/// Of the page at `path`.
pub fn of(path: &str) -> Head {
    let (title, description) = match path {
        "/" => (
            "Trading signals with their record, losers included",
            "Signals for NIFTY, BANKNIFTY, BTC and ETH, each scored by what the market did next. Three looks a day are free.",
        ),
        "/backtest" => (
            "Backtest",
            "Try every strategy on real candles, in your own browser: costs, charts, a heat map, and checks that say whether to believe it.",
        ),
        "/verify" => (
            "Check the record",
            "Check every entry, outcome and signature of the record in your own browser. A single changed byte is found and named.",
        ),
        "/track-record" => (
            "Track record",
            "Every published signal and what became of it: win rate with its interval, expectancy, calibration. Losers included.",
        ),
        "/strategies" => (
            "Strategies",
            "The rules that the signals come from, how they are set, and on which series each is proven, with the reasons.",
        ),
        "/pricing" => ("Pricing", "Free: three looks a day. Pro: every signal the moment it exists. Cancel any time."),
        "/terms" => ("Terms", "What you may expect of us, and we of you."),
        "/privacy" => ("Privacy", "What is kept about you, why, for how long, and how to have it deleted."),
        "/refunds" => ("Refunds", "When and how you get your money back."),
        "/risk" => ("Risk", "Signals are not investment advice. What can go wrong, said plainly."),
        "/signup" => ("Sign up", "Make an account and see three looks at the newest signals a day for nothing."),
        "/login" => ("Log in", "Log in to see your signals."),
        _ => ("Trading signals", "Trading signals with their record, losers included."),
    };
    Head { title, description, indexed: INDEXED.contains(&path) }
}
