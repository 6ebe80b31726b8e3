use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", history(events = 500, keep = "10"))]
    Lobby,
}

fn main() {}

//- keep = "10"
//+ keep = "10m"
