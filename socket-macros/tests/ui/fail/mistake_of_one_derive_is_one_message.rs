use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(idempotnt)]
    Ping,
    Chat { text: String },
}

#[derive(Events)]
pub enum ChatEvent {
    Said { text: String },
}

#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent)]
pub struct Chat;

pub struct Server;

impl ChatCommandHandler<()> for Server {
    async fn ping(&self, _: ()) -> Result<(), Reject> {
        Ok(())
    }

    async fn chat(&self, _: (), say: chat_command::Chat) -> Result<(), Reject> {
        drop(ChatEvent::from(chat_event::Said { text: say.text }));
        Ok(())
    }
}

fn handles<H, C: socket_protocol::definition::Handle<H, ()>>() {}

fn main() {
    handles::<Server, ChatCommand>();
}

//- idempotnt
//+ idempotent
