//! One WebSocket from upgrade to close.

mod calls;
mod close;
mod connecting;
mod detached;
mod echo;
mod flusher;
mod frames;
mod handshake;
mod heartbeat;
mod inbox;
mod kept;
pub(crate) mod login;
pub(crate) mod pace;
mod parser;
mod peer;
mod progress;
pub(crate) mod queue;
mod rates;
mod reader;
mod replay;
mod room;
mod session;
mod state;
mod stream;
mod task;
mod transport;
mod turn;
mod waiting;
mod writer;

pub use close::Disconnected;
pub use echo::echo;
pub(crate) use flusher::Flushers;
pub(crate) use peer::Peer;
pub(crate) use queue::Close;
pub(crate) use task::run;
pub(crate) use writer::WriteHalf;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use socket_protocol::{ChannelName, Protocol};

use crate::service::Service;
use login::Known;

/// What the handlers of one connection share.
pub(crate) struct Connection<P: Protocol, U> {
    peer: Mutex<Arc<Peer>>,
    pub(crate) known: Mutex<Known<U>>,
    pub(crate) metadata: Metadata,
    /// The channel named at the upgrade.
    pub(crate) default_channel: Option<ChannelName>,
    pub(crate) service: Service<P, U>,
}

impl<P: Protocol, U> Connection<P, U> {
    /// A connection with its first socket.
    pub(crate) fn new(
        service: Service<P, U>,
        peer: Peer,
        known: Known<U>,
        default_channel: Option<ChannelName>,
        metadata: Metadata,
    ) -> Self {
        Self {
            peer: Mutex::new(Arc::new(peer)),
            known: Mutex::new(known),
            metadata,
            default_channel,
            service,
        }
    }

    /// Goes on with the socket of another connection, whose client is the same: who it is now, and
    /// for how long, was found out there.
    fn go_on(&self, other: &Self, peer: &Arc<Peer>) {
        *self.peer.lock() = peer.clone();
        let mut known = other.known.lock();
        let known = std::mem::replace(&mut *known, Known::new(None, None));
        *self.known.lock() = known;
    }

    /// Its socket's half; the last one's where there is none at the moment.
    pub(crate) fn peer(&self) -> Arc<Peer> {
        self.peer.lock().clone()
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
