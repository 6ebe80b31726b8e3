use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    #[serde(rename = "hall")]
    Lobby,
}

fn main() {}

//-     #[serde(rename = "hall")]
//+
