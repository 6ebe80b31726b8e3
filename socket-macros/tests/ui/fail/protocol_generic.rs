use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {}

#[derive(Events)]
pub enum ChatEvent {}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent)]
pub struct Chat<T>;

fn main() {}

//- Chat<T>
//+ Chat
