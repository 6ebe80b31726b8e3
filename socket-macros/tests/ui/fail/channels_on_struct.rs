use socket_protocol::prelude::*;

#[derive(Channels)]
#[channel("lobby")]
pub struct Lobby;

fn main() {}
