use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{room}:{room}")]
    Room { room: String },
}

fn main() {}

//- {room}:{room}
//+ {room}
