use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[commands(reserved("say"))]
    Chat { text: String },
}

fn main() {}

//- #[derive(Commands)]
//+ #[derive(Commands)] #[commands(reserved("say"))]
//-     #[commands(reserved("say"))]
//+
