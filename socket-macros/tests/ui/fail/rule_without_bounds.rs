use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(length(chars))]
        text: String,
        #[garde(range)]
        size: u32,
    },
}

fn main() {}

//- length(chars)
//+ length(min = 1, max = 100)
//- range)
//+ range(min = 1, max = 100))
