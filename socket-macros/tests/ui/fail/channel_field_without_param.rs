use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{room}")]
    Room { room: String, seat: u32 },
}

fn main() {}

//- {room}"
//+ {room}:{seat}"
