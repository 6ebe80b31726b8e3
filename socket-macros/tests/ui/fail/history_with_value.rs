use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", history = 500)]
    Lobby,
}

fn main() {}

//- history = 500
//+ history(events = 500, keep = "10m")
