//! The tasks of a service's connections: spawned, counted, and cut off where its end would take too
//! long.

use std::collections::HashMap;
use std::future::Future;

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use socket_protocol::Protocol;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::Service;
use super::shutdown::Stage;

#[derive(Debug, Default)]
pub(super) struct Tasks {
    running: Mutex<Running>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Running {
    next: u64,
    /// `None`: it is about to begin.
    tasks: HashMap<u64, Option<AbortHandle>>,
}

impl Tasks {
    /// Waits until none runs.
    pub(super) async fn ended(&self) {
        // The sender lives in the service itself, so that waiting cannot fail.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Drops all of them, each as soon as it does not run.
    pub(super) fn abort(&self) {
        let running = self.running.lock();
        let tasks: Vec<_> = running.tasks.values().flatten().cloned().collect();
        drop(running);
        tasks.iter().for_each(AbortHandle::abort);
    }

    fn enter(&self) -> u64 {
        let mut running = self.running.lock();
        running.next += 1;
        let number = running.next;
        running.tasks.insert(number, None);
        drop(running);
        self.count.send_modify(|count| *count += 1);
        number
    }

    fn leave(&self, number: u64) {
        self.running.lock().tasks.remove(&number);
        self.count.send_modify(|count| *count -= 1);
    }
}

/// A task, counted until it is dropped.
struct Counted<P: Protocol, U> {
    service: Service<P, U>,
    number: u64,
}

impl<P: Protocol, U> Drop for Counted<P, U> {
    fn drop(&mut self) {
        self.service.inner.tasks.leave(self.number);
    }
}

impl<P, U> Service<P, U>
where
    P: Protocol,
    U: Send + Sync + 'static,
{
    /// Runs something that the service's end waits for, and cuts off in the end.
    pub(crate) fn spawn(&self, runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
        if *self.inner.stage.borrow() == Stage::Over {
            return;
        }
        let number = self.inner.tasks.enter();
        let counted = Counted {
            service: self.clone(),
            number,
        };
        // An async block would hold the task twice: where it was captured and where it is awaited.
        let spawned = runtime.spawn(task.map(move |()| drop(counted)));
        let mut running = self.inner.tasks.running.lock();
        // One that has ended meanwhile is not there any more.
        if let Some(entry) = running.tasks.get_mut(&number) {
            *entry = Some(spawned.abort_handle());
        }
    }
}
