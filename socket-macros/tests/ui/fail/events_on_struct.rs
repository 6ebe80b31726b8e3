use socket_protocol::prelude::*;

#[derive(Events)]
pub struct ChatEvent {
    text: String,
}

fn main() {}

//- pub struct ChatEvent {
//+ pub enum ChatEvent { Chat {
//-     text: String,
//+     text: String },
