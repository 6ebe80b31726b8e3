use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "chat", commands, events = ChatEvent)]
pub struct Chat;

fn main() {}

//- commands, events = ChatEvent
//+ commands = socket_protocol::definition::NoCommands, events = socket_protocol::definition::NoEvents
