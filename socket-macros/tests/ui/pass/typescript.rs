//! What `#[ts(…)]` takes, in each place.

use socket_protocol::prelude::*;

#[payload]
#[ts(rename = "Moment", type = "string")]
pub struct Stamp(pub String);

#[payload]
pub struct Note {
    #[ts(type = "`${number}-${number}`")]
    pub day: String,
    #[ts(as = "Option<String>")]
    pub at: Option<Stamp>,
}

#[payload]
#[ts(rename = "Page")]
pub struct Notes {
    pub notes: Vec<Note>,
}

#[derive(Commands)]
pub enum ChatCommand {
    Write(Note),
    WriteAll(Notes),
}

fn main() {}
