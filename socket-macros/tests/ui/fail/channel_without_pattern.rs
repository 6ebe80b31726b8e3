use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    Room { room: String },
}

fn main() {}

//-     Room {
//+     #[channel("room:{room}")] Room {
