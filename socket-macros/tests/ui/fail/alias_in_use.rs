use socket_protocol::prelude::*;

#[derive(Commands)]
#[commands(reserved("shout"))]
pub enum ChatCommand {
    #[command(alias = "chat")]
    Say { text: String },
    #[command(alias = "shout")]
    Chat { text: String },
    #[command(alias("listen", "mute"))]
    Join,
    #[command(alias = "listen")]
    Follow,
    #[command(alias = "Go Away")]
    Leave,
}

fn main() {}

//-     #[command(alias = "chat")]
//+
//-     #[command(alias = "shout")]
//+
//- alias = "listen"
//+ alias = "stalk"
//- "Go Away"
//+ "go-away"
