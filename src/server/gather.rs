//! What arrives together is done together: whoever comes first does it for all that come meanwhile.

use std::sync::{Mutex, PoisonError};

/// Things that wait for whoever is at work.
#[derive(Debug)]
pub struct Gather<T>(Mutex<Queue<T>>);

#[derive(Debug)]
struct Queue<T> {
    waiting: Vec<T>,
    /// Whether somebody is at work.
    busy: bool,
}

/// Too many wait already.
#[derive(Debug)]
pub struct Full;

impl<T> Default for Gather<T> {
    fn default() -> Self {
        Self(Mutex::new(Queue { waiting: Vec::new(), busy: false }))
    }
}

impl<T> Gather<T> {
    /// Adds one to at most `most`; true when nobody is at work yet: then the caller is to be, with [`Self::take`] until
    /// nothing is left.
    ///
    /// # Errors
    /// When so many wait already.
    pub fn push(&self, thing: T, most: usize) -> Result<bool, Full> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.waiting.len() >= most {
            return Err(Full);
        }
        queue.waiting.push(thing);
        Ok(!std::mem::replace(&mut queue.busy, true))
    }

    /// Whoever is at work holds this: should they panic, the next one who comes works on.
    pub fn turn(&self) -> Turn<'_, T> {
        Turn(self)
    }

    /// The next ones, `most` of them, in the order they came; none ends the work.
    pub fn take(&self, most: usize) -> Vec<T> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = queue.waiting.len().min(most);
        queue.busy = count > 0;
        queue.waiting.drain(..count).collect()
    }
}

/// The turn of whoever is at work.
pub struct Turn<'g, T>(&'g Gather<T>);

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.0.lock().unwrap_or_else(PoisonError::into_inner).busy = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_works_for_all_until_nothing_is_left() {
        let gather = Gather::default();
        assert!(gather.push(1, 3).unwrap());
        assert!(!gather.push(2, 3).unwrap());
        assert!(!gather.push(3, 3).unwrap());
        assert!(gather.push(4, 3).is_err(), "full");
        assert_eq!(gather.take(2), [1, 2]);
        assert!(!gather.push(5, 3).unwrap(), "somebody is at work still");
        assert_eq!(gather.take(2), [3, 5]);
        assert!(gather.take(2).is_empty());
        assert!(gather.push(6, 3).unwrap(), "whoever comes next works");
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _turn = gather.turn();
            panic!("on purpose");
        }));
        assert!(broken.is_err());
        assert!(gather.push(7, 3).unwrap(), "after a panic too");
        assert_eq!(gather.take(2), [6, 7]);
    }
}
