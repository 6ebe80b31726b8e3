use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby", command(Chat))]
    Lobby,
}

fn main() {}

//- command(
//+ commands(
