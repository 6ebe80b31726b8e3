use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(latest = "user")]
    Tick,
}

fn main() {}

//- latest = "user"
//+ latest
