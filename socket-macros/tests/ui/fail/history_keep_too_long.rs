use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", history(keep = "99999999999999999999d"))]
    Lobby,
    #[channel("hall", history(keep = "31d"))]
    Hall,
}

fn main() {}

//- "99999999999999999999d"
//+ "10m"
//- "31d"
//+ "10m"
