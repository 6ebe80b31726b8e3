use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[serde(rename = "enter")]
    JoinRoom { room: String },
}

fn main() {}

//- #[serde(rename = "enter")]
//+ #[command(name = "enter")]
