use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(name = ":joined")]
    Joined { user: String },
}

fn main() {}

//- ":joined"
//+ "joined"
