use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(latest = "user", volatile)]
    Typing { user: String },
}

fn main() {}

//- , volatile
//+
