use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Move(i32, i32),
}

fn main() {}

//- Move(i32, i32)
//+ Move { first: i32, second: i32 }
