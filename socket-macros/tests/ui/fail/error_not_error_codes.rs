use socket_protocol::prelude::*;

pub struct JoinError;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(error = JoinError)]
    Join,
}

fn main() {}
