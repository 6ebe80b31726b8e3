//! What a client was told of one place, checked item by item.

use socket_protocol::system::Recovery;
use socket_runtime::client::Incoming;

use crate::protocol::BankEvent;

/// What is known of one place, from what came.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The number of the last event, where what follows must be the next one.
    last: Option<u32>,
    /// Where the channel stood when it was joined anew: the first event comes behind it.
    stood: Option<u64>,
    /// Something may be missing before the next event, and it was said.
    told: bool,
    member: bool,
    left: bool,
    /// The numbers that came, in all.
    pub came: Vec<u32>,
    /// How often it was joined without a position.
    pub fresh: u32,
    /// Gaps of a history behind which nothing was missing.
    pub idle_gaps: u32,
}

impl Ledger {
    /// # Panics
    /// When it does not follow from what came before.
    pub fn enter(&mut self, incoming: &Incoming<BankEvent>) {
        match incoming {
            Incoming::Event(event) => {
                let BankEvent::Number { number } = event.event;
                assert!(self.member, "{number} came to one that is no member");
                if let Some(last) = self.last {
                    assert!(number > last, "{number} came after {last}");
                    assert!(
                        number == last + 1 || self.told,
                        "{number} came after {last}, and nobody told of a gap"
                    );
                    self.idle_gaps += u32::from(self.told && number == last + 1);
                }
                if let (Some(stood), Some(at)) = (self.stood.take(), event.at)
                    && !self.told
                {
                    assert_eq!(at, stood + 1, "joined at {stood}");
                }
                self.last = Some(number);
                self.told = false;
                self.came.push(number);
            }
            Incoming::Joined { result, .. } => {
                self.member = true;
                let anew = std::mem::take(&mut self.left) || self.last.is_none();
                match result.recovery {
                    Some(Recovery::Fresh) => {
                        self.fresh += 1;
                        self.last = None;
                        self.stood = result.at;
                        self.told = false;
                    }
                    Some(Recovery::Complete) => {}
                    // Told of apart, where the client was in before.
                    Some(Recovery::Gap | Recovery::None) | None => {
                        self.stood = None;
                        if anew {
                            self.last = None;
                        }
                    }
                }
            }
            Incoming::Gap { .. } => {
                assert!(self.member, "a gap, to one that is no member");
                self.told = true;
                self.stood = None;
            }
            Incoming::Closed { .. } => {
                self.member = false;
                self.last = None;
            }
            Incoming::Missed(_) | Incoming::Invalid { .. } | Incoming::Unknown { .. } => {
                panic!("{incoming:?}")
            }
            _ => {}
        }
    }

    /// The program leaves: what is published from now on need not come, until it is in again.
    pub fn leave(&mut self) {
        self.left = true;
    }
}
