//! How many connections have something in common: an address, or a user.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use socket_protocol::system::UserInfo;
use socket_protocol::{ErrorCode, Protocol, WireError};

use super::Service;
use crate::admission::{Pages, Proxies};
use crate::error::Limit;

/// Connections, counted by what they have in common. Cheap to clone: every clone counts the same.
#[derive(Debug)]
pub(crate) struct Crowds<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Default for Crowds<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Clone> Crowds<K> {
    /// Counts one more until the value is dropped. `None`: there are `most` already.
    pub(crate) fn enter(&self, key: K, most: usize) -> Option<OneOf<K>> {
        let mut crowds = self.0.lock();
        let count = crowds.entry(key.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(OneOf {
            crowds: Self(self.0.clone()),
            key,
        })
    }
}

/// One of a crowd.
#[derive(Debug)]
pub(crate) struct OneOf<K: Hash + Eq> {
    crowds: Crowds<K>,
    key: K,
}

impl<K: Hash + Eq> Drop for OneOf<K> {
    fn drop(&mut self) {
        let mut crowds = self.crowds.0.lock();
        if let Some(count) = crowds.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                crowds.remove(&self.key);
            }
        }
    }
}

impl<P: Protocol, U> Service<P, U> {
    pub(crate) fn proxies(&self) -> &Proxies {
        &self.inner.proxies
    }

    pub(crate) fn pages(&self) -> &Pages {
        &self.inner.pages
    }

    /// Counts a connection of that user, where users have a bound.
    ///
    /// # Errors
    /// `too-many`: the user has as many as it may have.
    pub(crate) fn count_user(
        &self,
        user: Option<&UserInfo>,
    ) -> Result<Option<Box<OneOf<String>>>, WireError> {
        let limit = self.config().limits.connections_per_user;
        let Some(user) = user.filter(|_| limit > 0) else {
            return Ok(None);
        };
        let one = self.inner.users.enter(user.id.clone(), limit);
        let one = one.ok_or_else(|| {
            self.refused().users.one();
            let said = "the user has as many connections as one user may have";
            WireError::new(ErrorCode::TooMany, said).with_data(&Limit { limit })
        })?;
        Ok(Some(Box::new(one)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_has_a_bound_and_is_forgotten_when_it_has_gone() {
        let crowds = Crowds::default();
        let one = crowds.enter("a", 2);
        let two = crowds.enter("a", 2);
        assert!(one.is_some() && two.is_some());
        assert!(crowds.enter("a", 2).is_none());
        let other = crowds.enter("b", 2);
        assert!(other.is_some());
        drop(two);
        let two = crowds.enter("a", 2);
        assert!(two.is_some());
        drop((one, two, other));
        assert!(crowds.0.lock().is_empty());
    }
}
