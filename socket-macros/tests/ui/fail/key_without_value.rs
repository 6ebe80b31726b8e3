use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(reply)]
    Ping,
}

fn main() {}

//- reply)
//+ reply = u32)
