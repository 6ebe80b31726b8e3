use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Ping,
}

pub struct Server;

fn handles<H, C: socket_protocol::definition::Handle<H, ()>>() {}

fn main() {
    handles::<Server, ChatCommand>();
}

//- pub struct Server;
//+ pub struct Server; impl<Cx: Send> ChatCommandHandler<Cx> for Server { async fn ping(&self, _: Cx) -> Result<(), Reject> { Ok(()) } }
