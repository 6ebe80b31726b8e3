use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand<'a> {
    Chat { text: &'a str },
}

fn main() {}

//- ChatCommand<'a>
//+ ChatCommand
//- &'a str
//+ String
