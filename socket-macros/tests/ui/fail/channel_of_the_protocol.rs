use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel(":lobby")]
    Lobby,
}

fn main() {}

//- ":lobby"
//+ "lobby"
