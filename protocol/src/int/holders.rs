//! Containers of integers that cross the wire as text.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::de::Error as _;
use serde::ser::{Error as _, SerializeStruct as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Textual;

struct Written<'a, T>(&'a T);

impl<T: Textual> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(to)
    }
}

struct Read<T>(T);

impl<'de, T: Textual> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::read(from).map(Self)
    }
}

impl<T: Textual> Textual for Option<T> {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Written).serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Option::<Read<T>>::deserialize(from)?;
        Ok(read.map(|Read(value)| value))
    }
}

macro_rules! boxes {
    ($($holder:ident)*) => {$(
        impl<T: Textual> Textual for $holder<T> {
            fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                T::write(self, to)
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                T::read(from).map(Self::new)
            }
        }
    )*};
}

boxes! { Box Rc Arc }

macro_rules! lists {
    ($($holder:ident<T $(: $bound:ident $(+ $more:ident)*)? $(, $hasher:ident)?>)*) => {$(
        impl<T: Textual $(+ $bound $(+ $more)*)? $(, $hasher: BuildHasher + Default)?> Textual
            for $holder<T $(, $hasher)?>
        {
            fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                #[allow(clippy::iter_over_hash_type, reason = "a set has no order")]
                to.collect_seq(self.iter().map(Written))
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let read = Vec::<Read<T>>::deserialize(from)?;
                Ok(read.into_iter().map(|Read(value)| value).collect())
            }
        }
    )*};
}

lists! { Vec<T> VecDeque<T> BTreeSet<T: Ord> HashSet<T: Eq + Hash, H> }

impl<T: Textual, const N: usize> Textual for [T; N] {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Written))
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Vec::<T>::read(from)?;
        let length = read.len();
        Self::try_from(read)
            .map_err(|_| D::Error::invalid_length(length, &format!("{N} items").as_str()))
    }
}

impl<K, T> Textual for BTreeMap<K, T>
where
    K: Serialize + for<'de> Deserialize<'de> + Ord,
    T: Textual,
{
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter().map(|(key, value)| (key, Written(value))))
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = BTreeMap::<K, Read<T>>::deserialize(from)?;
        Ok(read
            .into_iter()
            .map(|(key, Read(value))| (key, value))
            .collect())
    }
}

impl<K, T, H> Textual for HashMap<K, T, H>
where
    K: Serialize + for<'de> Deserialize<'de> + Eq + Hash,
    T: Textual,
    H: BuildHasher + Default,
{
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[allow(
            clippy::iter_over_hash_type,
            reason = "the keys of a JSON object have no order"
        )]
        to.collect_map(self.iter().map(|(key, value)| (key, Written(value))))
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = HashMap::<K, Read<T>, H>::deserialize(from)?;
        Ok(read
            .into_iter()
            .map(|(key, Read(value))| (key, value))
            .collect())
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),+))*) => {$(
        impl<$($part: Textual),+> Textual for ($($part,)+) {
            fn write<To: Serializer>(&self, to: To) -> Result<To::Ok, To::Error> {
                ($(Written(&self.$at),)+).serialize(to)
            }

            fn read<'de, From: Deserializer<'de>>(from: From) -> Result<Self, From::Error> {
                let read = <($(Read<$part>,)+)>::deserialize(from)?;
                Ok(($(read.$at.0,)+))
            }
        }
    )*};
}

tuples! {
    (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5) (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

impl<T: Textual, E: Textual> Textual for Result<T, E> {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Written).map_err(Written).serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Result::<Read<T>, Read<E>>::deserialize(from)?;
        Ok(read.map(|Read(value)| value).map_err(|Read(error)| error))
    }
}

/// Types that may stand beside integers in tuples; they are written unchanged.
macro_rules! plain {
    ($($ty:ty)*) => {$(
        impl Textual for $ty {
            fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                self.serialize(to)
            }

            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::deserialize(from)
            }
        }
    )*};
}

plain! { () bool char String u8 u16 u32 i8 i16 i32 f32 f64 }

/// Writes `{ secs, nanos }` under the names that serde gives them.
fn write_time<S: Serializer>(
    since: Duration,
    [name, secs, nanos]: [&'static str; 3],
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut fields = to.serialize_struct(name, 2)?;
    fields.serialize_field(secs, &Written(&since.as_secs()))?;
    fields.serialize_field(nanos, &since.subsec_nanos())?;
    fields.end()
}

/// A whole number of seconds and what is left of it, which may be a second and more.
fn duration<E: serde::de::Error>(secs: u64, nanos: u32) -> Result<Duration, E> {
    Duration::from_secs(secs)
        .checked_add(Duration::from_nanos(nanos.into()))
        .ok_or_else(|| E::custom("the duration is too long"))
}

impl Textual for Duration {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_time(*self, ["Duration", "secs", "nanos"], to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Fields {
            secs: Read<u64>,
            nanos: u32,
        }
        let Fields { secs, nanos } = Fields::deserialize(from)?;
        duration(secs.0, nanos)
    }
}

impl Textual for SystemTime {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let since = self
            .duration_since(Self::UNIX_EPOCH)
            .map_err(|_| S::Error::custom("SystemTime must be later than UNIX_EPOCH"))?;
        let names = ["SystemTime", "secs_since_epoch", "nanos_since_epoch"];
        write_time(since, names, to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Fields {
            secs_since_epoch: Read<u64>,
            nanos_since_epoch: u32,
        }
        let fields = Fields::deserialize(from)?;
        Self::UNIX_EPOCH
            .checked_add(duration(
                fields.secs_since_epoch.0,
                fields.nanos_since_epoch,
            )?)
            .ok_or_else(|| D::Error::custom("the time is out of range"))
    }
}
