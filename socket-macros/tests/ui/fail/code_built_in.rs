use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    Forbidden,
    #[code(name = "timeout")]
    Late,
}

fn main() {}

//-     Forbidden,
//+     #[code(name = "my-forbidden")] Forbidden,
//- name = "timeout"
//+ name = "my-timeout"
