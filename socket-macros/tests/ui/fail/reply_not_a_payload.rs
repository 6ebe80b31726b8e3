use socket_protocol::prelude::*;

pub struct Pong;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(reply = Pong)]
    Ping,
}

fn main() {}

//- pub struct Pong;
//+ #[payload] pub struct Pong;
