use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("{*path}:end")]
    File { path: String },
}

fn main() {}

//- {*path}:end
//+ {path}:end
