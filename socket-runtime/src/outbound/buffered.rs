//! What all connections and waiting sessions of a service hold together for clients that do not keep up.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// Smaller changes are not told to the sum, so that whoever keeps up never touches it.
const QUANTUM: usize = 4096;

/// What a place in a queue takes beside the frame's own bytes.
const PLACE: usize = 32;

/// What one of so many receivers of a frame answers for: together they hold it once.
pub(crate) const fn share(bytes: usize, receivers: usize) -> usize {
    match receivers {
        0 | 1 => bytes + PLACE,
        _ => bytes / receivers + PLACE,
    }
}

/// The sum, and who is called when it is above its bound.
pub(crate) struct Buffered {
    bytes: AtomicUsize,
    most: usize,
    /// Somebody was called, and is not done yet.
    called: AtomicBool,
    relief: OnceLock<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl Buffered {
    /// For at most so many bytes.
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            bytes: AtomicUsize::new(0),
            most,
            called: AtomicBool::new(false),
            relief: OnceLock::new(),
        }
    }

    /// Has that called when there is too much. It must not wait, since locks are held; it has
    /// [`Self::relieved`] called in the end, or says `false`.
    pub(crate) fn on_over(&self, relief: impl Fn() -> bool + Send + Sync + 'static) {
        // Set once, where the service is made.
        let _ = self.relief.set(Box::new(relief));
    }

    /// How much there is, to some kibibytes for each who holds any.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// How much has to go, so that there is some room again.
    pub(crate) fn excess(&self) -> usize {
        let bytes = self.bytes();
        if bytes <= self.most {
            return 0;
        }
        bytes - self.most / 8 * 7
    }

    /// Whoever was called has done what can be done.
    pub(crate) fn relieved(&self) {
        self.called.store(false, Relaxed);
    }

    fn change(&self, from: usize, to: usize) {
        let before = self.bytes.fetch_add(to.wrapping_sub(from), Relaxed);
        if to > from
            && before.wrapping_add(to - from) > self.most
            && let Some(relief) = self.relief.get()
            && !self.called.swap(true, Relaxed)
            && !relief()
        {
            self.relieved();
        }
    }
}

impl std::fmt::Debug for Buffered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffered")
            .field("bytes", &self.bytes)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

/// What one holder has told the sum, until it is dropped.
#[derive(Debug)]
pub(crate) struct Account {
    sum: Arc<Buffered>,
    told: AtomicUsize,
}

impl Account {
    pub(crate) const fn new(sum: Arc<Buffered>) -> Self {
        Self {
            sum,
            told: AtomicUsize::new(0),
        }
    }

    /// It holds so much now. Only its holder says so.
    pub(crate) fn set(&self, bytes: usize) {
        let told = self.told.load(Relaxed);
        if bytes.abs_diff(told) >= QUANTUM || (bytes == 0 && told > 0) {
            self.told.store(bytes, Relaxed);
            self.sum.change(told, bytes);
        }
    }

    /// What it has told.
    pub(crate) fn bytes(&self) -> usize {
        self.told.load(Relaxed)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_all_who_hold_much() {
        let sum = Arc::new(Buffered::new(100_000));
        let accounts = [0; 3].map(|_| Account::new(sum.clone()));
        for (account, bytes) in accounts.iter().zip([50_000, 4095, 10_000]) {
            account.set(bytes);
        }
        assert_eq!(sum.bytes(), 60_000);
        accounts[0].set(48_000);
        assert_eq!((sum.bytes(), sum.excess()), (60_000, 0));
        accounts[0].set(20_000);
        assert_eq!(sum.bytes(), 30_000);
        drop(accounts);
        assert_eq!(sum.bytes(), 0);
    }

    #[test]
    fn one_at_a_time_is_called_where_there_is_too_much() {
        let sum = Arc::new(Buffered::new(100_000));
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        sum.on_over(move || counted.fetch_add(1, Relaxed) < 2);
        let account = Account::new(sum.clone());
        for bytes in [100_000, 110_000, 120_000] {
            account.set(bytes);
        }
        assert_eq!((calls.load(Relaxed), sum.excess()), (1, 32_500));
        sum.relieved();
        account.set(130_000);
        account.set(140_000);
        assert_eq!(calls.load(Relaxed), 2);
        // One who cannot do it now is called again.
        sum.relieved();
        account.set(150_000);
        account.set(160_000);
        assert_eq!(calls.load(Relaxed), 4);
    }
}
