use socket_protocol::prelude::*;

#[derive(Events)]
pub enum ChatEvent {
    #[event(nam = "said")]
    Chat { text: String },
}

fn main() {}

//- nam =
//+ name =
