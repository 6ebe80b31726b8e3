use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(priority = 3)]
    Ping,
}

fn main() {}

//- priority = 3
//+ idempotent
