use socket_protocol::prelude::*;

pub type Chat = String;

#[derive(Commands)]
pub enum ChatCommand {
    Chat { text: String },
    Quote { original: Option<Chat> },
}

fn main() {}

//- Option<Chat>
//+ Option<self::Chat>
