use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
}

pub struct Server;

fn decides<H, C: socket_protocol::definition::Decide<H, ()>>() {}

fn main() {
    decides::<Server, ChatChannel>();
}

//- pub struct Server;
//+ pub struct Server; impl<Cx: Sync> ChatChannelPolicy<Cx> for Server { async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> { Ok(()) } }
