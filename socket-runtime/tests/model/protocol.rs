//! The protocol of the model, and its server, which counts how often each call ran.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use socket_runtime::prelude::*;

#[derive(Commands)]
pub enum BankCommand {
    /// Must not run twice.
    #[command(reply = u32)]
    Deposit { key: u32, millis: u64 },
    /// May.
    #[command(reply = u32, idempotent)]
    Look,
}

#[derive(Debug, Clone, PartialEq, Events)]
pub enum BankEvent {
    /// The numbers of one place go up by one.
    Number { number: u32 },
}

#[derive(Debug, Clone, PartialEq, Channels)]
pub enum BankChannel {
    #[channel("kept", history(events = 10, keep = "5m"))]
    Kept,
    #[channel("other", history(events = 10, keep = "5m"))]
    Other,
    #[channel("unkept")]
    Unkept,
    /// Keeps more than is ever published while a client is away.
    #[channel("deep", history(events = 2_000, keep = "1h"))]
    Deep,
}

pub type Place = BankChannel;

#[derive(Debug, Protocol)]
#[protocol(name = "bank", commands = BankCommand, events = BankEvent, channels = BankChannel)]
pub struct Bank;

type Cx = Context<Bank>;

/// What outlives every process.
#[derive(Debug, Default, Clone)]
pub struct Server {
    /// How often each deposit ran.
    pub ran: Arc<Mutex<HashMap<u32, u32>>>,
    /// Where nobody may join.
    pub forbidden: Arc<Mutex<Vec<Place>>>,
}

impl Server {
    fn may_join(&self, place: &Place) -> Result<(), Reject> {
        match self.forbidden.lock().contains(place) {
            true => Err(Reject::forbidden("not now")),
            false => Ok(()),
        }
    }
}

impl BankCommandHandler<Cx> for Server {
    async fn deposit(&self, _: Cx, deposit: bank_command::Deposit) -> Result<u32, Reject> {
        *self.ran.lock().entry(deposit.key).or_default() += 1;
        tokio::time::sleep(Duration::from_millis(deposit.millis)).await;
        Ok(deposit.key)
    }

    async fn look(&self, _: Cx) -> Result<u32, Reject> {
        Ok(7)
    }
}

impl BankChannelPolicy<Cx> for Server {
    async fn may_join_kept(&self, _: &Cx) -> Result<(), Reject> {
        self.may_join(&Place::Kept)
    }

    async fn may_join_other(&self, _: &Cx) -> Result<(), Reject> {
        self.may_join(&Place::Other)
    }

    async fn may_join_unkept(&self, _: &Cx) -> Result<(), Reject> {
        self.may_join(&Place::Unkept)
    }

    async fn may_join_deep(&self, _: &Cx) -> Result<(), Reject> {
        self.may_join(&Place::Deep)
    }
}
