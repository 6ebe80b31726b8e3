use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    RoomFull { max: u32 },
    #[code(name = "room-full")]
    Full,
}

fn main() {}

//- name = "room-full"
//+ name = "full"
