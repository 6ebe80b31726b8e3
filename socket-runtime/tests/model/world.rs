//! A client, the service that it is connected to for the moment, and what is true of both.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use parking_lot::Mutex;
use socket_runtime::SocketUpgrade;
use socket_runtime::client::{CallError, Events, Incoming};
use socket_runtime::prelude::*;
use socket_runtime::test::{Direction, TestClient, through};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Step;
use crate::ledger::Ledger;
use crate::protocol::{Bank, BankEvent, Place, Server, bank_command};

/// Longer than anything in a schedule.
const PATIENCE: Duration = Duration::from_secs(100_000);
const PLACES: [Place; 4] = [Place::Kept, Place::Other, Place::Unkept, Place::Deep];

/// What a schedule came to, beyond what is always promised.
pub struct Outcome {
    /// Calls that must not run twice and ended without an answer of the handler.
    pub unanswered: u32,
    /// What came of [`Place::Deep`].
    pub deep: Vec<u32>,
}

type Current = Arc<Mutex<Service<Bank>>>;

pub struct World {
    server: Server,
    service: Current,
    client: TestClient<Bank>,
    events: Events<Bank>,
    ledgers: [Ledger; 4],
    /// The number of the last event of each place.
    published: [u32; 4],
    /// How often each place was joined, by whom ever.
    joins: [u32; 4],
    deposits: Vec<JoinHandle<Result<u32, CallError>>>,
    looks: Vec<JoinHandle<Result<u32, CallError>>>,
    restarts: u32,
    /// How often the open connection broke.
    pub breaks: u32,
    /// How often the client came back, and how often not to its session.
    pub opened: u32,
    pub anew: u32,
}

async fn socket(State(current): State<Current>, upgrade: SocketUpgrade) -> Response {
    let service = current.lock().clone();
    service.upgrade(upgrade).await
}

const fn index(place: &Place) -> usize {
    match place {
        Place::Kept => 0,
        Place::Other => 1,
        Place::Unkept => 2,
        Place::Deep => 3,
    }
}

impl World {
    pub async fn new() -> Self {
        let server = Server::default();
        let service: Current = Arc::new(Mutex::new(Service::builder(server.clone()).build()));
        let router = Router::new()
            .route("/socket", get(socket))
            .with_state(service.clone());
        let client = through::<Bank>(&router, "/socket").connect().await;
        let events = client.events();
        Self {
            server,
            service,
            client,
            events,
            ledgers: Default::default(),
            published: [0; 4],
            joins: [0; 4],
            deposits: Vec::new(),
            looks: Vec::new(),
            restarts: 0,
            breaks: 0,
            opened: 0,
            anew: 0,
        }
    }

    fn service(&self) -> Service<Bank> {
        self.service.lock().clone()
    }

    pub async fn take(&mut self, step: &Step) {
        let faults = self.client.faults().clone();
        match step {
            Step::Publish(place, count) => self.publish(place, *count).await,
            Step::Deposit(millis) => {
                let client = (*self.client).clone();
                let (key, millis) = (self.deposits.len() as u32, *millis);
                self.deposits.push(tokio::spawn(async move {
                    let deposit = bank_command::Deposit { key, millis };
                    client.call(deposit).timeout(PATIENCE).await
                }));
            }
            Step::Look => {
                let client = (*self.client).clone();
                self.looks.push(tokio::spawn(async move {
                    client.call(bank_command::Look).timeout(PATIENCE).await
                }));
            }
            Step::Join(place) => {
                self.joins[index(place)] += 1;
                let (client, place) = ((*self.client).clone(), place.clone());
                tokio::spawn(async move { client.join(place).await });
            }
            Step::Leave(place) => {
                self.drain();
                self.ledgers[index(place)].leave();
                self.client.leave(place.clone()).unwrap();
            }
            Step::Remove(place) => {
                for connection in self.service().connections() {
                    // It may have gone meanwhile.
                    let _ = self.service().leave(connection.id, place.clone()).await;
                }
            }
            Step::Insert(place) => {
                self.joins[index(place)] += 1;
                for connection in self.service().connections() {
                    let _ = self.service().join(connection.id, place.clone()).await;
                }
            }
            Step::Forbid(place) => self.server.forbidden.lock().push(place.clone()),
            Step::Allow(place) => self.server.forbidden.lock().retain(|other| other != place),
            Step::Cut => faults.drop_connection(),
            Step::CutAfter(direction, bytes) => faults.kill_after(*direction, *bytes),
            Step::Hole(time) => {
                faults.silence(true);
                sleep(*time).await;
                faults.drop_connection();
                sleep(Duration::from_millis(1)).await;
                faults.silence(false);
            }
            Step::Away(time) => {
                faults.unreachable(true);
                faults.drop_connection();
                sleep(*time).await;
                faults.unreachable(false);
            }
            Step::Restart => {
                self.restarts += 1;
                *self.service.lock() = Service::builder(self.server.clone()).build();
                faults.drop_connection();
            }
            Step::Wait(time) => sleep(*time).await,
        }
        self.drain();
    }

