use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "chat")]
pub struct Chat;

fn main() {}

//- #[protocol(name = "chat")]
//+ #[protocol(name = "chat", commands = socket_protocol::definition::NoCommands, events = socket_protocol::definition::NoEvents)]
