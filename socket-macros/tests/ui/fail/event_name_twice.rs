use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    Chat { text: String },
    #[event(name = "chat")]
    Said { text: String },
}

fn main() {}

//- name = "chat"
//+ name = "said"
