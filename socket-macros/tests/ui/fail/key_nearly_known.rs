// The handler is written for the command as it was meant: no second message.
use socket_protocol::prelude::*;

#[payload]
pub struct Joined;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(repyl = Joined)]
    Join,
}

pub struct Server;

impl<Cx: Send> ChatCommandHandler<Cx> for Server {
    async fn join(&self, _: Cx) -> Result<Joined, Reject> {
        Ok(Joined)
    }
}

fn main() {}

//- repyl
//+ reply
