use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(length(maximum = 3))]
        text: String,
        #[garde(length(graphemes, max = 3))]
        title: String,
    },
}

fn main() {}

//- maximum
//+ max
//- graphemes
//+ chars
