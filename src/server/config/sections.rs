//! The sections of the configuration file, with what the environment sets of them.

use super::{
    AccountsConfig, ConfigError, LimitsConfig, MarketConfig, OperatorConfig, PlanConfig, QuotaConfig, RedisConfig,
    SignalsConfig, SiteConfig, StrategyConfig, Variables,
    refusals::{Refusal, Refusals, refused},
};
use crate::domain::time::Timestamp;
use config::{ConfigError as ReadError, Environment as EnvSource, File, FileFormat, Map, Value, ValueKind};
use serde::Deserialize;
use std::{collections::HashMap, net::SocketAddr};

/// The defaults, as shipped.
const DEFAULTS: &str = include_str!("../../../Leptos.toml");

/// What the file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sections {
    pub site: SiteConfig,
    pub operator: OperatorConfig,
    pub accounts: AccountsConfig,
    pub quota: QuotaConfig,
    pub limits: LimitsConfig,
    pub market: MarketConfig,
    pub signals: SignalsConfig,
    pub strategies: Vec<StrategyConfig>,
    pub database: DatabaseSection,
    pub redis: RedisConfig,
    pub plans: HashMap<String, PlanConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatabaseSection {
    pub url: Option<String>,
    pub max_connections: u32,
}

impl Sections {
    /// As shipped.
    pub(super) fn bundled() -> Result<Self, ConfigError> {
        Ok(bundled()?.try_deserialize()?)
    }

    /// The file's, where that does not set them as shipped, and what `variables` set of them. What cannot be read is
    /// refused and left as shipped, so that the next wrong one is told too.
    pub(super) fn read(
        file: config::Config,
        variables: &Variables,
        refusals: &mut Refusals,
    ) -> Result<Self, ConfigError> {
        let shipped = bundled()?.cache;
        let merged = config::Config::builder().add_source(bundled()?).add_source(file).add_source(of(variables));
        let mut sections = merged.build()?.cache;
        loop {
            let error = match Self::deserialize(sections.clone()) {
                Ok(read) => return Ok(read),
                Err(error) => error,
            };
            let refusal = refusal(error);
            put_back(&mut sections, Some(&shipped), &refusal.name);
            // Told twice, putting it back was no help.
            if !refusals.add(refusal) {
                return Self::bundled();
            }
        }
    }
}

fn bundled() -> Result<config::Config, ReadError> {
    config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)).build()
}

