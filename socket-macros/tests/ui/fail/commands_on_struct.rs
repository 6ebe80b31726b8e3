use socket_protocol::prelude::*;

#[derive(Commands)]
pub struct ChatCommand {
    text: String,
}

fn main() {}
