use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(length(max = 20))]
        size: u32,
    },
}

fn main() {}

//- length(max = 20)
//+ range(max = 20)
