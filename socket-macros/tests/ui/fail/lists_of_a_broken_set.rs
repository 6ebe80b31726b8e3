// The commands and events have a mistake each. That a channel lists them is none.
use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(idempotnt)]
    Chat { text: String },
}

#[derive(Events)]
pub enum ChatEvent {
    #[event(latst = "user")]
    Typing { user: String },
}

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", commands(Chat), events(Typing), outsiders(Chat))]
    Lobby,
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

fn main() {}

//- idempotnt
//+ idempotent
//- latst
//+ latest
