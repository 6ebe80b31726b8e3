use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("the lobby")]
    Lobby,
    #[channel("100%")]
    All,
}

fn main() {}

//- "the lobby"
//+ "the-lobby"
//- "100%"
//+ "all"
