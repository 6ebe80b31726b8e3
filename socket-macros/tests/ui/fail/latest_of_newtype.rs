use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(latest = "user")]
    Typing(String),
}

fn main() {}

//- Typing(String)
//+ Typing { user: String }
