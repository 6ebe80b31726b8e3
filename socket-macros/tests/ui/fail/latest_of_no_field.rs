use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(latest = "usr")]
    Typing { user: String },
}

fn main() {}

//- "usr"
//+ "user"
