//! A deprecated command warns those who send it, not the derive and not the server.
#![deny(warnings)]

use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum OldCommand {
    #[deprecated(since = "1.0.0", note = "use `Put`")]
    Add { text: String },
    Put { text: String },
}

pub struct Server;

impl OldCommandHandler<()> for Server {
    async fn add(&self, _: (), _: old_command::Add) -> Result<(), Reject> {
        Ok(())
    }
    async fn put(&self, _: (), _: old_command::Put) -> Result<(), Reject> {
        Ok(())
    }
}

fn main() {
    let add = &<OldCommand as socket_protocol::Commands>::COMMANDS[0];
    assert_eq!(add.deprecated, Some("use `Put`"));
}
