use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat { text: String },
}

#[derive(Events)]
pub enum ChatEvent {
    Chat { text: String },
}

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", commands(Say))]
    Lobby,
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

fn main() {}

//- commands(Say)
//+ commands(Chat)
