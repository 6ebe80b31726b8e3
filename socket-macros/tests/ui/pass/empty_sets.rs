//! A protocol that has only just begun.

use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {}

#[derive(Events)]
pub enum ChatEvent {}

#[derive(Channels)]
pub enum ChatChannel {}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

fn main() {}
