use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel(commands(Chat))]
    Room { room: String },
}

fn main() {}

//- #[channel(commands(Chat))]
//+ #[channel("room:{room}", commands(Chat))]
