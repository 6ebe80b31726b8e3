use socket_protocol::prelude::*;

#[derive(Commands)]
#[commands(reserved = "say")]
pub enum ChatCommand {
    #[command(reserved_fields())]
    Chat { text: String },
}

#[derive(Events)]
#[events(reserved("said", "said", "Told Off"))]
pub enum ChatEvent {
    Chat { text: String },
}

#[derive(Channels)]
#[channels(gone("room"))]
pub enum ChatChannel {
    #[channel("lobby")]
    Lobby,
}

fn main() {}

//- reserved = "say"
//+ reserved("say")
//- reserved_fields()
//+ reserved_fields("old_name")
//- "said", "said", "Told Off"
//+ "said", "told-off"
//- gone("room")
//+ reserved("room")
