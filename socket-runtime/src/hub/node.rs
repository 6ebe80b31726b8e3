//! The hub's side of its broker.

use socket_protocol::envelope::{EventHead, OpenMessage};
use socket_protocol::system::{self, name};

use super::catch_up::Since;
use super::group::Group;
use super::{EnterError, Hub};
use crate::broker::{Address, Delivery, Node, Position, Publication};
use crate::outbound::pace;

impl Node for Hub {
    fn deliver(&self, delivery: Delivery) {
        let Some(group) = self.find(&delivery.address) else {
            return;
        };
        if let Some(receivers) = group.deliver(&delivery) {
            pace::charge(receivers, delivery.message.frame().len());
        }
    }

    fn lost(&self, address: &Address, position: Position) {
        if let Some(group) = self.find(address) {
            group.lost(position);
        }
    }
}

impl Hub {
    /// Asks the broker what a connection has missed.
    pub(super) async fn ask(
        &self,
        address: &Address,
        since: Option<system::Position>,
    ) -> Result<Option<Since>, EnterError> {
        let Some((since, keep)) = since.zip(self.keeps(address)) else {
            return Ok(None);
        };
        let system::Position { epoch, at } = since;
        let missed = self.broker.missed(address, keep, at).await;
        let missed = missed.map_err(EnterError::Broker)?;
        Ok(Some(Since { epoch, at, missed }))
    }

    /// Tells the members who came and went, in the order of the changes.
    pub(super) async fn announce(&self, group: &Group) {
        let Address::Channel(channel) = &group.address else {
            return;
        };
        let _order = group.announcing.lock().await;
        loop {
            let next = group.roster.lock().announcements.pop_front();
            let Some(update) = next else { return };
            let head = EventHead {
                channel: Some(channel.as_str()),
                from: None,
            };
            let message = match OpenMessage::event(name::ONLINE_UPDATE, head, &update) {
                Ok(message) => message,
                Err(error) => {
                    tracing::error!(%error, "an online-update could not be encoded");
                    continue;
                }
            };
            let mut publication = Publication::new(group.address.clone(), message);
            publication.except = Some(update.connection);
            if let Err(error) = self.broker.publish(publication).await {
                tracing::warn!(%error, %channel, "an online-update could not be encoded");
            }
        }
    }
}
