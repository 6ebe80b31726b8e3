use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {}

#[derive(Events)]
pub enum ChatEvent {}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, event = ChatEvent)]
pub struct Chat;

fn main() {}

//- event =
//+ events =
