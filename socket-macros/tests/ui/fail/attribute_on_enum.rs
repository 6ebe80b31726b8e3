use socket_protocol::prelude::*;

#[derive(Commands)]
#[command(idempotent)]
pub enum ChatCommand {
    Ping,
}

fn main() {}

//- #[command(idempotent)]
//+
//-     Ping,
//+     #[command(idempotent)] Ping,
