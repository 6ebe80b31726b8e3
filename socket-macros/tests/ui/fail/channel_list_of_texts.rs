use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", commands("chat"))]
    Lobby,
}

fn main() {}

//- commands("chat")
//+ commands(Chat, JoinRoom)
