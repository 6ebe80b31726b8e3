//! Counts connections, and decides whether another one is accepted.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use socket_protocol::Protocol;

use super::Service;

/// The connections of all services of this process, which share its descriptors.
static PROCESS: AtomicUsize = AtomicUsize::new(0);

/// The most connections that the process may have: nine tenths of the descriptors it may open.
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

impl<P: Protocol, U> Service<P, U> {
    /// Counts a connection until the value is dropped. `None` if there are too many.
    pub(crate) fn count_open(&self) -> Option<OpenConnection<P, U>> {
        let mut taken = false;
        self.inner.open.send_if_modified(|open| {
            taken = *open < self.config().limits.connections && take_descriptor();
            *open += usize::from(taken);
            taken
        });
        taken.then(|| OpenConnection(self.clone()))
    }
}

impl<P: Protocol, U> Service<P, U> {
    /// Counts a connection's task until the value is dropped.
    pub(crate) fn count_task(&self) -> RunningTask<P, U> {
        self.inner.tasks.send_modify(|tasks| *tasks += 1);
        RunningTask(self.clone())
    }
}

/// A connection's task, counted.
#[derive(Debug)]
pub(crate) struct RunningTask<P: Protocol, U>(Service<P, U>);

impl<P: Protocol, U> Drop for RunningTask<P, U> {
    fn drop(&mut self) {
        self.0.inner.tasks.send_modify(|tasks| *tasks -= 1);
    }
}

fn take_descriptor() -> bool {
    PROCESS
        .try_update(Relaxed, Relaxed, |open| (open < *MOST).then_some(open + 1))
        .is_ok()
}

/// A connection, counted.
#[derive(Debug)]
pub(crate) struct OpenConnection<P: Protocol, U>(Service<P, U>);

impl<P: Protocol, U> Drop for OpenConnection<P, U> {
    fn drop(&mut self) {
        PROCESS.fetch_sub(1, Relaxed);
        self.0.inner.open.send_modify(|open| *open -= 1);
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
