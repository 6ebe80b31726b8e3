use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Say { text: String },
}

#[derive(Events)]
pub enum ChatEvent {}

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", events(Said))]
    Lobby,
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

fn main() {}

//- ChatEvent {}
//+ ChatEvent { Said }
