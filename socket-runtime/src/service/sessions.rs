//! The sessions whose clients are away: their number, and the bytes they hold.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::Config;
use crate::hub::Handle;

/// The waiting sessions, oldest first. When there are too many, the oldest has to go, those without a
/// user first: whoever need not log in can open any number.
#[derive(Debug)]
pub(crate) struct Sessions {
    table: Mutex<Table>,
    most: usize,
    most_of_user: usize,
    most_of_nobody: usize,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    waiting: BTreeMap<u64, WaitingSession>,
    users: HashMap<String, BTreeSet<u64>>,
    /// Of connections that are nobody's.
    nobodys: BTreeSet<u64>,
    bytes: usize,
}

#[derive(Debug)]
struct WaitingSession {
    handle: Arc<Handle>,
    user: Option<String>,
    bytes: usize,
}

/// A place among the waiting sessions, until it is dropped.
#[derive(Debug)]
pub(crate) struct Ticket<'a> {
    sessions: &'a Sessions,
    number: u64,
}

impl Sessions {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            table: Mutex::default(),
            most: config.sessions.count,
            most_of_user: config.sessions.per_user,
            most_of_nobody: config.sessions.anonymous,
            most_bytes: config.sessions.bytes,
        }
    }

    /// Adds a session that holds this many bytes.
    pub(crate) fn enter(&self, handle: &Arc<Handle>, bytes: usize) -> Ticket<'_> {
        let mut table = self.table.lock();
        let number = table.next;
        table.next += 1;
        let user = handle.user().map(|user| user.id.clone());
        let same = match &user {
            Some(user) => table.users.entry(user.clone()).or_default(),
            None => &mut table.nobodys,
        };
        same.insert(number);
        table.bytes += bytes;
        let handle = handle.clone();
        let entry = WaitingSession {
            handle,
            user,
            bytes,
        };
        table.waiting.insert(number, entry);
        self.make_room(&mut table, number);
        Ticket {
            sessions: self,
            number,
        }
    }

    /// Stops the waiting sessions of a user and returns their number.
    pub(crate) fn stop_user(&self, user: &str) -> usize {
        let table = self.table.lock();
        let numbers = table.users.get(user).into_iter().flatten();
        let handles: Vec<_> = numbers
            .filter_map(|number| Some(table.waiting.get(number)?.handle.clone()))
            .collect();
        drop(table);
        handles
            .iter()
            .for_each(|handle| handle.standing().session.stop());
        handles.len()
    }

    /// The number of waiting sessions.
    pub(crate) fn count(&self) -> usize {
        self.table.lock().waiting.len()
    }

    fn make_room(&self, table: &mut Table, number: u64) {
        let Some(new) = table.waiting.get(&number) else {
            return;
        };
        let (same, most) = match &new.user {
            Some(user) => (table.users.get(user), self.most_of_user),
            None => (Some(&table.nobodys), self.most_of_nobody),
        };
        let oldest = same.filter(|all| all.len() > most);
        if let Some(oldest) = oldest.and_then(|all| all.first().copied()) {
            end(table.remove(oldest).as_ref());
        }
        while table.waiting.len() > self.most || table.bytes > self.most_bytes {
            let oldest = table
                .nobodys
                .first()
                .or_else(|| table.waiting.keys().next());
            let Some(oldest) = oldest.copied() else {
                return;
            };
            end(table.remove(oldest).as_ref());
        }
    }
}

fn end(entry: Option<&WaitingSession>) {
    if let Some(WaitingSession { handle, .. }) = entry {
        tracing::debug!(id = %handle.id(), "a session was ended to make room for others");
        handle.standing().session.evict();
    }
}

impl Table {
    fn remove(&mut self, number: u64) -> Option<WaitingSession> {
        let entry = self.waiting.remove(&number)?;
        self.bytes -= entry.bytes;
        if entry.user.is_none() {
            self.nobodys.remove(&number);
        }
        if let Some(user) = &entry.user
            && let Some(of_user) = self.users.get_mut(user)
        {
            of_user.remove(&number);
            if of_user.is_empty() {
                self.users.remove(user);
            }
        }
        Some(entry)
    }
}

impl Ticket<'_> {
    /// Updates the bytes that it holds.
    pub(crate) fn holds(&self, bytes: usize) {
        let mut table = self.sessions.table.lock();
        let Some(entry) = table.waiting.get_mut(&self.number) else {
            return;
        };
        let before = std::mem::replace(&mut entry.bytes, bytes);
        table.bytes = table.bytes - before + bytes;
        if bytes > before {
            self.sessions.make_room(&mut table, self.number);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.sessions.table.lock().remove(self.number);
    }
}
