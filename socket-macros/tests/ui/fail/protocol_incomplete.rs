use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "chat")]
pub struct Chat;

fn main() {}
