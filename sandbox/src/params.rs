use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::stripe_error::StripeError;

/// The parameters of a call, or a group within them. Reading a wrong one gives Stripe's error for it.
#[derive(Debug, Clone, Default)]
pub struct Params {
    prefix: String,
    fields: Map<String, Value>,
}

impl Params {
    /// The parameters of a call.
    pub fn new(fields: Map<String, Value>) -> Self {
        Self { prefix: String::new(), fields }
    }

    /// Refuses parameters that are not among these; `expand` is always one.
    pub fn only(&self, known: &[&str]) -> Result<(), StripeError> {
        let unknown = self.fields.keys().find(|name| *name != "expand" && !known.contains(&name.as_str()));
        match unknown {
            None => Ok(()),
            Some(name) => {
                let path = self.path(name);
                Err(StripeError::parameter(&path, "parameter_unknown", format!("Received unknown parameter: {path}")))
            }
        }
    }

    /// Refuses what [`Params::only`] refuses, and in words of their own Stripe's parameters that the sandbox
    /// does nothing with. Given empty, which takes them back, they are as good as not given.
    pub fn serves(&self, known: &[&str], unserved: &[&str]) -> Result<(), StripeError> {
        let given = |name: &&&str| self.fields.get(**name).is_some_and(|value| value.as_str() != Some(""));
        if let Some(name) = unserved.iter().find(given) {
            return Err(StripeError::unserved(&self.path(name)));
        }
        self.only(&[known, unserved].concat())
    }

    /// A parameter that the sandbox serves with these words only.
    pub fn fixed(&self, name: &str, served: &[&str]) -> Result<Option<String>, StripeError> {
        let word = self.text(name)?;
        if word.as_deref().is_some_and(|word| !served.contains(&word)) {
            let message = format!("The sandbox serves {} only as {}.", self.path(name), served.join(" or "));
            return Err(StripeError::invalid(message).with("param", self.path(name)));
        }
        Ok(word)
    }

    /// Refuses to turn on any of these, each a group with an `enabled`.
    pub fn stay_off(&self, names: &[&str]) -> Result<(), StripeError> {
        names.iter().try_for_each(|name| self.group(name)?.fixed("enabled", &["false"]).map(drop))
    }

    /// The name of a field as the caller wrote it, such as `line_items[0][price]`.
    pub fn path(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.prefix) }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether a parameter was given, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A text that was given and is not empty.
    pub fn text(&self, name: &str) -> Result<Option<String>, StripeError> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if text.len() <= 5000 => Ok(Some(text.clone())),
            Some(Value::String(_)) => {
                let path = self.path(name);
                Err(StripeError::parameter(
                    &path,
                    "parameter_invalid_string",
                    "Invalid string: it may have at most 5000 characters",
                ))
            }
            Some(_) => {
                let path = self.path(name);
                Err(StripeError::parameter(&path, "parameter_invalid_string", "Invalid string: a hash was given"))
            }
        }
    }

    /// A text that must be given.
    pub fn required(&self, name: &str) -> Result<String, StripeError> {
        self.text(name)?.ok_or_else(|| StripeError::missing(&self.path(name)))
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, StripeError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            StripeError::parameter(&self.path(name), "parameter_invalid_integer", format!("Invalid integer: {text}"))
        })
    }

    /// A whole number between two.
    pub fn integer_in(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, StripeError> {
        match self.integer(name)? {
            Some(number) if !range.contains(&number) => {
                let message = format!("This value must be between {} and {}.", range.start(), range.end());
                Err(StripeError::parameter(&self.path(name), "parameter_invalid_integer", message))
            }
            other => Ok(other),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, StripeError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(StripeError::parameter(
                &self.path(name),
                "parameter_invalid_boolean",
                format!("Invalid boolean: {text}"),
            )),
        }
    }

    /// One of a few words.
    pub fn choice(&self, name: &str, words: &[&str]) -> Result<Option<String>, StripeError> {
        match self.text(name)? {
            Some(word) if !words.contains(&word.as_str()) => {
                let message = format!("Invalid {name}: must be one of {}", words.join(", "));
                Err(StripeError::invalid(message).with("param", self.path(name)))
            }
            other => Ok(other),
        }
    }

    /// An address that a browser can be sent to.
    pub fn url(&self, name: &str) -> Result<Option<String>, StripeError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match reqwest::Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text)),
            _ => Err(StripeError::parameter(&self.path(name), "url_invalid", format!("Not a valid URL: {text}"))),
        }
    }

    /// A group of parameters; an empty one when it was not given.
    pub fn group(&self, name: &str) -> Result<Params, StripeError> {
        let prefix = self.path(name);
        match self.fields.get(name) {
            None => Ok(Params { prefix, fields: Map::new() }),
            Some(Value::String(text)) if text.is_empty() => Ok(Params { prefix, fields: Map::new() }),
            Some(Value::Object(fields)) => Ok(Params { prefix, fields: fields.clone() }),
            Some(_) => {
                Err(StripeError::invalid(format!("Invalid object: {prefix} must be a hash")).with("param", prefix))
            }
        }
    }

    /// The groups of a list, in order.
    pub fn groups(&self, name: &str) -> Result<Vec<Params>, StripeError> {
        let list = self.group(name)?;
        list.ordered().iter().map(|key| list.group(key)).collect()
    }

    /// The texts of a list, in order.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, StripeError> {
        let list = self.group(name)?;
        list.ordered().iter().map(|key| list.required(key)).collect()
    }

    /// Metadata as given, merged into what was there: an empty value takes a key away.
    pub fn metadata(&self, before: &Value) -> Result<Value, StripeError> {
        let mut merged = before.as_object().cloned().unwrap_or_default();
        if matches!(self.fields.get("metadata"), Some(Value::String(text)) if text.is_empty()) {
            return Ok(Value::Object(Map::new()));
        }
        let given = self.group("metadata")?;
        for name in given.fields.keys() {
            match given.text(name)? {
                Some(text) if name.len() <= 40 && text.len() <= 500 => merged.insert(name.clone(), text.into()),
                Some(_) => {
                    let message = "Metadata keys can have up to 40 characters, values up to 500";
                    return Err(StripeError::invalid(message).with("param", given.path(name)));
                }
                None => merged.remove(name),
            };
        }
        if merged.len() > 50 {
            return Err(StripeError::invalid("Metadata can have up to 50 keys").with("param", "metadata"));
        }
        Ok(Value::Object(merged))
    }

    fn ordered(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.fields.keys().cloned().collect();
        keys.sort_by_key(|key| key.parse::<u64>().unwrap_or(u64::MAX));
        keys
    }
}
