use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Ping,
    Chat { text: String },
}

pub struct Server;

impl ChatCommandHandler<()> for Server {
    async fn ping(&self, _: ()) -> Result<(), Reject> {
        Ok(())
    }
}

fn main() {}
