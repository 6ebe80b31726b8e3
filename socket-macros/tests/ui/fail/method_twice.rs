use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    JoinRoom,
    #[command(name = "join")]
    Join_Room,
}

fn main() {}

//- Join_Room
//+ Join
