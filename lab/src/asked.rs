//! What a link asks for, as text.

use form_urlencoded::{Serializer, parse};

/// The names and values of a query, as they stand in a link or come from the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads a query, with or without its question mark. Every text is one.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let query = query.strip_prefix('?').unwrap_or(query);
        Self(parse(query.as_bytes()).into_owned().collect())
    }

    /// The value of a name, without the spaces around it; `None` where it is absent or empty. The first one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.written(name).filter(|value| !value.is_empty())
    }

    /// As [`Asked::get`], but what is there and empty is an empty text: a number that was taken out is not the default.
    #[must_use]
    pub fn written(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(there, _)| there == name)?;
        Some(value.trim())
    }

    /// The same with another value for a name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(there, _)| there != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As it stands in a link, without a question mark.
    #[must_use]
    pub fn query(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_survives_the_way_there_and_back() {
        let asked = Asked::parse("?symbol=BTC%2FUSDT&fast=+10&slow=");
        assert_eq!(asked.get("symbol"), Some("BTC/USDT"));
        assert_eq!(asked.get("fast"), Some("10"));
        assert_eq!((asked.get("slow"), asked.get("none")), (None, None));
        assert_eq!((asked.written("slow"), asked.written("none")), (Some(""), None));
        let other = asked.with("fast", "a & b");
        assert_eq!(Asked::parse(&other.query()).get("fast"), Some("a & b"));
    }
}
