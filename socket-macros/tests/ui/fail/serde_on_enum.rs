use socket_protocol::prelude::*;

#[derive(Commands)]
#[serde(rename_all = "camelCase")]
pub enum ChatCommand {
    Ping,
}

fn main() {}

//- #[serde(rename_all = "camelCase")]
//+
//-     Ping,
//+     #[command(name = "my-ping")] Ping,
