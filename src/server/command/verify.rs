//! `signalbox verify`: checks a ledger from a file or from a site, with nothing but this program.

use crate::server::{application::StartError, error::BoxError, market};
use clap::Args;
use engine::ledger::{Markets, PublicKey, Report, Verifier};
use http_body_util::{BodyExt, Empty};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::{io::IsTerminal, time::Duration};
use tokio::io::AsyncReadExt;
use url::Url;

/// How long a site may keep silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a file read at a time.
const PIECE: usize = 256 * 1024;
/// Entries between two signs of progress.
const STEP: u64 = 10_000;
/// Where a site has its ledger.
const EXPORT: &str = "/api/v1/ledger/export";

/// Which ledger, and whose.
#[derive(Debug, Args)]
pub struct Verify {
    /// A file, or a site's address: https://… (of the site itself, or of the export).
    ledger: String,
    /// Takes signatures by this key only, as the site publishes it: 64 hex digits. May be given several times.
    #[arg(long, value_parser = key)]
    key: Vec<PublicKey>,
    /// Prints what was found as JSON.
    #[arg(long)]
    json: bool,
}

fn key(text: &str) -> Result<PublicKey, String> {
    PublicKey::parse(text).ok_or_else(|| "a key has 64 hex digits in lower case".to_owned())
}

impl Verify {
    /// Checks the ledger and prints what it holds.
    ///
    /// # Errors
    /// When it cannot be read, or something is wrong with it; the text names the first wrong entry.
    pub async fn run(self) -> Result<(), StartError> {
        let failed = |source: BoxError| StartError::Part { part: "verify", source };
        let mut checking = Checking::new(markets().map_err(failed)?, &self.key);
        match Url::parse(&self.ledger) {
            Ok(url) if ["http", "https"].contains(&url.scheme()) => fetch(url, &mut checking).await,
            _ => read(&self.ledger, &mut checking).await,
        }
        .map_err(|source| failed(format!("{}: {source}", self.ledger).into()))?;
        let report = checking.verifier.finish();
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report).map_err(|error| failed(error.into()))?);
        } else {
            println!("{}", words(&report));
        }
        report.fault.map_or(Ok(()), |fault| Err(failed(format!("the ledger is not sound: {fault}").into())))
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

/// A ledger on its way through the verifier, and how far that was told.
struct Checking {
    verifier: Verifier,
    told: u64,
}

impl Checking {
    fn new(markets: Markets, keys: &[PublicKey]) -> Self {
        Self { verifier: Verifier::new(markets).trusting(keys.iter().copied()), told: 0 }
    }

    /// Checks a piece; whether there is reason to go on.
    fn take(&mut self, piece: &[u8]) -> bool {
        let well = self.verifier.feed(piece);
        let entries = self.verifier.entries();
        if entries >= self.told + STEP && std::io::stderr().is_terminal() {
            self.told = entries;
            eprintln!("{entries} entries hold so far");
        }
        well
    }
}

async fn read(path: &str, checking: &mut Checking) -> Result<(), BoxError> {
    let mut file = tokio::fs::File::open(path).await?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).await?;
        if length == 0 || !checking.take(&piece[..length]) {
            return Ok(());
        }
    }
}

async fn fetch(mut url: Url, checking: &mut Checking) -> Result<(), BoxError> {
    if url.path() == "/" {
        url.set_path(EXPORT);
    }
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(PATIENCE));
    let connector =
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(connector);
    let client: Client<_, Empty<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let answer = tokio::time::timeout(PATIENCE, client.get(url.as_str().parse()?)).await??;
    if answer.status() != http::StatusCode::OK {
        return Err(format!("answered {}; the ledger is at {EXPORT} of a site", answer.status()).into());
    }
    let mut body = answer.into_body();
    while let Some(frame) = tokio::time::timeout(PATIENCE, body.frame()).await? {
        if let Some(piece) = frame?.data_ref()
            && !checking.take(piece)
        {
            break;
        }
    }
    Ok(())
}

fn words(report: &Report) -> String {
    let keys: Vec<String> = report.keys.iter().map(ToString::to_string).collect();
    let outcome = if report.holds() { "sound" } else { "not sound; what holds up to the fault" };
    let signed = match &keys[..] {
        [] => "nothing is signed yet".to_owned(),
        keys => format!("signed up to entry {} by {}", report.signed, keys.join(", ")),
    };
    format!(
        "{outcome}: {} entries, of them {} publications, {} reveals, {} corrections\n\
         {} outcomes are what the bundled candles say; for {} there are no candles\n\
         {signed}; checkpoints: {}\n\
         newest entry: {}",
        report.entries,
        report.publications,
        report.reveals,
        report.corrections,
        report.outcomes_checked,
        report.outcomes_unchecked,
        report.checkpoints,
        report.head,
    )
}
