use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[command(name = "words")]
        text: String,
    },
}

fn main() {}

//-         #[command(name = "words")]
//+
//-     Chat {
//+     #[command(name = "words")] Chat {
