use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[command(rate = "20 per second")]
    Ping,
    #[command(rate = "0/s")]
    Chat { text: String },
    #[command(rate = 20)]
    Move { x: u32 },
}

fn main() {}

//- 20 per second
//+ 20/s
//- "0/s"
//+ "100/m"
//- rate = 20)
//+ rate = "20/s")
