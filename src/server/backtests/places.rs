//! Places that people take: so many in all, and so many of one person.

use crate::domain::id::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Places, some of them taken.
pub(super) struct Places {
    all: usize,
    of_one: usize,
    taken: Mutex<HashMap<UserId, usize>>,
}

/// A place of one person, given back when it is dropped.
pub struct Place {
    places: Arc<Places>,
    owner: UserId,
}

impl Places {
    pub(super) fn new(all: usize, of_one: usize) -> Arc<Self> {
        Arc::new(Self { all, of_one, taken: Mutex::default() })
    }

    /// One for this person, if there is one.
    pub(super) fn take(places: &Arc<Self>, owner: UserId) -> Option<Place> {
        let mut taken = places.lock();
        let own = taken.get(&owner).copied().unwrap_or_default();
        if own >= places.of_one || taken.values().sum::<usize>() >= places.all {
            return None;
        }
        taken.insert(owner, own + 1);
        Some(Place { places: Arc::clone(places), owner })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whose it is.
    pub(super) fn owner(&self) -> UserId {
        self.owner
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn places_are_counted_for_all_and_for_one_and_given_back() {
        let places = Places::new(4, 3);
        let (one, other) = (UserId(Uuid::new_v4()), UserId(Uuid::new_v4()));
        let mut taken: Vec<_> = (0..3).map(|_| Places::take(&places, one).unwrap()).collect();
        assert!(Places::take(&places, one).is_none(), "one has as many as one may");
        let last = Places::take(&places, other).unwrap();
        assert!(Places::take(&places, UserId(Uuid::new_v4())).is_none(), "it is full");
        drop(last);
        assert!(Places::take(&places, other).is_some());
        taken.clear();
        assert!(places.lock().is_empty(), "nothing is kept of whoever has none");
    }
}
