use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::clock::Clock;
use crate::config::Settings;
use crate::shape;

/// All that the sandbox knows: objects by kind, in the order of their making, and the clock.
#[derive(Debug)]
pub struct State {
    /// The clock that objects' times follow.
    pub clock: Clock,
    /// The switches.
    pub settings: Settings,
    /// What the addresses it gives out begin with.
    pub public_url: String,
    /// The call that is being done, named by the events that it causes.
    pub cause: Cause,
    /// How many events are kept.
    pub keep_events: usize,
    tables: BTreeMap<String, Table>,
    seq: u64,
    version: u64,
    /// What was there before each change of a call that may still be taken back.
    before: Option<Vec<Before>>,
}

/// An object as it was, or that there was none.
#[derive(Debug)]
struct Before {
    table: String,
    id: String,
    value: Option<Value>,
}

/// Which API call an event comes from.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// The call's id, `req_…`.
    pub request: Option<String>,
    /// The key that the caller gave.
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<u64, Row>,
    ids: HashMap<String, u64>,
}

/// An object and its text, made once for all the times the file is written.
#[derive(Debug)]
struct Row {
    value: Value,
    text: String,
}

#[derive(Deserialize)]
struct File {
    version: u32,
    clock: Clock,
    tables: BTreeMap<String, Vec<Value>>,
}

const FILE_VERSION: u32 = 1;

impl State {
    /// An empty one.
    pub fn new(settings: Settings, public_url: String, keep_events: usize) -> Self {
        Self {
            clock: Clock::default(),
            settings,
            public_url,
            cause: Cause::default(),
            keep_events,
            tables: BTreeMap::new(),
            seq: 0,
            version: 0,
            before: None,
        }
    }

    /// Takes in what a file holds.
    pub fn load(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        if file.version != FILE_VERSION {
            return Err(serde::de::Error::custom(format!("unknown version {} of the state file", file.version)));
        }
        self.clock = file.clock;
        for (table, values) in file.tables {
            for value in values {
                self.insert(&table, value);
            }
        }
        Ok(())
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let size: usize =
            self.tables.values().flat_map(|table| table.rows.values()).map(|row| row.text.len() + 2).sum();
        let mut text = String::with_capacity(size + 1024);
        text.push_str(&format!(
            "{{\"version\":{FILE_VERSION},\"clock\":{{\"ahead\":{}}},\"tables\":{{",
            self.clock.ahead
        ));
        for (place, (name, table)) in self.tables.iter().enumerate() {
            text.push_str(if place == 0 { "\n\"" } else { ",\n\"" });
            text.push_str(name);
            text.push_str("\":[");
            for (place, row) in table.rows.values().enumerate() {
                text.push_str(if place == 0 { "\n" } else { ",\n" });
                text.push_str(&row.text);
            }
            text.push(']');
        }
        text.push_str("}}\n");
        text
    }

    /// Goes up with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The time now, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Moves the clock ahead for good.
    pub fn set_ahead(&mut self, ahead: i64) {
        self.clock.ahead = ahead.max(self.clock.ahead);
        self.version += 1;
    }

    /// The object of this kind and id.
    pub fn get(&self, table: &str, id: &str) -> Option<&Value> {
        let table = self.tables.get(table)?;
        table.rows.get(table.ids.get(id)?).map(|row| &row.value)
    }

    /// Adds an object, which has an `id`, and gives it back. One of the same id is replaced.
    pub fn insert(&mut self, table: &str, value: Value) -> Value {
        let id = shape::text(&value, "id").to_owned();
        self.remember(table, &id);
        self.version += 1;
        let rows = self.tables.entry(table.to_owned()).or_default();
        let place = *rows.ids.entry(id).or_insert_with(|| {
            self.seq += 1;
            self.seq
        });
        let text = value.to_string();
        rows.rows.insert(place, Row { value: value.clone(), text });
        value
    }

    /// Changes an object and gives back the new one; `Null` when there is none.
    pub fn edit(&mut self, table: &str, id: &str, change: impl FnOnce(&mut Value)) -> Value {
        let Some(mut value) = self.get(table, id).cloned() else {
            return Value::Null;
        };
        change(&mut value);
        self.insert(table, value)
    }

    /// Sets fields of an object and gives back the new one.
    pub fn set(&mut self, table: &str, id: &str, fields: Value) -> Value {
        self.edit(table, id, |object| shape::merge(object, fields))
    }

    /// Takes an object out.
    pub fn remove(&mut self, table: &str, id: &str) {
        self.remember(table, id);
        if let Some(rows) = self.tables.get_mut(table)
            && let Some(place) = rows.ids.remove(id)
        {
            rows.rows.remove(&place);
            self.version += 1;
        }
    }

    /// Does something that leaves nothing behind when it is refused and `undo` says so of the refusal.
    pub fn attempt<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
        undo: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        self.before = Some(Vec::new());
        let result = work(self);
        let changes = self.before.take().unwrap_or_default();
        if result.as_ref().is_err_and(undo) {
            for change in changes.into_iter().rev() {
                match change.value {
                    Some(value) => drop(self.insert(&change.table, value)),
                    None => self.remove(&change.table, &change.id),
                }
            }
        }
        result
    }

    /// All objects of a kind, oldest first.
    pub fn all(&self, table: &str) -> impl DoubleEndedIterator<Item = &Value> {
        self.tables.get(table).into_iter().flat_map(|table| table.rows.values().map(|row| &row.value))
    }

    /// How many objects of a kind there are.
    pub fn count(&self, table: &str) -> usize {
        self.tables.get(table).map_or(0, |table| table.rows.len())
    }
}

impl State {
    fn remember(&mut self, table: &str, id: &str) {
        let value = self.before.is_some().then(|| self.get(table, id).cloned());
        if let (Some(changes), Some(value)) = (&mut self.before, value) {
            changes.push(Before { table: table.to_owned(), id: id.to_owned(), value });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refused_attempt_leaves_nothing_behind() {
        let mut state = State::new(Settings::default(), String::new(), 10);
        state.insert("customer", json!({"id": "a", "n": 1}));
        state.insert("customer", json!({"id": "b", "n": 1}));
        let before = state.to_text();
        let result: Result<(), &str> = state.attempt(
            |state| {
                state.set("customer", "a", json!({"n": 2}));
                state.set("customer", "a", json!({"n": 3}));
                state.insert("customer", json!({"id": "c"}));
                state.remove("customer", "b");
                Err("refused")
            },
            |_| true,
        );
        assert!(result.is_err());
        assert_eq!(state.to_text(), before);
    }

    #[test]
    fn a_file_holds_what_was_there_in_order() {
        let mut state = State::new(Settings::default(), String::new(), 10);
        state.insert("customer", json!({"id": "b", "n": 1}));
        state.insert("customer", json!({"id": "a", "n": 2}));
        state.set("customer", "b", json!({"n": 3}));
        state.set_ahead(60);
        let mut again = State::new(Settings::default(), String::new(), 10);
        again.load(&state.to_text()).unwrap();
        let found: Vec<&Value> = again.all("customer").collect();
        assert_eq!(found, [&json!({"id": "b", "n": 3}), &json!({"id": "a", "n": 2})]);
        assert_eq!(again.clock.ahead, 60);
    }
}
