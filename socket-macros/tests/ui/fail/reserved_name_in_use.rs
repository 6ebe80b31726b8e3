use socket_protocol::prelude::*;

#[derive(Commands)]
#[commands(reserved("say", "shout"))]
pub enum ChatCommand {
    Say { text: String },
    #[command(name = "shout")]
    Chat { text: String },
}

#[derive(Events)]
#[events(reserved("joined"))]
pub enum ChatEvent {
    Joined { user: String },
}

#[derive(ErrorCodes)]
#[error_codes(reserved("full"))]
pub enum JoinError {
    Full,
}

#[derive(Channels)]
#[channels(reserved("room:{name}"))]
pub enum ChatChannel {
    #[channel("room:{room}")]
    Room { room: String },
}

fn main() {}

//- reserved("say", "shout")
//+ reserved("cry")
//-     Joined {
//+     Arrived {
//-     Full,
//+     RoomFull,
//- "room:{room}"
//+ "hall:{room}"
