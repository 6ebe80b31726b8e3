use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(name = "")]
    Silence,
}

fn main() {}

//- name = ""
//+ name = "silence"
