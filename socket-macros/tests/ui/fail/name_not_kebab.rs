use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(name = "Join_Room")]
    JoinRoom,
}

fn main() {}

//- "Join_Room"
//+ "join-room"
