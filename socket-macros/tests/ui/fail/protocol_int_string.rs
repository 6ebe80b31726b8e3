use socket_protocol::definition::{NoCommands, NoEvents};
use socket_protocol::prelude::*;

#[derive(Protocol)]
#[protocol(name = "empty", commands = NoCommands, events = NoEvents, int = "string")]
pub struct Empty;

fn main() {}

//- int = "string"
//+ int = "number"
