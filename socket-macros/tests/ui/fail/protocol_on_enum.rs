use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "chat", commands = Chat, events = Chat)]
pub enum Chat {}

fn main() {}

//- commands = Chat, events = Chat
//+ commands = socket_protocol::definition::NoCommands, events = socket_protocol::definition::NoEvents
//- pub enum Chat {}
//+ pub struct Chat;