    /// Whether so many of the latest calls wait for their answers that no client would make more.
    pub fn is_busy(&self) -> bool {
        let all_wait = |calls: &[JoinHandle<_>]| {
            let latest = calls.iter().rev().take(20);
            latest.filter(|call| !call.is_finished()).count() == 20
        };
        all_wait(&self.deposits) || all_wait(&self.looks)
    }

    async fn publish(&mut self, place: &Place, count: u32) {
        for _ in 0..count {
            let number = self.published[index(place)] + 1;
            self.published[index(place)] = number;
            let event = BankEvent::Number { number };
            let service = self.service();
            service.to_channel(place.clone()).send(event).await.unwrap();
        }
    }

    /// Enters what came.
    fn drain(&mut self) {
        while let Some(incoming) = self.events.try_next() {
            match &incoming {
                Incoming::Lost(_) => self.breaks += 1,
                Incoming::Opened(opened) if self.breaks > 0 => {
                    self.opened += 1;
                    self.anew += u32::from(!opened.resumed);
                }
                _ => {}
            }
            let channel = match &incoming {
                Incoming::Event(event) => event.channel.clone(),
                Incoming::Joined { channel, .. }
                | Incoming::Gap { channel, .. }
                | Incoming::Closed { channel, .. } => Some(channel.clone()),
                Incoming::Online { .. } | Incoming::Opened(_) | Incoming::Lost(_) => None,
                other => panic!("{other:?}"),
            };
            let place = PLACES.iter().find(|place| {
                let name = place.name().ok();
                channel.is_some() && name == channel
            });
            if let Some(place) = place {
                self.ledgers[index(place)].enter(&incoming);
            }
        }
    }

    /// Mends everything, waits for the end of what goes on, and looks at what it came to.
    ///
    /// # Panics
    /// When that is not what was promised.
    pub async fn settle_and_check(mut self) -> Outcome {
        let mut unanswered = 0;
        for direction in [Direction::Up, Direction::Down] {
            self.client.faults().kill_after(direction, u64::MAX);
        }
        self.server.forbidden.lock().clear();
        // Whatever is on its way has come, and whoever was away is back.
        sleep(Duration::from_secs(120)).await;
        self.drain();
        for place in PLACES {
            self.joins[index(&place)] += 1;
            self.client.join(place).await.unwrap();
        }
        for (key, deposit) in std::mem::take(&mut self.deposits).into_iter().enumerate() {
            let outcome = deposit.await.unwrap();
            let ran = self
                .server
                .ran
                .lock()
                .get(&(key as u32))
                .copied()
                .unwrap_or(0);
            assert!(ran <= 1, "deposit {key} ran {ran} times");
            match outcome {
                Ok(reply) => assert_eq!((reply, ran), (key as u32, 1)),
                Err(error) => {
                    unanswered += 1;
                    match error {
                        CallError::Disconnected { sent: false } => assert_eq!(ran, 0),
                        CallError::Disconnected { sent: true } => {}
                        error => assert_eq!(error.code(), Some("outcome-unknown"), "{error}"),
                    }
                }
            }
        }
        for look in std::mem::take(&mut self.looks) {
            assert_eq!(look.await.unwrap().unwrap(), 7);
        }
        for place in PLACES {
            self.publish(&place, 1).await;
        }
        sleep(Duration::from_secs(1)).await;
        self.drain();
        for place in PLACES {
            let (ledger, at) = (&self.ledgers[index(&place)], index(&place));
            assert_eq!(ledger.came.last(), Some(&self.published[at]), "{place:?}");
            assert!(ledger.fresh <= self.joins[at], "{place:?} was joined anew");
            if place != Place::Unkept && self.restarts == 0 {
                assert_eq!(
                    ledger.idle_gaps, 0,
                    "{place:?}: gaps where nothing was missing"
                );
            }
        }
        let deep = std::mem::take(&mut self.ledgers[index(&Place::Deep)].came);
        Outcome { unanswered, deep }
    }
}
