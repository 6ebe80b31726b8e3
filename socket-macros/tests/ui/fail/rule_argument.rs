use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(pattern(words))]
        text: String,
        #[garde(prefix)]
        title: String,
    },
}

fn main() {}

//- pattern(words)
//+ pattern("^[a-z]+$")
//- prefix)
//+ prefix("text"))
