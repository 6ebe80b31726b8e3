//! Integers that cross the wire as their protocol says, between two sides in Rust. As numbers they
//! would be refused: JavaScript would round them.

use socket_runtime::Service;
use socket_runtime::client::CallError;
use socket_runtime::prelude::*;
use socket_runtime::test::Kit;

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    of: (u64, i64),
    total: Option<u64>,
}

#[derive(Commands)]
pub enum SumCommand {
    #[command(reply = Sum, error = SumError)]
    Add { sum: Sum },
    #[command(stream = u64, reply = u64)]
    Count(u64),
}

#[derive(ErrorCodes, Debug, PartialEq)]
pub enum SumError {
    TooMuch { least: u64 },
}

#[derive(Events, Debug, PartialEq)]
pub enum SumEvent {
    Added(u64),
}

#[derive(Protocol)]
#[protocol(name = "sums", commands = SumCommand, events = SumEvent, int = "string")]
pub struct Sums;

struct Server;

impl SumCommandHandler<Context<Sums>> for Server {
    async fn add(&self, cx: Context<Sums>, add: sum_command::Add) -> Result<Sum, Reject<SumError>> {
        let Some(total) = add.sum.total else {
            return Err(SumError::TooMuch { least: u64::MAX }.into());
        };
        cx.send(SumEvent::Added(total)).await?;
        Ok(add.sum)
    }

    async fn count(
        &self,
        _: Context<Sums>,
        most: u64,
        mut items: Items<u64>,
    ) -> Result<u64, Reject> {
        items.send(most - 1).await?;
        Ok(most)
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_protocol_writes_its_integers_as_text() {
    let service: Service<Sums> = Service::builder(Server).build();
    let kit = Kit::new(&service);
    let mut client = kit.client().connect().await;
    let sum = |total| Sum {
        of: (u64::MAX, i64::MIN),
        total,
    };
    let add = |total| sum_command::Add { sum: sum(total) };

    let added = client.call(add(Some(u64::MAX))).await.unwrap();
    assert_eq!(added, sum(Some(u64::MAX)));
    assert_eq!(client.expect_event().await.event, SumEvent::Added(u64::MAX));
    match client.call(add(None)).await {
        Err(CallError::Refused { error, .. }) => {
            assert_eq!(error, SumError::TooMuch { least: u64::MAX });
        }
        other => panic!("{other:?}"),
    }
    let mut items = client.call(sum_command::Count(u64::MAX)).items().unwrap();
    assert_eq!(items.next().await.unwrap().unwrap(), u64::MAX - 1);
    assert_eq!(items.reply().await.unwrap(), u64::MAX);
}
