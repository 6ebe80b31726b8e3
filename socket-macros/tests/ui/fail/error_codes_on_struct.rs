use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub struct JoinError {
    max: u32,
}

fn main() {}
