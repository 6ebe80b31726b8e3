use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand<T> {
    Chat { text: T },
}

fn main() {}

//- ChatCommand<T>
//+ ChatCommand
//- text: T
//+ text: String
