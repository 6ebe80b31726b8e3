use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(inner(length(max = 20)))]
        text: String,
        #[garde(inner(skip))]
        tags: Vec<String>,
    },
}

fn main() {}

//- inner(length(max = 20))
//+ length(max = 20)
//-         #[garde(inner(skip))]
//+
