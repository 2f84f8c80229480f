//! Parts of pages that read the same for many readers: written once, not once for each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The text of each such part, as it was written last. Server; the context of a page has it.
#[derive(Clone, Debug, Default)]
pub struct SharedTexts(Arc<Mutex<HashMap<&'static str, Written>>>);

#[derive(Clone, Debug)]
struct Written {
    key: String,
    text: Arc<str>,
}

/// The text of the part `name`, as it was written last for the same `key`, else as `write` writes it now. The key has to
/// name all that the text says; without one, or without `texts`, it is written for this reader alone.
///
/// # Errors
/// As `write`; then nothing is kept.
pub async fn shared<E>(
    texts: Option<&SharedTexts>,
    name: &'static str,
    key: Option<String>,
    write: impl Future<Output = Result<String, E>>,
) -> Result<Arc<str>, E> {
    let Some((texts, key)) = texts.zip(key) else { return write.await.map(Arc::from) };
    if let Some(text) = texts.find(name, &key) {
        return Ok(text);
    }
    let text = Arc::from(write.await?);
    texts.keep(name, key, &text);
    Ok(text)
}

impl SharedTexts {
    /// The text of the part `name`, if it was written last for the same `key`.
    fn find(&self, name: &'static str, key: &str) -> Option<Arc<str>> {
        let texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.get(name).filter(|written| written.key == key).map(|written| Arc::clone(&written.text))
    }

    /// Keeps a text in place of the part's last one.
    fn keep(&self, name: &'static str, key: String, text: &Arc<str>) {
        let written = Written { key, text: Arc::clone(text) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_under_its_own_key_alone() {
        let texts = SharedTexts::default();
        assert_eq!(texts.find("board", "1"), None);
        texts.keep("board", "1".to_owned(), &Arc::from("one"));
        assert_eq!(texts.find("board", "1").as_deref(), Some("one"));
        assert_eq!((texts.find("board", "2"), texts.find("proof", "1")), (None, None));
        texts.keep("board", "2".to_owned(), &Arc::from("two"));
        assert_eq!((texts.find("board", "1"), texts.find("board", "2").as_deref()), (None, Some("two")));
    }
}
