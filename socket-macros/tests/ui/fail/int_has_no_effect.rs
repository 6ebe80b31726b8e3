use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[socket(int = "string")]
        text: String,
    },
}

fn main() {}

//- text: String
//+ text: u64
