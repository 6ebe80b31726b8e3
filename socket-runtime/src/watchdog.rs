//! Keeps a runtime going while a handler keeps one of its threads. Of a runtime's idle threads one
//! waits for input and the others sleep. The one that waits takes up what came, and if that is a
//! handler which blocks, nobody waits for input any more: all connections stand still although
//! threads are free. So while one of the program's own functions runs for longer than a few
//! milliseconds, a thread of this module gives the runtime something to do every [`TICK`], for which
//! another of its threads wakes up, takes up what has come, and waits for input from then on.
//!
//! What is watched notes that it has begun and ended, each by one store that no other thread writes
//! to. The thread reads those notes, and sleeps once nothing was watched for a second.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::task::yield_now;

/// How often the notes are read. What is seen running twice is given help at once.
const TICK: Duration = Duration::from_millis(10);
/// After how many looks without anything watched the thread sleeps.
const QUIET: u32 = 100;

static WATCHDOG: LazyLock<Watchdog> = LazyLock::new(Watchdog::default);

#[derive(Default)]
struct Watchdog {
    seats: Mutex<Vec<Arc<Seat>>>,
    helpers: Mutex<Vec<(Id, Weak<dyn Help>)>>,
    /// Nobody reads the notes: whoever begins something wakes the thread.
    asleep: AtomicBool,
    thread: OnceLock<Thread>,
}

/// Work of ours that may wait for the thread that is kept, and that another can do as well.
pub(crate) trait Help: Send + Sync {
    /// Does some of it. `true`: there is more.
    fn help(&self) -> bool;
}

/// A thread of a runtime, as the watchdog sees it.
struct Seat {
    /// Odd while something runs, and another number for each.
    note: AtomicU64,
    /// What was read last; only the watchdog's thread writes it.
    seen: AtomicU64,
    runtime: Handle,
}

/// A thread of a runtime, as it sees itself.
struct Worker {
    /// `None`: this runtime has no other thread that could help.
    seat: Option<Arc<Seat>>,
    count: Cell<u64>,
}

thread_local! {
    static WORKER: Worker = Worker::new();
}

impl Worker {
    fn new() -> Self {
        let runtime = Handle::try_current().ok().filter(|runtime| {
            runtime.runtime_flavor() == RuntimeFlavor::MultiThread
                && runtime.metrics().num_workers() > 1
        });
        Self {
            seat: runtime.map(|runtime| WATCHDOG.seat(runtime)),
            count: Cell::new(0),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(own) = &self.seat {
            let mut seats = WATCHDOG.seats.lock();
            seats.retain(|seat| !Arc::ptr_eq(seat, own));
        }
    }
}

/// Something of the program's own runs on this thread until it is dropped.
#[must_use = "what is watched lasts as long as this"]
pub(crate) struct Watch {
    /// The note of what runs around it.
    before: u64,
    /// It belongs to its thread.
    _thread: PhantomData<*const ()>,
}

impl Watch {
    #[inline]
    pub(crate) fn begin() -> Self {
        let before = WORKER.try_with(|worker| {
            let Some(seat) = &worker.seat else { return 0 };
            let before = seat.note.load(Ordering::Relaxed);
            let count = worker.count.get() + 1;
            worker.count.set(count);
            seat.note.store(count << 1 | 1, Ordering::Relaxed);
            if WATCHDOG.asleep.load(Ordering::Relaxed) {
                WATCHDOG.wake();
            }
            before
        });
        Self {
            before: before.unwrap_or_default(),
            _thread: PhantomData,
        }
    }
}

impl Drop for Watch {
    #[inline]
    fn drop(&mut self) {
        let _ = WORKER.try_with(|worker| {
            if let Some(seat) = &worker.seat {
                let over = worker.count.get() << 1;
                let note = if is_running(self.before) {
                    self.before
                } else {
                    over
                };
                seat.note.store(note, Ordering::Relaxed);
            }
        });
    }
}

const fn is_running(note: u64) -> bool {
    note & 1 == 1
}

/// Has it help while a thread of that runtime is kept, for as long as it is there.
pub(crate) fn register(runtime: Id, helper: Weak<dyn Help>) {
    let mut helpers = WATCHDOG.helpers.lock();
    helpers.retain(|(_, helper)| helper.strong_count() > 0);
    helpers.push((runtime, helper));
}

impl Watchdog {
    fn seat(&'static self, runtime: Handle) -> Arc<Seat> {
        let seat = Arc::new(Seat {
            note: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            runtime,
        });
        self.seats.lock().push(seat.clone());
        self.thread.get_or_init(|| {
            let name = "socket-watchdog".to_owned();
            let started = thread::Builder::new().name(name).spawn(|| self.run());
            started.map_or_else(
                |error| {
                    tracing::warn!(%error, "no watchdog: a handler that blocks may hold up others");
                    thread::current()
                },
                |started| started.thread().clone(),
            )
        });
        seat
    }

