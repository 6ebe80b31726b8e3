use socket_protocol::prelude::*;

#[payload]
pub struct Point {
    x: i32,
}

#[derive(Commands)]
pub enum ChatCommand {
    Move(#[serde(default)] Point),
}

fn main() {}

//- #[serde(default)] 
//+
