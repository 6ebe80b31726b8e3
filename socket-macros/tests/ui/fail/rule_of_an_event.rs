use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    Chat {
        #[garde(length(max = 20))]
        text: String,
    },
}

fn main() {}

//-         #[garde(length(max = 20))]
//+
