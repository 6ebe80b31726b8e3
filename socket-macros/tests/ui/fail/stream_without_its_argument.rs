use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum LogCommand {
    #[command(stream = String)]
    Tail,
}

struct Server;

impl LogCommandHandler<()> for Server {
    async fn tail(&self, _: ()) -> Result<(), Reject> {
        Ok(())
    }
}

fn main() {}

//- async fn tail(&self, _: ()) -> Result<(), Reject> {
//+ async fn tail(&self, _: (), _: Items<String>) -> Result<(), Reject> {
