use socket_protocol::prelude::*;

#[derive(Commands)]
pub union ChatCommand {
    text: u32,
}

fn main() {}

//- pub union ChatCommand {
//+ pub enum ChatCommand { Chat {
//-     text: u32,
//+     text: u32 },
