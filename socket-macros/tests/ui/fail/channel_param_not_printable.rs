use socket_protocol::prelude::*;

pub struct Room;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{room}")]
    Room { room: crate::Room },
}

fn main() {}

//- pub struct Room;
//+ pub struct Room; impl std::str::FromStr for Room { type Err = (); fn from_str(_: &str) -> Result<Self, ()> { Ok(Room) } } impl std::fmt::Display for Room { fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
//- crate::Room
//+ self::Room
