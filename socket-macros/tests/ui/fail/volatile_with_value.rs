use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(volatile = true)]
    Typing { user: String },
}

fn main() {}

//- volatile = true
//+ volatile
