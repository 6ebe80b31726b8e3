use socket_protocol::prelude::*;

#[derive(Events)]
pub struct ChatEvent {
    text: String,
}

fn main() {}
