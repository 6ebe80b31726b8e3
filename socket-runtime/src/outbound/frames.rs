//! Frames on their way out, of which a newer one may replace an older one.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

/// Replaced frames that leave an empty place before the places are closed, and frames that have
/// left and are remembered as the newest of their key.
const FEW: usize = 64;

/// Frames in the order in which they are written.
///
/// A frame of the class `latest` that a newer one replaces leaves an empty place, so that the order
/// of the others needs no moving; [`Self::close_up`] takes such places out before anything is
/// written.
#[derive(Debug, Default)]
pub(super) struct Frames {
    list: VecDeque<Bytes>,
    /// The number of the first frame: they are numbered as they come.
    first: u64,
    empty: usize,
    /// By key. Most connections have none, so an idle connection holds just a pointer.
    latest: Option<Box<Latest>>,
}

/// The number of the newest frame of each key.
#[derive(Debug, Default)]
struct Latest(HashMap<Arc<str>, u64>);

impl Frames {
    pub(super) const fn list(&self) -> &VecDeque<Bytes> {
        &self.list
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a frame before all others but those that are `begun`.
    pub(super) fn push_first(&mut self, frame: Bytes, begun: usize) {
        if let Some(latest) = &mut self.latest {
            // Nothing replaces what is begun or has left, and their numbers would be those of others.
            let (first, there) = (self.first, begun as u64..self.list.len() as u64);
            latest
                .0
                .retain(|_, number| there.contains(&number.wrapping_sub(first)));
        }
        self.first = self.first.wrapping_sub(1);
        self.list.insert(begun, frame);
    }

    pub(super) fn push_back(&mut self, frame: Bytes) {
        self.list.push_back(frame);
    }

    /// The same for the newest frame of a key, of which [`Self::take_older`] has taken the older.
    pub(super) fn push_latest(&mut self, frame: Bytes, key: &Arc<str>) {
        let number = self.first.wrapping_add(self.list.len() as u64);
        let latest = self.latest.get_or_insert_default();
        latest.0.insert(key.clone(), number);
        self.list.push_back(frame);
        self.forget();
        if self.empty > FEW && self.empty > self.list.len() / 2 {
            self.close_up();
        }
    }

    /// Takes out the frame of that key, behind those that are `begun`. Returns its size.
    pub(super) fn take_older(&mut self, key: &Arc<str>, begun: usize) -> Option<usize> {
        let number = self.latest.as_mut()?.0.remove(key)?;
        self.take_out(number, begun)
    }

    fn take_out(&mut self, number: u64, begun: usize) -> Option<usize> {
        // One that has left already has a number far beyond.
        let place = usize::try_from(number.wrapping_sub(self.first)).ok()?;
        let frame = self.list.get_mut(place).filter(|_| place >= begun)?;
        let bytes = std::mem::take(frame).len();
        self.empty += 1;
        Some(bytes)
    }

    pub(super) fn pop_front(&mut self) {
        if self.list.pop_front().is_some() {
            self.first = self.first.wrapping_add(1);
        }
        if self.list.is_empty() {
            self.latest = None;
        }
    }

    /// Adds what came later, and takes over its room if it has more. Returns how many frames that
    /// replaced, and their bytes.
    pub(super) fn append(&mut self, later: &mut Self, begun: usize) -> (usize, usize) {
        let (mut frames, mut bytes) = (0, 0);
        if let Some(newer) = later.latest.take() {
            let end = self.first.wrapping_add(self.list.len() as u64);
            newer.0.into_iter().for_each(|(key, number)| {
                if let Some(older) = self.take_older(&key, begun) {
                    frames += 1;
                    bytes += older;
                }
                let number = end.wrapping_add(number.wrapping_sub(later.first));
                let latest = self.latest.get_or_insert_default();
                latest.0.insert(key, number);
            });
        }
        if self.list.is_empty() && self.list.capacity() < later.list.capacity() {
            std::mem::swap(&mut self.list, &mut later.list);
        } else {
            self.list.append(&mut later.list);
        }
        self.empty += std::mem::take(&mut later.empty);
        self.close_up();
        self.forget();
        (frames, bytes)
    }

    /// Forgets frames that have left, once they are most of those that are known by their key.
    fn forget(&mut self) {
        let (first, len) = (self.first, self.list.len());
        if let Some(latest) = &mut self.latest
            && latest.0.len() > 2 * len + FEW
        {
            latest
                .0
                .retain(|_, number| number.wrapping_sub(first) < len as u64);
            latest.0.shrink_to(len + FEW);
        }
    }

    /// Drops all but the first so many, and returns how many frames and bytes that was.
    pub(super) fn keep_first(&mut self, begun: usize) -> (usize, usize) {
        let dropped = self.list.split_off(begun.min(self.list.len()));
        self.latest = None;
        self.empty = 0;
        let frames = dropped.iter().filter(|frame| !frame.is_empty()).count();
        (frames, dropped.iter().map(Bytes::len).sum())
    }

    /// Takes the empty places out.
    pub(super) fn close_up(&mut self) {
        if self.empty == 0 {
            return;
        }
        self.empty = 0;
        if let Some(latest) = &mut self.latest {
            let mut gone = 0;
            let before: Vec<u64> = self
                .list
                .iter()
                .map(|frame| {
                    let before = gone;
                    gone += u64::from(frame.is_empty());
                    before
                })
                .collect();
            latest.0.retain(|_, number| {
                let place = usize::try_from(number.wrapping_sub(self.first)).ok();
                let gone = place.and_then(|place| before.get(place));
                gone.map(|gone| *number = number.wrapping_sub(*gone))
                    .is_some()
            });
        }
        self.list.retain(|frame| !frame.is_empty());
    }

    /// Gives back the room of a burst.
    pub(super) fn tidy(&mut self, kept: usize) {
        if self.list.is_empty() && self.list.capacity() > kept {
            self.list = VecDeque::new();
        }
    }

    /// Gives back all the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.list.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(frames: &mut Frames) -> Vec<String> {
        frames.close_up();
        let text = |frame: &Bytes| String::from_utf8_lossy(frame).into_owned();
        frames.list.iter().map(text).collect()
    }

