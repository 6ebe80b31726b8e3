use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "chat", commands = Chat, events = Chat)]
pub enum Chat {}

fn main() {}
