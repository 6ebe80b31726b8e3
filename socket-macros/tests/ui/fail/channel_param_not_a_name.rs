use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{1}")]
    Room { room: String },
}

fn main() {}

//- {1}
//+ {room}
