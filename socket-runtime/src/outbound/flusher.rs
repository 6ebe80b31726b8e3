//! The tasks that write deliveries to sockets. A publication wakes one task per shard, however many
//! members it has, and everything queued for a socket meanwhile leaves in one write. If a socket
//! takes no more, its connection's own task continues, so that nobody waits for it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, yield_now};
use tokio::time::Instant;

use crate::watchdog::{self, Help};

/// The most flushers of a service, on however many cores.
const MAX_SHARDS: usize = 8;

/// Sockets that are written to before other tasks of the thread have a turn.
pub(super) const SOCKETS_PER_TURN: usize = 64;

/// A socket's queue, as a flusher sees it.
pub(crate) trait Flush: Send + Sync + 'static {
    /// Writes without waiting. `true`: there is more, to be written at the end of the list.
    fn flush(&self, now: Instant) -> bool;

    /// Reports that the flushers have ended.
    fn abandon(&self);
}

/// The connections that one flusher writes to.
#[derive(Debug)]
pub(crate) struct Shard<T> {
    list: Mutex<List<T>>,
    waker: AtomicWaker,
}

#[derive(Debug)]
struct List<T> {
    /// Those that something is queued for; each at most once, so that it is bounded by their number.
    dirty: VecDeque<Arc<T>>,
    /// The flusher runs, or will.
    alive: bool,
}

impl<T: Flush> Shard<T> {
    fn new() -> Self {
        Self {
            list: Mutex::new(List {
                dirty: VecDeque::new(),
                alive: true,
            }),
            waker: AtomicWaker::new(),
        }
    }

    /// Adds it to the list, to be written soon. `false` if the flushers have ended.
    pub(crate) fn add(&self, item: &Arc<T>) -> bool {
        let mut list = self.list.lock();
        if !list.alive {
            return false;
        }
        list.dirty.push_back(item.clone());
        let first = list.dirty.len() == 1;
        drop(list);
        if first {
            self.waker.wake();
        }
        true
    }

    fn is_alive(&self) -> bool {
        self.list.lock().alive
    }

