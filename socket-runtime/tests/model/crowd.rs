//! Two thousand connections that break at the same moment, while a thousand events a second go on.

use std::time::Duration;

use socket_protocol::system::Recovery;
use socket_runtime::Config;
use socket_runtime::client::{Events, Incoming};
use socket_runtime::prelude::*;
use socket_runtime::test::{Kit, TestClient};
use tokio::time::{Instant, interval, sleep};

use crate::paused;

const CLIENTS: u32 = 2_000;
const HALLS: u32 = 20;
/// One in every millisecond, to one hall after the other.
const EVENTS: u32 = 700;
/// When everything breaks, counted in events.
const BREAK: u32 = 100;

#[derive(Debug, Commands)]
pub enum CrowdCommand {
    Wave,
}

#[derive(Debug, Clone, PartialEq, Events)]
pub enum CrowdEvent {
    /// The numbers of one hall go up by one.
    Number { number: u32 },
}

#[derive(Debug, Clone, PartialEq, Channels)]
pub enum CrowdChannel {
    #[channel("hall:{number}", history(events = 300, keep = "1m"))]
    Hall { number: u32 },
}

#[derive(Debug, Protocol)]
#[protocol(name = "crowd", commands = CrowdCommand, events = CrowdEvent, channels = CrowdChannel)]
pub struct Crowd;

struct Server;

impl CrowdCommandHandler<Context<Crowd>> for Server {
    async fn wave(&self, _: Context<Crowd>) -> Result<(), Reject> {
        Ok(())
    }
}

impl CrowdChannelPolicy<Context<Crowd>> for Server {
    async fn may_join_hall(
        &self,
        _: &Context<Crowd>,
        _: &crowd_channel::Hall,
    ) -> Result<(), Reject> {
        Ok(())
    }
}

const fn hall(client: u32) -> CrowdChannel {
    CrowdChannel::Hall {
        number: client % HALLS,
    }
}

#[test]
fn two_thousand_that_break_at_once_have_everything_in_order_and_are_told_so() {
    paused(crowd());
}

async fn crowd() {
    let config = Config::default().with(|config| {
        config.timeouts.spread = Duration::from_millis(300);
        // What is counted here is the events of the program.
        config.members.online = 0;
    });
    let service = Service::builder(Server).config(config).build();
    let kit = Kit::new(&service);
    let mut clients: Vec<(TestClient<Crowd>, Events<Crowd>)> = Vec::new();
    for client in 0..CLIENTS {
        let made = kit.client().connect().await;
        made.join(hall(client)).await.unwrap();
        let events = made.events();
        clients.push((made, events));
    }

    let start = Instant::now();
    let mut tick = interval(Duration::from_millis(1));
    for event in 0..EVENTS {
        tick.tick().await;
        let number = event / HALLS;
        let target = service.to_channel(hall(event));
        target.send(CrowdEvent::Number { number }).await.unwrap();
        if event == BREAK {
            for (client, _) in &clients {
                client.faults().drop_connection();
            }
        }
    }
    // That many in a second, by the clock that everything here goes by.
    assert_eq!(start.elapsed().as_millis(), u128::from(EVENTS) - 1);
    sleep(Duration::from_secs(1)).await;

    for (client, (_, events)) in (0..).zip(&mut clients) {
        let mut numbers = Vec::new();
        let mut said = Vec::new();
        while let Some(incoming) = events.try_next() {
            match incoming {
                Incoming::Event(event) => {
                    let CrowdEvent::Number { number } = event.event;
                    numbers.push(number);
                }
                Incoming::Lost(_) => said.push("lost"),
                Incoming::Opened(opened) if opened.resumed => said.push("resumed"),
                Incoming::Joined { result, .. } => said.push(match result.recovery {
                    Some(Recovery::Complete) => "complete",
                    _ => "not complete",
                }),
                other => panic!("client {client}: {other:?}"),
            }
        }
        assert_eq!(said, ["lost", "resumed", "complete"], "client {client}");
        assert!(numbers.into_iter().eq(0..EVENTS / HALLS), "client {client}");
    }
    let status = service.status();
    assert_eq!(status.statistics.slow, Default::default());
    let told = status.recoveries;
    assert_eq!(
        (told.complete, told.gap, told.lost),
        (u64::from(CLIENTS), 0, 0)
    );
    for number in 0..HALLS {
        let members = service.member_count(hall(number)).unwrap();
        assert_eq!(members, (CLIENTS / HALLS) as usize);
    }
    // Some missed a lot: the spread is what they missed it in.
    assert!(status.statistics.replayed > u64::from(CLIENTS) * 3);
}
