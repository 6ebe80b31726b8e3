use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat { text: String },
}

#[derive(Events)]
pub enum ChatEvent {
    Said { text: String },
    UserJoined { user: String },
}

#[derive(Channels)]
pub enum ChatChannel {
    #[channel(
        "lobby",
        events(Said, UserJoind),
    )]
    Lobby,
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
pub struct Chat;

fn main() {}

//- UserJoind
//+ UserJoined
