use socket_protocol::prelude::*;

pub struct Name(String);

fn write<S: socket_protocol::__private::serde::Serializer>(
    name: &Name,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&name.0)
}

#[derive(Events)]
pub enum ChatEvent {
    #[event(latest = "user")]
    Typing {
        #[serde(serialize_with = "write", skip_deserializing, default = "nobody")]
        user: Name,
    },
}

fn nobody() -> Name {
    Name(String::new())
}

fn main() {}

//- latest = "user"
//+ latest
