//! Counts connections, and decides whether another one is accepted.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use socket_protocol::Protocol;
use tokio::sync::Notify;

use super::Service;
use super::crowds::OneOf;
use crate::admission::crowd;

/// The connections of all services of this process, and the sockets that our own servers have
/// accepted: they share its descriptors.
static PROCESS: AtomicUsize = AtomicUsize::new(0);

/// The most of them that the process may have: nine tenths of the descriptors it may open.
static MOST: LazyLock<usize> = LazyLock::new(|| most(descriptors()));

fn most(descriptors: Option<u64>) -> usize {
    descriptors.map_or(usize::MAX, |limit| {
        usize::try_from(limit / 10 * 9 + limit % 10 * 9 / 10).unwrap_or(usize::MAX)
    })
}

#[cfg(unix)]
fn descriptors() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
const fn descriptors() -> Option<u64> {
    None
}

/// Sockets beyond those, which are answered once and closed.
static EXTRA: AtomicUsize = AtomicUsize::new(0);

/// The most of those: a quarter of what is left for the program.
static MOST_EXTRA: LazyLock<usize> = LazyLock::new(|| {
    let all = descriptors().and_then(|limit| usize::try_from(limit).ok());
    all.map_or(usize::MAX, |all| ((all - *MOST) / 4).max(1))
});

/// Told when one of those has ended.
pub(crate) static FREED: Notify = Notify::const_new();

/// One of the process's descriptors, until it is dropped.
#[derive(Debug)]
pub(crate) struct Descriptor {
    counted: bool,
}

impl Descriptor {
    /// One of the nine tenths, if there is one left.
    pub(crate) fn take() -> Option<Self> {
        PROCESS
            .try_update(Relaxed, Relaxed, |open| (open < *MOST).then_some(open + 1))
            .map(|_| Self { counted: true })
            .ok()
    }

    /// One beyond them.
    pub(crate) fn extra() -> Self {
        EXTRA.fetch_add(1, Relaxed);
        Self { counted: false }
    }

    /// Whether it is one of the nine tenths.
    pub(crate) const fn is_counted(&self) -> bool {
        self.counted
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        let count = if self.counted { &PROCESS } else { &EXTRA };
        count.fetch_sub(1, Relaxed);
        FREED.notify_waiters();
    }
}

/// Whether seven eighths of what may be taken are.
pub(crate) fn is_near() -> bool {
    PROCESS.load(Relaxed) >= *MOST - *MOST / 8
}

/// Whether one more socket may be accepted, be it only to be told that there is no room for it.
pub(crate) fn has_room() -> bool {
    PROCESS.load(Relaxed) < *MOST || EXTRA.load(Relaxed) < *MOST_EXTRA
}

impl<P: Protocol, U> Service<P, U> {
    /// Counts a connection of that address, where addresses have a bound; an error: it has as many as
    /// it may have.
    pub(crate) fn count_address(
        &self,
        address: Option<SocketAddr>,
    ) -> Result<Option<Box<OneOf<IpAddr>>>, ()> {
        let most = self.config().limits.connections_per_address;
        let Some(address) = address.filter(|_| most > 0) else {
            return Ok(None);
        };
        let one = self.inner.addresses.enter(crowd(address.ip()), most);
        one.map(|one| Some(Box::new(one))).ok_or(())
    }

    /// Counts a connection until the value is dropped, with the descriptor that its socket has
    /// already, where it has one. `None`: there are too many.
    pub(crate) fn count_open(
        &self,
        own: impl FnOnce() -> Option<Descriptor>,
        address: Option<Box<OneOf<IpAddr>>>,
    ) -> Option<OpenConnection<P, U>> {
        let mut descriptor = None;
        self.inner.open.send_if_modified(|open| {
            if *open < self.config().limits.connections {
                descriptor = own().or_else(Descriptor::take);
            }
            *open += usize::from(descriptor.is_some());
            descriptor.is_some()
        });
        descriptor.map(|descriptor| OpenConnection {
            service: self.clone(),
            _descriptor: descriptor,
            _address: address,
        })
    }
}

/// A connection, counted.
#[derive(Debug)]
pub(crate) struct OpenConnection<P: Protocol, U> {
    service: Service<P, U>,
    _descriptor: Descriptor,
    _address: Option<Box<OneOf<IpAddr>>>,
}

impl<P: Protocol, U> Drop for OpenConnection<P, U> {
    fn drop(&mut self) {
        self.service.inner.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::most;

    #[test]
    fn some_descriptors_are_left_for_the_program() {
        for (limit, expected) in [
            (Some(1024), 921),
            (Some(9), 8),
            (Some(u64::MAX), usize::MAX / 10 * 9 + 4),
            (None, usize::MAX),
        ] {
            assert_eq!(most(limit), expected, "{limit:?}");
        }
    }
}
