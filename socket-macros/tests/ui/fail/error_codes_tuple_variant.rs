use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    RoomFull(u32, u32),
}

fn main() {}
