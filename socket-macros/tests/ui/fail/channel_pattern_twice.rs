use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{room}")]
    Room { room: String },
    #[channel("room:{id}")]
    RoomById { id: u32 },
}

fn main() {}

//- "room:{id}"
//+ "room-by-id:{id}"
