use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    Forbidden,
    #[code(name = "timeout")]
    Late,
}

fn main() {}
