use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    #[code(text = "the room is full")]
    RoomFull { max: u32 },
}

fn main() {}

//- text =
//+ message =
