use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat { text: String },
    #[command(name = "chat")]
    Say { text: String },
}

fn main() {}

//- name = "chat"
//+ name = "say"
