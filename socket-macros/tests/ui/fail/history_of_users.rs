use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(
    name = "chat",
    commands = socket_protocol::definition::NoCommands,
    events = socket_protocol::definition::NoEvents,
    user_history(keep = 10),
)]
pub struct Chat;

fn main() {}

//- keep = 10
//+ keep = "10m"
