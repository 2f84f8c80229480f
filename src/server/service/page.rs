//! A page of a list, and the cursor by which the next one is asked for.

use crate::server::error::ServiceError;
use std::fmt::Display;

/// The first `limit` of `rows`, of which one more was asked for than is shown, and where there are more, what `cursor`
/// makes of the last one shown.
pub fn cut<T>(mut rows: Vec<T>, limit: u64, cursor: impl FnOnce(&T) -> String) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(cursor);
    (rows, next)
}

/// The cursor of an entry that stands at the moment `at` (Unix milliseconds) and is told from others by `name`.
pub fn cursor(at: i64, name: impl Display) -> String {
    format!("{at}_{name}")
}

/// The entry of a [`cursor`], its name as `read` takes it; none without a cursor.
///
/// # Errors
/// `Invalid` when it is none of ours.
pub fn after<N>(cursor: Option<&str>, read: impl FnOnce(&str) -> Option<N>) -> Result<Option<(i64, N)>, ServiceError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let parsed = cursor.split_once('_').and_then(|(at, name)| Some((at.parse().ok()?, read(name)?)));
    parsed.map(Some).ok_or_else(refused)
}

/// A cursor that is none of ours.
pub fn refused() -> ServiceError {
    ServiceError::field("cursor", "Send the next_cursor of the page before.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_where_the_next_begins_only_if_there_is_one() {
        let cut = |rows: &[i64]| cut(rows.to_vec(), 2, |last| cursor(*last, "evt_1"));
        assert_eq!(cut(&[]), (vec![], None));
        assert_eq!(cut(&[9, 8]), (vec![9, 8], None));
        let (rows, next) = cut(&[9, 8, 7]);
        assert_eq!((rows, next.as_deref()), (vec![9, 8], Some("8_evt_1")));
        assert_eq!(after(next.as_deref(), |name| Some(name.to_owned())).unwrap(), Some((8, "evt_1".to_owned())));
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        let number = |name: &str| name.parse::<i64>().ok();
        assert_eq!(after(None, number).unwrap(), None);
        for foreign in ["", "_", "8", "8_", "_7", "8_seven", "eight_7"] {
            assert!(after(Some(foreign), number).is_err(), "{foreign}");
        }
    }
}
