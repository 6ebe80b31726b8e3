use socket_protocol::prelude::*;

pub struct Room;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{room}")]
    Room { room: crate::Room },
}

fn main() {}
