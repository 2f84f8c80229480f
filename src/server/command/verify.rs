//! `signalbox verify`: checks a ledger from a file or from a site, with nothing but this program.

use super::{
    CommandError,
    output::{answer, progress},
    stop::stop_signal,
};
use crate::server::{application::StartError, error::BoxError, market};
use clap::Args;
use engine::ledger::{Fault, Markets, NoPlace, Place, PublicKey, Report, Verifier, Wrong};
use http_body_util::{BodyExt, Empty};
use hyper::body::Body;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{error::Error, io::Read, time::Duration};
use tokio::io::AsyncReadExt;
use url::Url;

/// How long a site may keep silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is said when it was silent longer.
const SILENT: &str = "no answer for half a minute";
/// Bytes of a file read at a time.
const PIECE: usize = 256 * 1024;
/// Where a site has its ledger.
const EXPORT: &str = "/api/v1/ledger/export";
/// Where a site tells of it otherwise.
const PAGES: [&str; 5] = ["", "/api/v1/ledger", "/ledger", "/track-record", "/verify"];
/// How a file begins that gzip made.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Which ledger, and whose.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 when the ledger holds, 1 when it does not, 2 when it could not be looked at.")]
pub struct Verify {
    /// A file, `-` for standard input, or a site's address: https://… (of the site itself, its track record, or the
    /// export).
    ledger: String,
    /// Takes signatures by this key only, as the site publishes it: 64 hex digits. Then the ledger must be signed up to
    /// its newest entries. May be given several times.
    #[arg(long, value_parser = key)]
    key: Vec<PublicKey>,
    /// A place that you noted earlier, such as the `entries` and `hash` of the site's ledger/head: entry SEQ must have
    /// this hash. May be given several times.
    #[arg(long, value_name = "SEQ:HASH", value_parser = place)]
    head: Vec<Place>,
    /// Prints what was found as JSON.
    #[arg(long)]
    json: bool,
}

/// Why a ledger could not be looked at. That one does not hold is none of these.
#[derive(Debug, thiserror::Error)]
enum VerifyError {
    /// It cannot be read.
    #[error("{ledger}: cannot be read: {}", reasons(.source.as_ref()))]
    Unreadable {
        /// As given.
        ledger: String,
        /// What the system or the site said.
        source: BoxError,
    },
    /// It is something else.
    #[error("{ledger}: this is no ledger: {}; a site has its own at {EXPORT}", printable(.fault))]
    NoLedger {
        /// As given.
        ledger: String,
        /// What is wrong with its beginning.
        fault: Fault,
    },
    /// It is compressed.
    #[error("{ledger}: this is compressed: decompress it first, as by gunzip")]
    Compressed {
        /// As given.
        ledger: String,
    },
    /// Somebody stopped it.
    #[error("stopped before the end of the ledger: nothing was shown")]
    Stopped,
}

/// An error and what it came from: a connection's own words say only that there is none.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        said += &format!(": {error}");
        cause = error.source();
    }
    said
}

/// What is wrong, without what a terminal would obey: the ledger may be anybody's.
fn printable(fault: &Fault) -> String {
    let mut said = String::new();
    for letter in fault.to_string().chars() {
        if letter.is_control() { said.extend(letter.escape_default()) } else { said.push(letter) }
    }
    said
}

fn key(text: &str) -> Result<PublicKey, String> {
    PublicKey::parse(text).ok_or_else(|| "a key has 64 hex digits in lower case".to_owned())
}

fn place(text: &str) -> Result<Place, NoPlace> {
    text.parse()
}

impl Verify {
    /// Checks the ledger and prints what it holds.
    ///
    /// # Errors
    /// When it cannot be read, or something is wrong with it; the text names the first wrong entry.
    pub async fn run(self) -> Result<(), CommandError> {
        let stop = stop_signal();
        let report = tokio::select! {
            report = self.check() => report.map_err(CommandError::refused)?,
            // Whoever waits for the answer must not take silence for a good one.
            () = stop.cancelled() => return Err(CommandError::refused(VerifyError::Stopped)),
        };
        answer(|out| {
            if self.json {
                serde_json::to_writer_pretty(&mut *out, &report)?;
                writeln!(out)
            } else {
                writeln!(out, "{}", self.words(&report))
            }
        })?;
        report.fault.map_or(Ok(()), |fault| {
            let source = format!("the ledger is not sound: {}", printable(&fault)).into();
            Err(StartError::Part { part: "verify", source }.into())
        })
    }

