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

//-     async fn ping(
//+     async fn chat(&self, _: (), _: chat_command::Chat) -> Result<(), Reject> { Ok(()) } async fn ping(
