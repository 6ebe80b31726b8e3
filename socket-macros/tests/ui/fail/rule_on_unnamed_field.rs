use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat(#[garde(length(max = 20))] String),
}

fn main() {}

//- Chat(#[garde(length(max = 20))] String)
//+ Chat(Text)
//- #[derive(Commands)]
//+ #[payload] pub struct Text(#[garde(length(max = 20))] String); #[derive(Commands)]
