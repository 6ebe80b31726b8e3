use socket_protocol::prelude::*;

#[derive(ErrorCodes)]
pub struct JoinError {
    max: u32,
}

fn main() {}

//- pub struct JoinError {
//+ pub enum JoinError { RoomFull {
//-     max: u32,
//+     max: u32 },