    /// What there is to say of the ledger, sound or not.
    async fn check(&self) -> Result<Report, VerifyError> {
        let ledger = || self.ledger.clone();
        let unreadable = |source| VerifyError::Unreadable { ledger: ledger(), source };
        let mut checking = Checking::new(self.verifier(markets().map_err(unreadable)?));
        match Url::parse(&self.ledger) {
            Ok(url) if ["http", "https"].contains(&url.scheme()) => fetch(url, &mut checking).await,
            _ if self.ledger == "-" => read_input(&mut checking).await,
            _ => read(&self.ledger, &mut checking).await,
        }
        .map_err(unreadable)?;
        checking.bar.finish_and_clear();
        let report = checking.verifier.finish();
        match &report.fault {
            Some(_) if checking.compressed == Some(true) => Err(VerifyError::Compressed { ledger: ledger() }),
            Some(fault) if report.is_no_ledger() => {
                Err(VerifyError::NoLedger { ledger: ledger(), fault: fault.clone() })
            }
            _ => Ok(report),
        }
    }

    fn verifier(&self, markets: Markets) -> Verifier {
        let verifier = Verifier::new(markets).trusting(self.key.iter().copied()).passing(self.head.iter().copied());
        // Of a site without a key to hold it to, anybody can have made all of it, signatures included.
        if self.key.is_empty() { verifier } else { verifier.demanding_signatures() }
    }

    fn words(&self, report: &Report) -> String {
        let mut lines = vec![found(report)];
        lines.extend(match report.unsigned() {
            // What is signed wrongly is told of above.
            _ if wrong_signature(report).is_some() => None,
            0 => None,
            1 => Some("not shown: 1 entry at the end is signed by nobody".to_owned()),
            entries => Some(format!("not shown: {entries} entries at the end are signed by nobody")),
        });
        if self.key.is_empty() && !report.keys.is_empty() {
            lines.push("not shown: whose key that is; --key takes the site's, as you noted it earlier".to_owned());
        }
        lines.join("\n")
    }
}

/// The bundled candles.
fn markets() -> Result<Markets, BoxError> {
    let mut markets = Markets::default();
    for (symbol, candles) in market::bundled()? {
        markets.insert(symbol, candles);
    }
    Ok(markets)
}

/// A ledger on its way through the verifier.
struct Checking {
    verifier: Verifier,
    /// Tells how far it is, where somebody sees it.
    bar: ProgressBar,
    /// Whether it begins as gzip's files do, once it has begun.
    compressed: Option<bool>,
}

impl Checking {
    fn new(verifier: Verifier) -> Self {
        let bar = match ProgressStyle::with_template("checking {spinner} {msg}") {
            Ok(style) => ProgressBar::no_length().with_style(style),
            Err(_) => ProgressBar::no_length(),
        };
        Self { verifier, bar, compressed: None }
    }

    /// Takes note of how many bytes are to come, where that is known.
    fn expect(&mut self, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            self.bar = progress("checking", bytes);
        }
    }

    /// Checks a piece; whether there is reason to go on.
    fn take(&mut self, piece: &[u8]) -> bool {
        self.compressed.get_or_insert_with(|| piece.starts_with(GZIP));
        let well = self.verifier.feed(piece);
        self.bar.inc(piece.len() as u64);
        if self.bar.length().is_none() {
            self.bar.set_message(format!("{} entries", self.verifier.entries()));
        }
        well
    }
}

/// Reads standard input, in a thread of its own each time: a stop need not wait for whoever writes it.
async fn read_input(checking: &mut Checking) -> Result<(), BoxError> {
    loop {
        let read = tokio::task::spawn_blocking(|| {
            let mut piece = vec![0; PIECE];
            std::io::stdin().read(&mut piece).map(|length| {
                piece.truncate(length);
                piece
            })
        });
        let piece = read.await??;
        if piece.is_empty() || !checking.take(&piece) {
            return Ok(());
        }
    }
}

