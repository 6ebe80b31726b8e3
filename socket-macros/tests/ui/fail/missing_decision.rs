use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}")]
    Room { room: String },
}

pub struct Server;

impl ChatChannelPolicy<()> for Server {
    async fn may_join_lobby(&self, _: &()) -> Result<(), Reject> {
        Ok(())
    }
}

fn main() {}

//-     async fn may_join_lobby(
//+     async fn may_join_room(&self, _: &(), _: &chat_channel::Room) -> Result<(), Reject> { Ok(()) } async fn may_join_lobby(
