use socket_protocol::definition::{NoCommands, NoEvents};
use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "empty", commands = NoCommands, events = NoEvents, int = "text")]
pub struct Empty;

fn main() {}

//- int = "text"
//+ int = "string"