async fn read(path: &str, checking: &mut Checking) -> Result<(), BoxError> {
    let mut file = tokio::fs::File::open(path).await?;
    let told = file.metadata().await?;
    checking.expect(told.is_file().then_some(told.len()));
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).await?;
        if length == 0 || !checking.take(&piece[..length]) {
            return Ok(());
        }
    }
}

/// Where the ledger is of which an address tells.
fn export_of(mut url: Url) -> Url {
    if PAGES.contains(&url.path().trim_end_matches('/')) {
        url.set_path(EXPORT);
        url.set_query(None);
    }
    url
}

async fn fetch(url: Url, checking: &mut Checking) -> Result<(), BoxError> {
    let url = export_of(url);
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(PATIENCE));
    let connector =
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(connector);
    let client: Client<_, Empty<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let answer = tokio::time::timeout(PATIENCE, client.get(url.as_str().parse()?)).await.map_err(|_| SILENT)??;
    if answer.status() != http::StatusCode::OK {
        return Err(format!("answered {}; the ledger is at {EXPORT} of a site", answer.status()).into());
    }
    let mut body = answer.into_body();
    checking.expect(body.size_hint().exact());
    while let Some(frame) = tokio::time::timeout(PATIENCE, body.frame()).await.map_err(|_| SILENT)? {
        if let Some(piece) = frame?.data_ref()
            && !checking.take(piece)
        {
            break;
        }
    }
    Ok(())
}

/// What a signature is that was not taken.
fn wrong_signature(report: &Report) -> Option<String> {
    match &report.fault.as_ref()?.wrong {
        Wrong::UnknownKey(key) => Some(format!("signed by another key than expected, {key}")),
        Wrong::NoKey(key) => Some(format!("signed by {key}, which is no key")),
        Wrong::Signature => Some("signed by a signature that does not fit".to_owned()),
        _ => None,
    }
}

/// Who signed how much of it, and what is signed otherwise.
fn signed(report: &Report) -> String {
    let keys: Vec<String> = report.keys.iter().map(ToString::to_string).collect();
    let rightly = (report.signed > 0).then(|| format!("signed up to entry {} by {}", report.signed, keys.join(", ")));
    match (rightly, wrong_signature(report)) {
        (Some(rightly), Some(wrong)) => format!("{rightly}; entry {} is {wrong}", report.entries),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "nothing is signed".to_owned(),
    }
}

fn found(report: &Report) -> String {
    let outcome = if report.holds() { "sound" } else { "not sound; what holds up to the fault" };
    format!(
        "{outcome}: {} entries, of them {} publications, {} reveals, {} corrections\n\
         the signals came to: {}; all together {}\n\
         {} outcomes are what the bundled candles say; for {} there are no candles\n\
         {}; checkpoints: {}\n\
         newest entry: {}",
        report.entries,
        report.publications,
        report.reveals,
        report.corrections,
        report.outcomes(),
        report.together(),
        report.outcomes_checked,
        report.outcomes_unchecked,
        signed(report),
        report.checkpoints,
        report.head,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sites_pages_of_the_record_lead_to_its_ledger() {
        let of = |address: &str| export_of(address.parse().unwrap()).to_string();
        for page in ["", "/", "/api/v1/ledger", "/ledger/", "/track-record?symbol=NIFTY", "/verify", EXPORT] {
            assert_eq!(
                of(&format!("https://signals.example:8443{page}")),
                format!("https://signals.example:8443{EXPORT}")
            );
        }
        for other in ["https://signals.example/pricing", "https://signals.example/copies/ledger.jsonl?day=1"] {
            assert_eq!(of(other), other);
        }
    }

    #[test]
    fn a_terminal_obeys_no_ledger() {
        let name = "\u{1b}[2K\rsound:\n1,191 entries".to_owned();
        let said = printable(&Fault { line: 3, seq: Some(2), wrong: Wrong::PublishedTwice(name) });
        assert_eq!(said, "entry 2 (line 3): signal \\u{1b}[2K\\rsound:\\n1,191 entries is published a second time");
    }
}
