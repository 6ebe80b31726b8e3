use socket_protocol::prelude::*;

#[derive(Commands)]
pub union ChatCommand {
    text: u32,
}

fn main() {}
