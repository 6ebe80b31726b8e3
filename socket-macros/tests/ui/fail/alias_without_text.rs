use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(alias)]
    Say { text: String },
    #[command(alias(listen))]
    Join,
}

fn main() {}

//- #[command(alias)]
//+ #[command(alias = "old-name")]
//- alias(listen)
//+ alias("listen")
