use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    CloseConnection,
    OnlineUpdate,
    PresenceUpdate,
}

fn main() {}
