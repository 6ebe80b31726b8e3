use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("room:{rom}")]
    Room { room: String },
    #[channel("user:{user}")]
    User,
}

fn main() {}

//- {rom}
//+ {room}
//-     User,
//+     User { user: String },
