use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "chat", commands, events = ChatEvent)]
pub struct Chat;

fn main() {}
