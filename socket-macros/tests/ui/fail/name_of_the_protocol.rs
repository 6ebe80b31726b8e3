use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    CloseConnection,
    OnlineUpdate,
    PresenceUpdate,
}

fn main() {}

//-     CloseConnection
//+     #[command(name = "my-close-connection")] CloseConnection
//-     OnlineUpdate
//+     #[command(name = "my-online-update")] OnlineUpdate
//-     PresenceUpdate
//+     #[command(name = "my-presence-update")] PresenceUpdate
