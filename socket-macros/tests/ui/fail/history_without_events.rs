use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", history(events = 0))]
    Lobby,
}

fn main() {}

//- events = 0
//+ events = 500
