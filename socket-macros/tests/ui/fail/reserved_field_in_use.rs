use socket_protocol::prelude::*;

#[payload(reserved("y", "oldX"))]
#[serde(rename_all = "camelCase")]
pub struct Point {
    old_x: i32,
    y: i32,
}

#[payload(reserved("Red"))]
pub enum Color {
    Red,
}

#[derive(Commands)]
pub enum ChatCommand {
    #[command(reserved_fields("text"))]
    Say { text: String },
}

fn main() {}

//-     old_x:
//+     x:
//-     y: i32
//+     depth: i32
//-     Red,
//+     Crimson,
//- { text
//+ { words