/// What stands in the file and is set by a variable, whose name has two underscores before the key.
fn of(variables: &Variables) -> EnvSource {
    let keys = variables.iter().filter(|(name, _)| name.contains("__"));
    EnvSource::with_prefix("SIGNALBOX")
        .prefix_separator("_")
        .separator("__")
        .try_parsing(true)
        .source(Some(keys.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

/// What an error says, and of which key: one that is not known is told as itself, not as its section.
fn refusal(error: ReadError) -> Refusal {
    match error {
        ReadError::Type { unexpected, expected, key, .. } => {
            refused(dotted(key), format!("it is {unexpected}, where {expected} is due"))
        }
        ReadError::At { error, key, .. } => {
            let Refusal { name, problem } = refusal(*error);
            let inside = if name.is_empty() { String::new() } else { format!(".{name}") };
            refused(format!("{}{inside}", dotted(key)), problem)
        }
        ReadError::NotFound(key) => refused(dotted(Some(key)), "it is not set"),
        other => {
            let said = other.to_string();
            let unknown = said.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
            refused(unknown.unwrap_or_default().to_owned(), said)
        }
    }
}

/// A key as it is written elsewhere: `strategies[0].timeframes`, where an error leaves out the dot.
fn dotted(key: Option<String>) -> String {
    key.unwrap_or_default().replace(']', "].").replace("..", ".").trim_end_matches('.').to_owned()
}

/// Makes the value of a key the shipped one again, or of one that is not shipped none; of a list the whole list.
fn put_back(value: &mut Value, shipped: Option<&Value>, key: &str) {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let name = first.split('[').next().unwrap_or_default();
    let ValueKind::Table(table) = &mut value.kind else { return };
    let shipped = shipped.and_then(|shipped| table_of(shipped)?.get(name));
    let inside = table.get_mut(name).filter(|inside| table_of(inside).is_some());
    match (inside, shipped) {
        (Some(inside), Some(shipped)) if !rest.is_empty() && table_of(shipped).is_some() => {
            put_back(inside, Some(shipped), rest);
        }
        (_, Some(shipped)) => drop(table.insert(name.to_owned(), shipped.clone())),
        (_, None) => drop(table.remove(name)),
    }
}

fn table_of(value: &Value) -> Option<&Map<String, Value>> {
    match &value.kind {
        ValueKind::Table(table) => Some(table),
        _ => None,
    }
}

/// An address to listen on.
pub(super) fn address<'de, D: serde::Deserializer<'de>>(value: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(value)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is no address like 127.0.0.1:3000")))
}

/// Where the replay begins.
pub(super) fn market_start<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(value)?;
    Timestamp::parse(&text)
        .map_err(|error| serde::de::Error::custom(format!("`{text}` is {error}, like 2024-06-01T00:00:00Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is refused, as `name: problem`, in order; and whose site it is then.
    fn read(file: &str, set: &[(&str, &str)]) -> (Vec<String>, String) {
        let file = config::Config::builder().add_source(File::from_str(file, FileFormat::Toml)).build().unwrap();
        let variables = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut refusals = Refusals::default();
        let read = Sections::read(file, &variables, &mut refusals).unwrap();
        let said = refusals.to_string();
        let mut lines: Vec<String> = said.lines().map(|line| line.trim().to_owned()).collect();
        lines.sort_unstable();
        (lines, read.site.name)
    }

    #[test]
    fn every_wrong_value_of_the_file_and_the_environment_is_told() {
        let file = "[site]\nname = \"Asha's Desk\"\nadr = 1\n[limits]\nconnections = \"many\"\n\
                    [[strategies]]\nname = \"macd\"\ntimeframes = \"1d\"\n[plans.team]\nname = \"Team\"";
        let set = [
            ("SIGNALBOX_LIMITS__BODY_BYTES", "lots"),
            ("SIGNALBOX_SITE__ADDR", "here"),
            ("SIGNALBOX_SIGNALS__PUBLISH", "some"),
            ("SIGNALBOX_MARKET__START", "yesterday"),
            ("SIGNALBOX_QUOTES__FREE", "5"),
        ];
        let (said, name) = read(file, &set);
        let begins = [
            "limits.body_bytes: it is string \"lots\", where an",
            "limits.connections: it is string \"many\", where an",
            "market.start: `yesterday` is not an RFC 3339 time, like 2024-06-01T00:00:00Z",
            "plans.team.",
            "quotes: unknown field `quotes`, expected one of",
            "signals.publish: `some` is neither all nor proven",
            "site.addr: `here` is no address like 127.0.0.1:3000",
            "site.adr: unknown field `adr`, expected one of",
            "strategies[0].timeframes: ",
        ];
        let told: Vec<&String> = said.iter().filter(|line| !line.contains("settings cannot be")).collect();
        assert_eq!(told.len(), begins.len(), "{said:#?}");
        for (line, begin) in told.into_iter().zip(begins) {
            assert!(line.starts_with(begin), "{line} is not {begin}");
        }
        assert_eq!(name, "Asha's Desk", "what is right is taken");
    }

    #[test]
    fn what_is_right_is_taken_whole() {
        let (said, name) = read("", &[("SIGNALBOX_SITE__NAME", "Desk")]);
        assert_eq!((said[0].as_str(), name.as_str()), ("0 settings cannot be worked with:", "Desk"));
    }
}
