use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(alias = "said")]
    Chat { text: String },
}

fn main() {}

//-     #[event(alias = "said")]
//+     Said { text: String },
