//! The answers that a session keeps, so that a call that is sent again does not run again.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use socket_protocol::RequestId;
use tokio::time::Instant;

use crate::outbound::Asked;

/// From so many answers on that no `:pong` has acknowledged the client is asked for one, busy as it
/// may be.
const ASK_ANSWERS: usize = 16;

/// The same in bytes.
const ASK_BYTES: usize = 16 * 1024;

/// How often it is asked for that at most: the `:pong`s count among what a client may send a second.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// How much room for answers is kept where fewer are left.
const ROOM: usize = 32;

/// The latest answers, bounded, and the highest id that was seen.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    highest: Option<RequestId>,
    /// In the order in which they were given.
    answers: VecDeque<Answer>,
    bytes: usize,
    /// How many of them were sent on the present socket and not asked about, and their bytes.
    sent: usize,
    sent_bytes: usize,
    /// How many `:ping`s went to the present socket, and how many were answered.
    pings: u32,
    pongs: u32,
    /// When the client was last asked.
    asked: Option<Instant>,
    /// When it was asked about the first of the answers that were not acknowledged since.
    waits: Option<Instant>,
}

#[derive(Debug)]
struct Answer {
    id: RequestId,
    frame: Bytes,
    way: Way,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It was not sent on the present socket.
    Kept,
    /// It was.
    Sent,
    /// The socket had taken it when the `:ping` of that number was queued, at that time.
    Asked(u32, Instant),
}

impl Kept {
    /// Notes the id of a call. `false`: it is not higher than every one before, so the call may have
    /// run already.
    pub(crate) fn is_new(&mut self, id: RequestId) -> bool {
        let new = self.highest.is_none_or(|highest| id > highest);
        if new {
            self.highest = Some(id);
        }
        new
    }

    /// Keeps an answer, and as many of those before it as the bounds allow. `sent`: it is sent on the
    /// present socket, too.
    pub(crate) fn keep(
        &mut self,
        id: RequestId,
        frame: Bytes,
        sent: bool,
        most: usize,
        most_bytes: usize,
    ) {
        self.bytes += frame.len();
        let way = if sent { Way::Sent } else { Way::Kept };
        self.count(way, frame.len());
        if self.answers.capacity() == 0 {
            // Most clients have an answer or two under way, and a queue would begin with room for four.
            self.answers.reserve_exact(2);
        }
        self.answers.push_back(Answer { id, frame, way });
        while self.answers.len() > most || self.bytes > most_bytes {
            let Some(first) = self.answers.pop_front() else {
                break;
            };
            self.bytes -= first.frame.len();
            self.discount(first.way, first.frame.len());
        }
        self.tidy();
    }

    /// The answer to that call, where it is still kept, to be sent again.
    pub(crate) fn answer(&mut self, id: RequestId) -> Option<Bytes> {
        let answer = self.answers.iter_mut().rev();
        let answer = answer.into_iter().find(|answer| answer.id == id)?;
        let frame = answer.frame.clone();
        let before = std::mem::replace(&mut answer.way, Way::Sent);
        self.discount(before, frame.len());
        self.count(Way::Sent, frame.len());
        Some(frame)
    }

