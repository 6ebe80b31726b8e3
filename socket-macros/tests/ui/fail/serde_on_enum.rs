use socket_protocol::prelude::*;

#[derive(Commands)]
#[serde(rename_all = "camelCase")]
pub enum ChatCommand {
    Ping,
}

fn main() {}