    /// Whether there is something to write.
    fn poll_dirty(&self, cx: &Context<'_>) -> Poll<()> {
        self.waker.register(cx.waker());
        match self.list.lock().dirty.is_empty() {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    /// Writes to the first few of the list. Anyone may do so.
    fn turn(&self, batch: &mut Vec<Arc<T>>) {
        let now = Instant::now();
        {
            let mut list = self.list.lock();
            let turn = list.dirty.len().min(SOCKETS_PER_TURN);
            batch.extend(list.dirty.drain(..turn));
        }
        for item in batch.drain(..) {
            // Whatever goes wrong with one must not end the others' deliveries.
            match catch_unwind(AssertUnwindSafe(|| item.flush(now))) {
                Ok(false) => {}
                Ok(true) if self.put_back(&item) => {}
                Ok(true) => item.abandon(),
                Err(_) => {
                    tracing::error!("a flusher panicked");
                    item.abandon();
                }
            }
        }
    }
}

impl<T> Shard<T> {
    /// `false`: there is no flusher any more.
    fn put_back(&self, item: &Arc<T>) -> bool {
        let mut list = self.list.lock();
        if list.alive {
            list.dirty.push_back(item.clone());
        }
        list.alive
    }
}

/// While the flusher's thread is kept by a handler, another one writes.
impl<T: Flush> Help for Shard<T> {
    fn help(&self) -> bool {
        self.turn(&mut Vec::new());
        !self.list.lock().dirty.is_empty()
    }
}

/// A flusher's task. Dropped at whatever point, it leaves nobody waiting for it.
struct Flusher<T: Flush> {
    shard: Arc<Shard<T>>,
}

impl<T: Flush> Flusher<T> {
    async fn run(self) {
        // Empty between two turns, so that the list is the only place where somebody waits.
        let mut batch = Vec::with_capacity(SOCKETS_PER_TURN);
        loop {
            poll_fn(|cx| self.shard.poll_dirty(cx)).await;
            self.shard.turn(&mut batch);
            yield_now().await;
        }
    }
}

impl<T: Flush> Drop for Flusher<T> {
    fn drop(&mut self) {
        let mut list = self.shard.list.lock();
        list.alive = false;
        let left = std::mem::take(&mut list.dirty);
        drop(list);
        for item in &left {
            item.abandon();
        }
    }
}

/// The flushers of a service, as many as its runtime has threads, up to a few.
#[derive(Debug)]
pub(crate) struct Flushers<T> {
    shards: Mutex<Shards<T>>,
}

#[derive(Debug)]
struct Shards<T> {
    list: Vec<(Arc<Shard<T>>, AbortHandle)>,
    next: usize,
}

impl<T> Default for Flushers<T> {
    fn default() -> Self {
        let shards = Shards {
            list: Vec::new(),
            next: 0,
        };
        Self {
            shards: Mutex::new(shards),
        }
    }
}

impl<T: Flush> Flushers<T> {
    /// The shard of a new connection. Begins the flushers with the first one; in a runtime that
    /// has ended since, and was followed by another, anew.
    pub(crate) fn assign(&self) -> Arc<Shard<T>> {
        let mut shards = self.shards.lock();
        let shards = &mut *shards;
        if shards.list.is_empty() {
            let count = Handle::current().metrics().num_workers();
            let start = |_| start(&Handle::current());
            shards.list = (0..count.clamp(1, MAX_SHARDS)).map(start).collect();
        }
        shards.next = (shards.next + 1) % shards.list.len();
        let entry = &mut shards.list[shards.next];
        if !entry.0.is_alive() {
            *entry = start(&Handle::current());
        }
        entry.0.clone()
    }
}

fn start<T: Flush>(runtime: &Handle) -> (Arc<Shard<T>>, AbortHandle) {
    let shard = Arc::new(Shard::new());
    let flusher = Flusher {
        shard: shard.clone(),
    };
    let task = runtime.spawn(flusher.run());
    let helper: Arc<dyn Help> = shard.clone();
    watchdog::register(runtime.id(), Arc::downgrade(&helper));
    (shard, task.abort_handle())
}

impl<T> Drop for Flushers<T> {
    fn drop(&mut self) {
        for (_, task) in &self.shards.get_mut().list {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something that has so much to write, or panics.
    #[derive(Default)]
    struct Socket {
        name: &'static str,
        left: Mutex<usize>,
        panics: bool,
        log: Arc<Mutex<Vec<String>>>,
    }

    impl Flush for Socket {
        fn flush(&self, _: Instant) -> bool {
            assert!(!self.panics, "as the test wants it");
            self.log.lock().push(self.name.to_owned());
            let mut left = self.left.lock();
            *left = left.saturating_sub(1);
            *left > 0
        }

        fn abandon(&self) {
            self.log.lock().push(format!("{} abandoned", self.name));
        }
    }

    struct Bench {
        shard: Arc<Shard<Socket>>,
        log: Arc<Mutex<Vec<String>>>,
    }

    impl Bench {
        fn new() -> (Self, Flusher<Socket>) {
            let shard = Arc::new(Shard::new());
            let flusher = Flusher {
                shard: shard.clone(),
            };
            let log = Arc::default();
            (Self { shard, log }, flusher)
        }

        fn add(&self, name: &'static str, left: usize, panics: bool) -> bool {
            self.shard.add(&Arc::new(Socket {
                name,
                left: Mutex::new(left),
                panics,
                log: self.log.clone(),
            }))
        }
    }

    #[tokio::test]
    async fn one_that_has_more_waits_for_all_others() {
        let (bench, flusher) = Bench::new();
        let running = tokio::spawn(flusher.run());
        for (name, left) in [("a", 3), ("b", 1), ("c", 1)] {
            assert!(bench.add(name, left, false));
        }
        while bench.log.lock().len() < 5 {
            yield_now().await;
        }
        assert_eq!(*bench.log.lock(), ["a", "b", "c", "a", "a"]);
        running.abort();
    }

    #[tokio::test]
    async fn a_panic_costs_nobody_elses_delivery() {
        let (bench, flusher) = Bench::new();
        let running = tokio::spawn(flusher.run());
        for name in ["a", "b"] {
            assert!(bench.add(name, 1, name == "a"));
        }
        while bench.log.lock().len() < 2 {
            yield_now().await;
        }
        assert!(bench.add("c", 1, false));
        while bench.log.lock().len() < 3 {
            yield_now().await;
        }
        assert_eq!(*bench.log.lock(), ["a abandoned", "b", "c"]);
        running.abort();
    }

    #[tokio::test]
    async fn nobody_waits_for_a_flusher_that_is_gone() {
        let (bench, flusher) = Bench::new();
        assert!(bench.add("a", 1, false));
        let running = tokio::spawn(flusher.run());
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        assert_eq!(*bench.log.lock(), ["a abandoned"]);
        assert!(!bench.shard.is_alive());
        assert!(!bench.add("b", 1, false));
    }
}
