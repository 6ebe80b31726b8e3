use socket_protocol::prelude::*;

pub struct Line;

#[derive(Commands)]
pub enum LogCommand {
    #[command(stream = Line)]
    Tail,
}

fn main() {}

//- pub struct Line;
//+ #[payload] pub struct Line;
