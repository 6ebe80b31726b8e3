use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(name = "a", name = "b")]
    Ping,
}

fn main() {}

//- name = "a", name = "b"
//+ name = "a"
