use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[garde(length(max = 20))]
    Chat { text: String },
}

fn main() {}

//-     #[garde(length(max = 20))]
//+
//- { text
//+ { #[garde(length(max = 20))] text
