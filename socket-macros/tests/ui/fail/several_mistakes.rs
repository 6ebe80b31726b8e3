use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(replay = u32)]
    Ping,
    #[command(name = "Ping")]
    Pong,
    Move(i32, i32),
}

pub struct Server;

impl ChatCommandHandler<()> for Server {
    async fn ping(&self, _: ()) -> Result<u32, Reject> {
        Ok(1)
    }

    async fn pong(&self, _: ()) -> Result<(), Reject> {
        Ok(())
    }

    async fn r#move(&self, _: ()) -> Result<(), Reject> {
        Ok(())
    }
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = socket_protocol::definition::NoEvents)]
pub struct Chat;

fn main() {}

//- replay = u32
//+ reply = u32
//- name = "Ping"
//+ name = "pong"
//- Move(i32, i32)
//+ Move { first: i32, second: i32 }
//- async fn r#move(&self, _: ())
//+ async fn r#move(&self, _: (), _: chat_command::Move)
