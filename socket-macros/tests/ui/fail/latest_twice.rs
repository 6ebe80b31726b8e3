use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(latest("user", "user"))]
    Typing { user: String },
}

fn main() {}

//- ("user", "user")
//+ ("user")
