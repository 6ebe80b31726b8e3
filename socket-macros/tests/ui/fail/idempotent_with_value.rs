use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(idempotent = true)]
    Ping,
}

fn main() {}

//- idempotent = true
//+ idempotent
