use socket_protocol::prelude::*;

#[payload]
pub struct Joined;

#[derive(ErrorCodes)]
pub enum JoinError {
    RoomFull,
}

#[derive(Commands)]
pub enum ChatCommand {
    #[command(reply = Joined, error = JoinError)]
    Join,
}

pub struct Server;

impl<Cx: Send> ChatCommandHandler<Cx> for Server {
    async fn join(&self, _: Cx) -> Result<Joined, Reject> {
        Ok(Joined)
    }
}

fn main() {}

//- Reject>
//+ Reject<JoinError>>
