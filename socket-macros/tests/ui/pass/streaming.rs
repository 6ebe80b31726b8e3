//! Commands that stream, with every other part that a command may have.
#![deny(warnings)]

use socket_protocol::prelude::*;

#[payload]
pub struct Line {
    pub text: String,
}

#[derive(ErrorCodes)]
pub enum LogError {
    NoSuchFile,
}

#[derive(Commands)]
pub enum LogCommand {
    #[command(stream = Line)]
    Follow,
    #[command(stream = Line, reply = u32, error = LogError)]
    Tail { file: String },
    #[command(stream = Vec<Option<u8>>, reply = Line, idempotent, rate = "1/s")]
    Read(u64),
}

pub struct Server;

impl<Cx: Send> LogCommandHandler<Cx> for Server {
    async fn follow(&self, _: Cx, mut items: Items<Line>) -> Result<(), Reject> {
        items.send(Line { text: String::new() }).await
    }

    async fn tail(
        &self,
        _: Cx,
        tail: log_command::Tail,
        mut items: Items<Line>,
    ) -> Result<u32, Reject<LogError>> {
        if tail.file.is_empty() {
            return Err(LogError::NoSuchFile.into());
        }
        items.send(Line { text: tail.file }).await?;
        Ok(1)
    }

    async fn read(&self, _: Cx, _: u64, _: Items<Vec<Option<u8>>>) -> Result<Line, Reject> {
        Ok(Line { text: String::new() })
    }
}

fn main() {
    assert!(LogCommand::COMMANDS.iter().all(|command| command.streaming));
}
