use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum LogCommand {
    #[command(stream)]
    Tail,
}

fn main() {}

//- stream
//+ stream = String
