//! What JSON cannot carry unharmed is refused while it is written: NaN and infinities, which
//! serde_json writes as `null`, and integers that a JavaScript engine rounds. Writing takes one pass,
//! and only a failure costs more: it gathers its path on the way out.

use std::cell::RefCell;
use std::fmt::Display;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The largest integer up to which a JavaScript number skips none: 2^53 - 1.
const SAFE: u64 = (1 << 53) - 1;

/// The steps from a value that was refused up to the root, innermost first.
#[derive(Debug, Default)]
pub(super) struct Trace(RefCell<Vec<String>>);

impl Trace {
    /// The path from the root: `param.readings[3]`. Empty where the root itself was refused.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for step in self.0.borrow().iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }

    #[cold]
    fn push<E>(&self, step: String, error: E) -> E {
        self.0.borrow_mut().push(step);
        error
    }
}

/// A value whose every part is checked while it is written.
pub(super) struct Exact<'a, T: ?Sized> {
    value: &'a T,
    trace: &'a Trace,
}

impl<'a, T: ?Sized> Exact<'a, T> {
    pub(super) fn new(value: &'a T, trace: &'a Trace) -> Self {
        Self { value, trace }
    }
}

impl<T: Serialize + ?Sized> Serialize for Exact<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Checked {
            to,
            trace: self.trace,
        })
    }
}

/// A serializer, or the part of one that writes a list or an object.
struct Checked<'a, S> {
    to: S,
    trace: &'a Trace,
}

#[cold]
fn not_finite<E: Error>(value: impl Display) -> E {
    E::custom(format_args!("JSON has no number {value}"))
}

#[cold]
fn too_large<E: Error>(value: impl Display) -> E {
    E::custom(format_args!(
        "{value} is beyond 2^53 - 1, where JavaScript rounds; `#[socket(int = \"bigint\")]` or \
         `\"string\"` carries it exactly"
    ))
}

macro_rules! forward {
    ($($method:ident($ty:ty))*) => {$(
        fn $method(self, value: $ty) -> Result<S::Ok, S::Error> {
            self.to.$method(value)
        }
    )*};
}

macro_rules! integers {
    ($($method:ident($ty:ty) $size:expr,)*) => {$(
        fn $method(self, value: $ty) -> Result<S::Ok, S::Error> {
            let size: fn($ty) -> bool = $size;
            if size(value) {
                return Err(too_large(value));
            }
            self.to.$method(value)
        }
    )*};
}

macro_rules! floats {
    ($($method:ident($ty:ty))*) => {$(
        fn $method(self, value: $ty) -> Result<S::Ok, S::Error> {
            if !value.is_finite() {
                return Err(not_finite(value));
            }
            self.to.$method(value)
        }
    )*};
}

impl<'a, S: Serializer> Serializer for Checked<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'a, S::SerializeSeq>;
    type SerializeTuple = Parts<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'a, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'a, S::SerializeMap>;
    type SerializeStruct = Parts<'a, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'a, S::SerializeStructVariant>;

    forward! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32)
        serialize_unit_struct(&'static str)
    }

    integers! {
        serialize_i64(i64) |value| value.unsigned_abs() > SAFE,
        serialize_u64(u64) |value| value > SAFE,
        serialize_i128(i128) |value| value.unsigned_abs() > u128::from(SAFE),
        serialize_u128(u128) |value| value > u128::from(SAFE),
    }

    floats! { serialize_f32(f32) serialize_f64(f64) }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.to.serialize_none()
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.to.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.to.serialize_some(&Exact::new(value, self.trace))
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.to.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = Exact::new(value, self.trace);
        self.to.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let inner = Exact::new(value, self.trace);
        self.to
            .serialize_newtype_variant(name, index, variant, &inner)
            .map_err(|error| self.trace.push(variant.to_owned(), error))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Ok(Parts::new(self.to.serialize_seq(len)?, self.trace, None))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        Ok(Parts::new(self.to.serialize_tuple(len)?, self.trace, None))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let to = self.to.serialize_tuple_struct(name, len)?;
        Ok(Parts::new(to, self.trace, None))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let to = self.to.serialize_tuple_variant(name, index, variant, len)?;
        Ok(Parts::new(to, self.trace, Some(variant)))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Ok(Parts::new(self.to.serialize_map(len)?, self.trace, None))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let to = self.to.serialize_struct(name, len)?;
        Ok(Parts::new(to, self.trace, None))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let to = self
            .to
            .serialize_struct_variant(name, index, variant, len)?;
        Ok(Parts::new(to, self.trace, Some(variant)))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.to.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.to.is_human_readable()
    }
}

/// A list or an object, as far as it is written.
struct Parts<'a, C> {
    to: C,
    trace: &'a Trace,
    /// The variant of an enum that it belongs to, which is a step of its own.
    variant: Option<&'static str>,
    /// How many items were written.
    at: usize,
}

impl<'a, C> Parts<'a, C> {
    fn new(to: C, trace: &'a Trace, variant: Option<&'static str>) -> Self {
        Self {
            to,
            trace,
            variant,
            at: 0,
        }
    }

    /// Writes one part; `step` names it where it is refused.
    fn part<T: Serialize + ?Sized, E>(
        &mut self,
        value: &T,
        write: impl FnOnce(&mut C, &Exact<'_, T>) -> Result<(), E>,
        step: impl FnOnce(usize) -> String,
    ) -> Result<(), E> {
        let at = self.at;
        self.at += 1;
        write(&mut self.to, &Exact::new(value, self.trace)).map_err(|error| {
            let error = self.trace.push(step(at), error);
            match self.variant {
                Some(variant) => self.trace.push(variant.to_owned(), error),
                None => error,
            }
        })
    }
}

fn item(at: usize) -> String {
    format!("[{at}]")
}

macro_rules! lists {
    ($($kind:ident::$method:ident)*) => {$(
        impl<C: $kind> $kind for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                self.part(value, |to, value| to.$method(value), item)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.to.end()
            }
        }
    )*};
}

lists! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! structs {
    ($($kind:ident)*) => {$(
        impl<C: $kind> $kind for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), C::Error> {
                let write = |to: &mut C, value: &Exact<'_, T>| to.serialize_field(key, value);
                self.part(value, write, |_| key.to_owned())
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), C::Error> {
                self.to.skip_field(key)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.to.end()
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

/// Keys are text on the wire whatever they are, and exact.
impl<C: SerializeMap> SerializeMap for Parts<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.to.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        self.part(value, |to, value| to.serialize_value(value), item)
    }

    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), C::Error> {
        let write = |to: &mut C, value: &Exact<'_, T>| to.serialize_entry(key, value);
        self.part(value, write, |at| match serde_json::to_value(key) {
            Ok(serde_json::Value::String(key)) => key,
            Ok(key) => format!("[{key}]"),
            Err(_) => item(at),
        })
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.to.end()
    }
}
