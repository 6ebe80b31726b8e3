use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {}

#[derive(Events)]
pub enum ChatEvent {}

#[derive(Protocol)]
#[protocol(name = "My Chat", commands = ChatCommand, events = ChatEvent)]
pub struct Chat;

fn main() {}

//- "My Chat"
//+ "my-chat"
