use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(name = ping)]
    Ping,
}

fn main() {}

//- name = ping
//+ name = "ping"