    /// `k=text` is the latest of `k`, anything else a frame of its own.
    fn push(frames: &mut Frames, text: &'static str, begun: usize) {
        match text.split_once('=') {
            None => frames.push_back(Bytes::from_static(text.as_bytes())),
            Some((key, text)) => {
                let key = Arc::from(key);
                frames.take_older(&key, begun);
                frames.push_latest(Bytes::from_static(text.as_bytes()), &key);
            }
        }
    }

    #[test]
    fn the_newest_of_a_key_is_there_alone_and_in_the_order_of_its_coming() {
        let mut frames = Frames::default();
        for text in ["a=1", "x", "b=2", "a=3", "y", "a=4"] {
            push(&mut frames, text, 0);
        }
        assert_eq!(texts(&mut frames), ["x", "2", "y", "4"]);
        push(&mut frames, "b=5", 0);
        assert_eq!(texts(&mut frames), ["x", "y", "4", "5"]);
        frames.pop_front();
        frames.push_first(Bytes::from_static(b"first"), 0);
        push(&mut frames, "a=6", 0);
        assert_eq!(texts(&mut frames), ["first", "y", "5", "6"]);
    }

    #[test]
    fn what_goes_first_goes_behind_what_is_begun() {
        let mut frames = Frames::default();
        for text in ["a=1", "b=2"] {
            push(&mut frames, text, 0);
        }
        frames.push_first(Bytes::from_static(b"first"), 1);
        push(&mut frames, "a=3", 1);
        push(&mut frames, "b=4", 1);
        assert_eq!(texts(&mut frames), ["1", "first", "3", "4"]);
    }

    #[test]
    fn what_goes_first_is_not_taken_for_one_that_has_left() {
        let mut frames = Frames::default();
        for text in ["a=1", "b=2"] {
            push(&mut frames, text, 0);
        }
        frames.pop_front();
        frames.push_first(Bytes::from_static(b"first"), 0);
        push(&mut frames, "a=3", 0);
        assert_eq!(texts(&mut frames), ["first", "2", "3"]);
    }

    #[test]
    fn the_keys_of_frames_that_have_left_do_not_pile_up() {
        let mut frames = Frames::default();
        frames.push_back(Bytes::from_static(b"always one"));
        for n in 0..10_000 {
            let mut later = Frames::default();
            later.push_latest(Bytes::from_static(b"x"), &Arc::from(format!("{n}a")));
            frames.append(&mut later, 1);
            frames.push_latest(Bytes::from_static(b"x"), &Arc::from(format!("{n}b")));
            frames.pop_front();
            frames.pop_front();
        }
        assert_eq!(frames.len(), 1);
        let known = &frames.latest.as_ref().unwrap().0;
        assert!(known.len() < 100 && known.capacity() < 1000, "{known:?}");
    }

    #[test]
    fn what_has_left_or_is_begun_is_not_replaced() {
        let mut frames = Frames::default();
        for text in ["a=1", "b=2", "c=3"] {
            push(&mut frames, text, 0);
        }
        frames.pop_front();
        push(&mut frames, "a=4", 0);
        push(&mut frames, "b=5", 1);
        assert_eq!(texts(&mut frames), ["2", "3", "4", "5"]);
    }

    #[test]
    fn what_came_later_replaces_too() {
        let (mut frames, mut later) = (Frames::default(), Frames::default());
        for text in ["a=1", "x", "b=2"] {
            push(&mut frames, text, 0);
        }
        for text in ["y", "a=3", "a=33", "c=4"] {
            push(&mut later, text, 0);
        }
        assert_eq!(frames.append(&mut later, 0), (1, 1));
        assert_eq!(texts(&mut frames), ["x", "2", "y", "33", "4"]);
        for text in ["c=5", "b=6"] {
            push(&mut frames, text, 0);
        }
        assert_eq!(texts(&mut frames), ["x", "y", "33", "5", "6"]);
        assert_eq!(frames.keep_first(1), (4, 5));
        push(&mut frames, "a=7", 0);
        assert_eq!(texts(&mut frames), ["x", "7"]);
    }

    #[test]
    fn empty_places_do_not_pile_up() {
        let mut frames = Frames::default();
        push(&mut frames, "x", 0);
        for _ in 0..10_000 {
            push(&mut frames, "a=1", 0);
            push(&mut frames, "b=2", 0);
        }
        assert!(frames.len() < 200);
        assert_eq!(texts(&mut frames), ["x", "1", "2"]);
    }
}
