//! The session of a connection: the token by which its client comes back, its end, and the socket
//! that wants to go on with it.

use std::any::Any;
use std::sync::{Arc, Weak};
use std::task::Context;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use socket_protocol::ConnectionId;
use uuid::Uuid;

/// The session of a connection, apart from what its task holds.
#[derive(Debug, Default)]
pub(crate) struct Session {
    state: Mutex<SessionState>,
    /// Wakes whoever lives on without a socket.
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct SessionState {
    /// The secret in the token, besides the connection's id; nil: the session cannot be resumed.
    secret: Uuid,
    /// Of the token before, until the client was heard on the connection that gave it this one; else
    /// nil.
    previous: Uuid,
    over: Option<Over>,
    /// The connection whose session it is.
    owner: Option<Weak<dyn Any + Send + Sync>>,
    /// A socket that wants to go on: where it waits for what the connection's task holds.
    claim: Option<Box<dyn Any + Send>>,
}

/// Why a session does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// It had its time, or others needed its place: what was received is finished.
    Ended,
    /// The program ended it: nothing more is done for it.
    Stopped,
}

impl Session {
    /// Lets the session be resumed from now on.
    pub(crate) fn open(&self, owner: Weak<dyn Any + Send + Sync>) {
        let mut state = self.state.lock();
        state.secret = Uuid::new_v4();
        state.owner = Some(owner);
    }

    /// The token that resumes it.
    pub(crate) fn token(&self, id: ConnectionId) -> Option<String> {
        let secret = self.state.lock().secret;
        (!secret.is_nil()).then(|| format!("{id}.{}", secret.simple()))
    }

    /// The client was heard on the connection that gave it the token: older tokens are void.
    pub(crate) fn heard(&self) {
        self.state.lock().previous = Uuid::nil();
    }

    /// Ends it. One that has a socket ends with that.
    pub(crate) fn end(&self, over: Over) {
        let claim = {
            let mut state = self.state.lock();
            state.over.get_or_insert(over);
            state.claim.take()
        };
        // Whoever waits for it makes a session of its own.
        drop(claim);
        self.waker.wake();
    }

    /// Prevents any further socket from resuming it.
    pub(crate) fn seal(&self) {
        let mut state = self.state.lock();
        state.secret = Uuid::nil();
        state.previous = Uuid::nil();
    }

    /// Others need its place.
    pub(crate) fn evict(&self) {
        self.end(Over::Ended);
    }

    /// The program wants it to end.
    pub(crate) fn stop(&self) {
        self.end(Over::Stopped);
    }

    /// Ends it if no socket has claimed it meanwhile; `false`: one has.
    pub(crate) fn close(&self) -> bool {
        let mut state = self.state.lock();
        if state.claim.is_none() {
            state.over.get_or_insert(Over::Ended);
        }
        state.claim.is_none()
    }

    /// Why it does not go on; `None`: it does.
    pub(crate) fn over(&self) -> Option<Over> {
        self.state.lock().over
    }

    /// Wakes this task when the session ends or a socket claims it.
    pub(crate) fn wake_by(&self, cx: &Context<'_>) {
        self.waker.register(cx.waker());
    }

    /// The connection whose session it is, while it is there.
    pub(crate) fn owner(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.state.lock().owner.as_ref()?.upgrade()
    }

    /// Returns whether the secret resumes it.
    pub(crate) fn knows(&self, secret: Uuid) -> bool {
        self.state.lock().knows(secret)
    }

    /// A socket whose client showed the secret wants to go on, and waits at `sender`. `false`: the
    /// session has ended meanwhile, or another socket was faster.
    pub(crate) fn claim(&self, secret: Uuid, sender: Box<dyn Any + Send>) -> bool {
        {
            let mut state = self.state.lock();
            if !state.knows(secret) {
                return false;
            }
            // The token that was shown holds until the client is heard: its answer may be lost.
            state.previous = secret;
            state.secret = Uuid::new_v4();
            state.claim = Some(sender);
        }
        self.waker.wake();
        true
    }

    /// Where a socket waits that wants to go on, once.
    pub(crate) fn take_claim(&self) -> Option<Box<dyn Any + Send>> {
        self.state.lock().claim.take()
    }
}

impl SessionState {
    fn knows(&self, secret: Uuid) -> bool {
        self.over.is_none()
            && !secret.is_nil()
            && (secret == self.secret || secret == self.previous)
    }
}
