use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command]
    Ping,
}

fn main() {}

//- #[command]
//+ #[command(idempotent)]
