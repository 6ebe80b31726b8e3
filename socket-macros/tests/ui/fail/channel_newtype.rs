use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{room}")]
    Room(String),
}

fn main() {}

//- Room(String)
//+ Room { room: String }
