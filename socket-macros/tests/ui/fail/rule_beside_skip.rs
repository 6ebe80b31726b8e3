use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(skip, ascii)]
        text: String,
    },
}

fn main() {}

//- skip, ascii
//+ ascii