    /// Asks for a sign of life by `ping`. It will acknowledge the answers that the socket has taken
    /// by now: the question goes ahead of all others. `anyway`: also where it took none.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        anyway: bool,
        ping: impl FnOnce() -> Asked,
    ) -> Asked {
        self.asked = Some(now);
        // Looked at before, since afterwards the socket may take some that are behind the question.
        let taken = self.answers.iter_mut();
        // Whoever writes holds a frame too until the socket has all of it.
        let taken = taken.filter(|answer| answer.way == Way::Sent && answer.frame.is_unique());
        let taken: Vec<&mut Answer> = taken.collect();
        if taken.is_empty() && !anyway {
            return Asked::Not;
        }
        let asked = ping();
        self.pings += u32::from(asked == Asked::Queued);
        if asked != Asked::Not && !taken.is_empty() {
            for answer in taken {
                answer.way = Way::Asked(self.pings, now);
                self.sent -= 1;
                self.sent_bytes -= answer.frame.len();
            }
            self.waits.get_or_insert(now);
        }
        asked
    }

    /// When the client is to be asked, busy as it is.
    pub(crate) fn asks_at(&self) -> Option<Instant> {
        let at = |asked| asked + ASK_EVERY;
        self.is_long()
            .then(|| self.asked.map_or_else(Instant::now, at))
    }

    /// Whether it is to be asked now.
    pub(crate) fn asks(&self, now: Instant) -> bool {
        let is_time = |asked| now >= asked + ASK_EVERY;
        self.is_long() && self.asked.is_none_or(is_time)
    }

    /// Whether so many answers are kept that nothing acknowledged, or so long ones.
    const fn is_long(&self) -> bool {
        self.sent >= ASK_ANSWERS || self.sent_bytes >= ASK_BYTES
    }

    /// A `:pong` came: everything that was sent before its `:ping` has arrived, and no client sends a
    /// call again whose answer it has.
    pub(crate) fn heard(&mut self) {
        // One that nobody asked for shows nothing.
        if self.pongs < self.pings {
            self.pongs += 1;
            let pongs = self.pongs;
            self.forget(|ping, _| ping <= pongs);
        }
    }

    /// When the first answer is so old that it is given up.
    pub(crate) fn ages_at(&self, age: Duration) -> Option<Instant> {
        self.waits.map(|asked| asked + age)
    }

    /// Gives up what the client was asked about so long ago: it is alive, and says nothing to it.
    pub(crate) fn age(&mut self, now: Instant, age: Duration) {
        if self.ages_at(age).is_some_and(|at| now >= at) {
            self.forget(|_, asked| now >= asked + age);
        }
    }

    /// The socket is gone: what it has taken may not have arrived.
    pub(crate) fn detach(&mut self) {
        for answer in &mut self.answers {
            answer.way = Way::Kept;
        }
        // Each session that waits keeps room for no more than it has.
        self.answers.shrink_to_fit();
        *self = Self {
            highest: self.highest,
            answers: std::mem::take(&mut self.answers),
            bytes: self.bytes,
            ..Self::default()
        };
    }

    /// Bytes of the answers.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets answers that were asked about, by the number of the `:ping` and its time.
    fn forget(&mut self, arrived: impl Fn(u32, Instant) -> bool) {
        if self.waits.take().is_none() {
            return;
        }
        let (bytes, waits) = (&mut self.bytes, &mut self.waits);
        self.answers.retain(|answer| match answer.way {
            Way::Asked(ping, at) if arrived(ping, at) => {
                *bytes -= answer.frame.len();
                false
            }
            Way::Asked(_, at) => {
                *waits = Some(waits.map_or(at, |first| first.min(at)));
                true
            }
            Way::Sent | Way::Kept => true,
        });
        self.tidy();
    }

    fn count(&mut self, way: Way, bytes: usize) {
        if way == Way::Sent {
            self.sent += 1;
            self.sent_bytes += bytes;
        }
    }

    fn discount(&mut self, way: Way, bytes: usize) {
        if way == Way::Sent {
            self.sent -= 1;
            self.sent_bytes -= bytes;
        }
    }

    /// A session that calls little keeps no room for many answers.
    fn tidy(&mut self) {
        let len = self.answers.len();
        if len == 0 || (self.answers.capacity() > ROOM && len < ROOM / 4) {
            self.answers.shrink_to(len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> RequestId {
        RequestId::new(id).unwrap()
    }

    fn frame(len: usize) -> Bytes {
        vec![0; len].into()
    }

    fn kept(kept: &Kept) -> Vec<u64> {
        kept.answers.iter().map(|answer| answer.id.get()).collect()
    }

    #[test]
    fn the_latest_answers_stay_within_both_bounds() {
        let mut all = Kept::default();
        for n in 1..=5 {
            all.keep(id(n), frame(10), true, 3, 1000);
        }
        assert_eq!((kept(&all), all.bytes()), (vec![3, 4, 5], 30));
        all.keep(id(6), frame(25), true, 3, 40);
        assert_eq!((kept(&all), all.bytes()), (vec![5, 6], 35));
        assert_eq!((all.sent, all.sent_bytes), (2, 35));
        // One that is too large alone leaves nothing.
        all.keep(id(7), frame(41), true, 3, 40);
        assert_eq!((kept(&all), all.bytes()), (vec![], 0));
        assert_eq!((all.sent, all.answers.capacity()), (0, 0));
    }

    #[test]
    fn ids_are_new_once_and_only_upwards() {
        let mut kept = Kept::default();
        let new = [2, 3, 3, 2, 10, 9, 11].map(|n| kept.is_new(id(n)));
        assert_eq!(new, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn a_pong_acknowledges_what_the_socket_had_taken_before_its_ping() {
        let now = Instant::now();
        let mut all = Kept::default();
        all.heard();
        let queued = frame(1);
        let mut writing = Some(queued.clone());
        all.keep(id(1), frame(1), true, 9, 99);
        all.keep(id(2), queued, true, 9, 99);
        all.keep(id(3), frame(1), false, 9, 99);
        assert_eq!(
            all.ask(now, true, || {
                writing = None;
                Asked::Queued
            }),
            Asked::Queued
        );
        all.heard();
        // The second was taken behind the question, the third was not sent on this socket at all.
        assert_eq!(kept(&all), [2, 3]);
        // Another that nobody asked for shows nothing.
        all.heard();
        assert_eq!(kept(&all), [2, 3]);
        all.ask(now, true, || Asked::Not);
        all.heard();
        assert_eq!(kept(&all), [2, 3]);
        all.ask(now, true, || Asked::Queued);
        all.detach();
        all.heard();
        assert_eq!(kept(&all), [2, 3]);
        assert!(all.answer(id(3)).is_some());
        all.ask(now, true, || Asked::Queued);
        all.heard();
        assert_eq!((kept(&all), all.bytes()), (vec![2], 1));
    }

    #[test]
    fn each_pong_belongs_to_its_own_ping() {
        let now = Instant::now();
        let mut all = Kept::default();
        all.keep(id(1), frame(1), true, 9, 99);
        all.ask(now, true, || Asked::Queued);
        all.keep(id(2), frame(1), true, 9, 99);
        all.ask(now, true, || Asked::Queued);
        all.keep(id(3), frame(1), true, 9, 99);
        // The second is not written yet, and serves.
        all.ask(now, true, || Asked::Before);
        all.keep(id(4), frame(1), true, 9, 99);
        all.heard();
        assert_eq!(kept(&all), [2, 3, 4]);
        all.heard();
        assert_eq!(kept(&all), [4]);
    }

    #[test]
    fn a_busy_client_is_asked_now_and_then_and_what_it_never_acknowledges_ages() {
        let now = Instant::now();
        let age = Duration::from_secs(35);
        let mut all = Kept::default();
        for n in 1..=15 {
            all.keep(id(n), frame(1), true, 99, 99_999);
            assert_eq!(all.asks_at(), None);
        }
        all.keep(id(16), frame(1), true, 99, 99_999);
        assert!(all.asks_at().is_some() && all.asks(now));
        all.ask(now, true, || Asked::Queued);
        assert_eq!((all.asks_at(), all.ages_at(age)), (None, Some(now + age)));
        all.keep(id(17), frame(ASK_BYTES), true, 99, 99_999);
        assert_eq!(all.asks_at(), Some(now + ASK_EVERY));
        all.ask(now + ASK_EVERY, true, || Asked::Queued);
        all.age(now + age, age);
        assert_eq!(kept(&all), [17]);
        all.age(now + age + ASK_EVERY, age);
        assert_eq!((kept(&all), all.bytes()), (vec![], 0));
        assert_eq!(all.ages_at(age), None);
    }
}
