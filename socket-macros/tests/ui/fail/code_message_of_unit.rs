use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub enum JoinError {
    #[code(message = "not {invited}")]
    NotInvited,
}

fn main() {}

//- {invited}
//+ {{invited}}
