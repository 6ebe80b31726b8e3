use socket_protocol::prelude::*;

pub struct Point;

#[derive(Events)]
pub enum ChatEvent {
    Moved(Point),
}

fn main() {}

//- pub struct Point;
//+ #[payload] pub struct Point;