    fn wake(&self) {
        if self.asleep.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    fn run(&self) {
        let mut quiet = 0;
        loop {
            thread::sleep(TICK);
            quiet = if self.look() { 0 } else { quiet + 1 };
            if quiet < QUIET {
                continue;
            }
            self.asleep.store(true, Ordering::SeqCst);
            // What began before this was to be seen there is itself to be seen by now.
            thread::sleep(TICK);
            if !self.look() {
                while self.asleep.load(Ordering::SeqCst) {
                    thread::park();
                }
            }
            self.asleep.store(false, Ordering::SeqCst);
            quiet = 0;
        }
    }

    /// Reads the notes, and sends help where it is needed. Whether anything was watched.
    fn look(&self) -> bool {
        let mut busy = false;
        let mut kept: Vec<Handle> = Vec::new();
        for seat in self.seats.lock().iter() {
            let note = seat.note.load(Ordering::Relaxed);
            let seen = seat.seen.swap(note, Ordering::Relaxed);
            busy |= note != seen || is_running(note);
            let known = |other: &Handle| other.id() == seat.runtime.id();
            if note == seen && is_running(note) && !kept.iter().any(known) {
                kept.push(seat.runtime.clone());
            }
        }
        for runtime in kept {
            let helpers = self.helpers.lock();
            let own = helpers.iter().filter(|(id, _)| *id == runtime.id());
            let own: Vec<_> = own.map(|(_, helper)| helper.clone()).collect();
            drop(helpers);
            runtime.spawn(help(own));
        }
        busy
    }
}

async fn help(helpers: Vec<Weak<dyn Help>>) {
    for helper in helpers {
        while helper.upgrade().is_some_and(|helper| helper.help()) {
            yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Told(Mutex<mpsc::Sender<()>>);

    impl Help for Told {
        fn help(&self) -> bool {
            let _ = self.0.lock().send(());
            false
        }
    }

    fn runtime(threads: usize) -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads).build().unwrap()
    }

    #[test]
    fn help_comes_again_and_again_while_a_thread_is_kept() {
        let runtime = runtime(2);
        let (tell, told) = mpsc::channel();
        let helper: Arc<dyn Help> = Arc::new(Told(Mutex::new(tell)));
        let weak = Arc::downgrade(&helper);
        let kept = runtime.spawn(async move {
            register(Handle::current().id(), weak);
            let _watch = Watch::begin();
            for _ in 0..3 {
                told.recv().unwrap();
            }
        });
        runtime.block_on(kept).unwrap();
        drop(helper);
    }

    #[test]
    fn what_runs_inside_another_leaves_the_outer_one_watched() {
        let runtime = runtime(2);
        let noted = runtime.spawn(async {
            let note = || {
                WORKER.with(|worker| {
                    worker
                        .seat
                        .as_ref()
                        .map(|seat| seat.note.load(Ordering::Relaxed))
                })
            };
            let outer = Watch::begin();
            let before = note();
            let inner = Watch::begin();
            assert_ne!(note(), before);
            drop(inner);
            assert_eq!(note(), before);
            drop(outer);
            note()
        });
        let noted = runtime.block_on(noted).unwrap().unwrap();
        assert!(!is_running(noted) && noted > 0);
    }

    #[test]
    fn a_thread_that_is_alone_is_not_watched() {
        let runtime = runtime(1);
        let watched = runtime.spawn(async {
            let _watch = Watch::begin();
            WORKER.with(|worker| worker.seat.is_some())
        });
        assert!(!runtime.block_on(watched).unwrap());
    }
}
