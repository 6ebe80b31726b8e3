use socket_protocol::prelude::*;

#[derive(Commands)]
pub struct ChatCommand {
    text: String,
}

fn main() {}

//- pub struct ChatCommand {
//+ pub enum ChatCommand { Chat {
//-     text: String,
//+     text: String },
