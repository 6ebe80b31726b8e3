use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    RoomFull(u32, u32),
}

fn main() {}

//- RoomFull(u32, u32)
//+ RoomFull { first: u32, second: u32 }
