use socket_protocol::prelude::*;

#[derive(Channels)]
#[channel("lobby")]
pub struct Lobby;

fn main() {}

//- #[channel("lobby")]
//+
//- pub struct Lobby;
//+ pub enum Lobby { #[channel("lobby")] Lobby }
