use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("{room}s")]
    Rooms { room: String },
    #[channel("a:{room}{seat}")]
    Seat { room: String, seat: u32 },
}

fn main() {}

//- {room}s
//+ {room}:s
//- {room}{seat}
//+ {room}:{seat}
