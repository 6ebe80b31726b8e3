use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", history(event = 500))]
    Lobby,
}

fn main() {}

//- event =
//+ events =
