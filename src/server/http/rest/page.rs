//! How much of a list is answered at once.

use crate::server::{error::ServiceError, service::feed};

/// How many entries a page of a kind has.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Unless asked otherwise.
    usual: u64,
    /// At most.
    most: u64,
}

/// Of most lists.
pub const LIST: Length = Length { usual: 50, most: 200 };
/// Of the signals feed, which is cached by the page.
pub const FEED: Length = Length { usual: feed::PAGE, most: feed::PAGE };
/// Of candles.
pub const CANDLES: Length = Length { usual: 100, most: 500 };

impl Length {
    /// How many entries a page has, as asked for.
    ///
    /// # Errors
    /// `Invalid` when it is none, or more than a page holds.
    pub fn asked(self, limit: Option<u64>) -> Result<u64, ServiceError> {
        let Self { usual, most } = self;
        let limit = limit.unwrap_or(usual);
        let sound = (1..=most).contains(&limit);
        if sound { Ok(limit) } else { Err(ServiceError::field("limit", format!("Ask for 1 to {most}."))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_long_as_was_asked_within_its_bounds() {
        for (length, usual, most) in [(LIST, 50, 200), (FEED, 50, 50), (CANDLES, 100, 500)] {
            let asked = |limit: Option<u64>| length.asked(limit).ok();
            assert_eq!([asked(None), asked(Some(1)), asked(Some(most))], [Some(usual), Some(1), Some(most)]);
            assert_eq!([asked(Some(0)), asked(Some(most + 1)), asked(Some(u64::MAX))], [None; 3]);
        }
    }
}
