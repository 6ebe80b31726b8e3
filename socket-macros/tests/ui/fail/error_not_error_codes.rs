use socket_protocol::prelude::*;

pub struct JoinError;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(error = JoinError)]
    Join,
}

fn main() {}

//- pub struct JoinError;
//+ #[derive(ErrorCodes)] pub enum JoinError {}
