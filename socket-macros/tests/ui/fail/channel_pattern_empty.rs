use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("")]
    Lobby,
}

fn main() {}

//- #[channel("")]
//+ #[channel("room:{room}")]
//-     Lobby,
//+     Lobby { room: String },
