use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    #[code(message = "room {rom} holds {max} people")]
    RoomFull { room: String, max: u32 },
}

fn main() {}

//- {rom}
//+ {room}
