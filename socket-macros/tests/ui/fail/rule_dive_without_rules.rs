use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(dive)]
        text: std::time::Duration,
    },
}

fn main() {}

//-         #[garde(dive)]
//+
