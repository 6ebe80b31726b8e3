//! Every shape that a variant may have.
#![deny(warnings)]

use socket_protocol::prelude::*;

#[payload]
pub struct Point {
    pub x: i32,
}

#[derive(Commands)]
pub enum AnyCommand {
    Unit,
    Braces {},
    Parentheses(),
    Newtype(Point),
    Builtin(Vec<Option<u64>>),
    Fields { r#type: String, point: Point },
    #[command(reply = Vec<Option<Point>>)]
    Type,
    #[command(reply = (u32, String), name = "moved")]
    Move,
}

pub struct Server;

impl AnyCommandHandler<u8> for Server {
    async fn unit(&self, _: u8) -> Result<(), Reject> {
        Ok(())
    }
    async fn braces(&self, _: u8) -> Result<(), Reject> {
        Ok(())
    }
    async fn parentheses(&self, _: u8) -> Result<(), Reject> {
        Ok(())
    }
    async fn newtype(&self, _: u8, _: Point) -> Result<(), Reject> {
        Ok(())
    }
    async fn builtin(&self, _: u8, _: Vec<Option<u64>>) -> Result<(), Reject> {
        Ok(())
    }
    async fn fields(&self, _: u8, _: any_command::Fields) -> Result<(), Reject> {
        Ok(())
    }
    async fn r#type(&self, _: u8) -> Result<Vec<Option<Point>>, Reject> {
        Ok(Vec::new())
    }
    async fn r#move(&self, _: u8) -> Result<(u32, String), Reject> {
        Ok((1, String::new()))
    }
}

fn main() {}
