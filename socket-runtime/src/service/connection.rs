//! A connection as its handlers and hooks share it: its user, its metadata, its service.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use parking_lot::Mutex;
use socket_protocol::{ChannelName, Protocol};
use tokio::time::Instant;

use super::Service;
use super::crowds::OneOf;
use crate::admission::RequestHead;
use crate::hub::Handle;

/// The state that the handlers of one connection share.
pub(crate) struct Connection<P: Protocol, U> {
    handle: Mutex<Arc<Handle>>,
    pub(crate) known: Mutex<Known<U>>,
    /// How often it has become another user's.
    user_changes: AtomicU32,
    /// It is being decided what it is in as another user.
    changing: AtomicBool,
    pub(crate) metadata: Metadata,
    /// The channel named at the upgrade.
    pub(crate) default_channel: Option<ChannelName>,
    pub(crate) service: Service<P, U>,
}

impl<P: Protocol, U> Connection<P, U> {
    /// A connection with its first socket.
    pub(crate) fn new(
        service: Service<P, U>,
        handle: Handle,
        known: Known<U>,
        default_channel: Option<ChannelName>,
        metadata: Metadata,
    ) -> Self {
        Self {
            handle: Mutex::new(Arc::new(handle)),
            known: Mutex::new(known),
            user_changes: AtomicU32::new(0),
            changing: AtomicBool::new(false),
            metadata,
            default_channel,
            service,
        }
    }

    /// Goes on with the socket of another connection, whose client is the same: who it is now, and
    /// for how long, was found out there.
    pub(crate) fn go_on(&self, other: &Self, handle: &Arc<Handle>) {
        *self.handle.lock() = handle.clone();
        let mut known = other.known.lock();
        let known = std::mem::replace(&mut *known, Known::new(None, None));
        *self.known.lock() = known;
    }

    /// How often it has become another user's.
    pub(crate) fn user_changes(&self) -> u32 {
        self.user_changes.load(Relaxed)
    }

    /// Whether it is being decided what it is in as another user: no command begins meanwhile.
    pub(crate) fn is_changing(&self) -> bool {
        self.changing.load(Relaxed)
    }

    /// Lets no command begin until the value is dropped.
    pub(crate) fn change(&self) -> Changing<'_> {
        self.changing.store(true, Relaxed);
        Changing {
            changing: &self.changing,
            changes: &self.user_changes,
        }
    }

    /// Its socket's half; the last one's where there is none at the moment.
    pub(crate) fn handle(&self) -> Arc<Handle> {
        self.handle.lock().clone()
    }
}

/// A connection that is becoming another user's.
pub(crate) struct Changing<'a> {
    changing: &'a AtomicBool,
    changes: &'a AtomicU32,
}

impl Changing<'_> {
    /// It is another user's now.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Relaxed);
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.changing.store(false, Relaxed);
    }
}

/// Values of the program's own, one per type.
#[derive(Default)]
pub(crate) struct Metadata(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Metadata {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(value));
    }

    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

/// A connection's login. Its lock is never held over an await.
pub(crate) struct Known<U> {
    pub(crate) user: Option<Arc<U>>,
    /// When the login has run out.
    pub(crate) expires: Option<Instant>,
    /// When the client is to be asked for a new one.
    pub(crate) ask: Option<Instant>,
    /// The request, until the hook has seen it.
    pub(crate) head: Option<Box<RequestHead>>,
    /// Its place among its user's open connections, where those have a bound.
    pub(crate) seat: Option<Box<OneOf<String>>>,
}

impl<U> Known<U> {
    pub(crate) const fn new(user: Option<Arc<U>>, head: Option<Box<RequestHead>>) -> Self {
        Self {
            user,
            expires: None,
            ask: None,
            head,
            seat: None,
        }
    }

    /// When something is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.ask.or(self.expires)
    }
}
