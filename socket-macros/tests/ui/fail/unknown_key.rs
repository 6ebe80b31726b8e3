use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(replay = Pong)]
    Ping,
}

fn main() {}

//- replay = Pong
//+ reply = u32
