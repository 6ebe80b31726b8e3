//! Lists and objects, part by part.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::Error;

use super::writer::{Mode, Writer};

/// A list or an object, as far as it is written.
#[derive(Debug)]
pub(crate) struct Parts<'w, 'a> {
    writer: &'w mut Writer<'a>,
    /// What stands behind the last part; empty for JSON text as it is.
    close: &'static str,
    first: bool,
}

impl<'w, 'a> Parts<'w, 'a> {
    pub(super) fn open(
        writer: &'w mut Writer<'a>,
        open: &[u8],
        close: &'static str,
    ) -> Result<Self, Error> {
        writer.value()?;
        writer.out.extend_from_slice(open);
        Ok(Self {
            writer,
            close,
            first: true,
        })
    }
}

impl Parts<'_, '_> {
    fn comma(&mut self) {
        if !self.first {
            self.writer.out.push(b',');
        }
        self.first = false;
    }

    /// Begins a field: of JSON text as it is there is nothing but its text.
    fn field(&mut self, key: &str) -> Result<(), Error> {
        if self.close.is_empty() {
            self.writer.mode = Mode::Verbatim;
            return Ok(());
        }
        self.comma();
        self.writer.plain(key)?;
        self.writer.out.push(b':');
        Ok(())
    }

    fn close(self) {
        self.writer.out.extend_from_slice(self.close.as_bytes());
    }
}

macro_rules! lists {
    ($($kind:ident::$method:ident)*) => {$(
        impl $kind for Parts<'_, '_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.comma();
                value.serialize(&mut *self.writer)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
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
        impl $kind for Parts<'_, '_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(key)?;
                let written = value.serialize(&mut *self.writer);
                self.writer.mode = Mode::Value;
                written
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Parts<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.comma();
        self.writer.mode = Mode::Key;
        let written = key.serialize(&mut *self.writer);
        self.writer.mode = Mode::Value;
        written
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.writer.out.push(b':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}
