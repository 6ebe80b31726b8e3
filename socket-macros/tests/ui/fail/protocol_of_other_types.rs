use socket_protocol::prelude::*;

pub struct ChatCommand;

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = socket_protocol::definition::NoEvents)]
pub struct Chat;

fn main() {}

//- pub struct ChatCommand;
//+ #[derive(Commands)] pub enum ChatCommand {}
