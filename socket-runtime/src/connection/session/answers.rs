//! The answers that a session keeps, so that a call that is sent again does not run again.

use std::collections::VecDeque;

use bytes::Bytes;
use socket_protocol::RequestId;

/// The latest answers, bounded, and the highest id that was seen.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    highest: Option<RequestId>,
    /// In the order in which they were given.
    answers: VecDeque<(RequestId, Bytes)>,
    bytes: usize,
    /// Answers given before the first of them.
    before: u64,
    /// The number of answers given when the client was last sent a `:ping`.
    asked: Option<u64>,
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

    /// Keeps an answer, and as many of those before it as the bounds allow.
    pub(crate) fn keep(&mut self, id: RequestId, frame: Bytes, most: usize, most_bytes: usize) {
        self.bytes += frame.len();
        self.answers.push_back((id, frame));
        while self.answers.len() > most || self.bytes > most_bytes {
            self.forget_first();
        }
    }

    /// The answer to that call, where it is still kept.
    pub(crate) fn answer(&self, id: RequestId) -> Option<Bytes> {
        let mut answers = self.answers.iter().rev();
        let (_, frame) = answers.find(|(of, _)| *of == id)?;
        Some(frame.clone())
    }

    /// The client is asked for a sign of life.
    pub(crate) fn ask(&mut self) {
        self.asked = Some(self.before + self.answers.len() as u64);
    }

    /// The sign came: everything that was sent before the question has arrived, and no client sends a
    /// call again whose answer it has.
    pub(crate) fn heard(&mut self) {
        if let Some(asked) = self.asked.take() {
            while self.before < asked && !self.answers.is_empty() {
                self.forget_first();
            }
        }
    }

    /// The question went with its socket.
    pub(crate) fn unask(&mut self) {
        self.asked = None;
    }

    /// Bytes of the answers.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn forget_first(&mut self) {
        if let Some((_, frame)) = self.answers.pop_front() {
            self.bytes -= frame.len();
            self.before += 1;
        }
        if self.answers.is_empty() {
            // A session that calls nothing keeps no room for answers.
            self.answers = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> RequestId {
        RequestId::new(id).unwrap()
    }

    fn kept(kept: &Kept) -> Vec<u64> {
        kept.answers.iter().map(|(id, _)| id.get()).collect()
    }

    #[test]
    fn the_latest_answers_stay_within_both_bounds() {
        let mut all = Kept::default();
        for n in 1..=5 {
            all.keep(id(n), vec![0; 10].into(), 3, 1000);
        }
        assert_eq!((kept(&all), all.bytes()), (vec![3, 4, 5], 30));
        all.keep(id(6), vec![0; 25].into(), 3, 40);
        assert_eq!((kept(&all), all.bytes()), (vec![5, 6], 35));
        // One that is too large alone leaves nothing.
        all.keep(id(7), vec![0; 41].into(), 3, 40);
        assert_eq!((kept(&all), all.bytes()), (vec![], 0));
        assert_eq!(all.answers.capacity(), 0);
    }

    #[test]
    fn ids_are_new_once_and_only_upwards() {
        let mut kept = Kept::default();
        let new = [2, 3, 3, 2, 10, 9, 11].map(|n| kept.is_new(id(n)));
        assert_eq!(new, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn a_sign_of_life_shows_what_has_arrived() {
        let mut all = Kept::default();
        let frame = || Bytes::from_static(b"x");
        all.heard();
        all.keep(id(1), frame(), 9, 99);
        all.keep(id(2), frame(), 9, 99);
        all.ask();
        all.keep(id(3), frame(), 9, 99);
        all.heard();
        assert_eq!(kept(&all), [3]);
        // Another that nobody asked for shows nothing.
        all.heard();
        assert_eq!(kept(&all), [3]);
        all.ask();
        all.unask();
        all.heard();
        assert_eq!(kept(&all), [3]);
    }
}
