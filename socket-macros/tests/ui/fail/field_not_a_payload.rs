use socket_protocol::prelude::*;

pub struct Words;

#[derive(Commands)]
pub enum ChatCommand {
    Chat { text: Words },
}

fn main() {}

//- pub struct Words;
//+ #[payload] pub struct Words;
