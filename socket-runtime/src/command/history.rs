//! The answer to `:history`.

use socket_protocol::envelope::{MessageBuf, encode_history};
use socket_protocol::system::{self, HistoryQuery};
use socket_protocol::{ChannelName, ErrorCode, Protocol, RequestId, WireError};

use super::membership::joined;
use crate::broker::{Address, PageSize, Range};
use crate::error::{ChannelError, internal};
use crate::service::connection::Connection;

/// The bytes of the answer besides its events: the id, the epoch and the position.
const AROUND: usize = 256;

/// Reads a page of a channel's history for one of its members.
pub(super) async fn read<P: Protocol, U>(
    connection: &Connection<P, U>,
    channel: &ChannelName,
    query: HistoryQuery,
    id: Option<RequestId>,
) -> Result<Option<MessageBuf>, WireError> {
    let none = || {
        let message = format!("{channel} keeps no history");
        WireError::new(ErrorCode::Forbidden, message)
    };
    let address = match channel.as_str() {
        ":all" => Address::All,
        ":user" => {
            let user = connection.handle().user().ok_or_else(none)?;
            Address::User(user.id.as_str().into())
        }
        _ => {
            joined(connection, channel)?;
            Address::Channel(channel.clone())
        }
    };
    let hub = connection.service.hub();
    let keep = hub.keeps(&address).ok_or_else(none)?;
    let config = connection.service.config();
    let most = config.history.page_max;
    let range = Range::Before {
        at: query.before.unwrap_or(u64::MAX),
    };
    let size = PageSize {
        events: query.limit.map_or(most, |limit| {
            usize::try_from(limit).map_or(most, |limit| limit.min(most))
        }),
        bytes: config.limits.outbound_bytes.saturating_sub(AROUND),
    };
    let page = hub.broker().history(&address, keep, range, size).await;
    let page = page.map_err(ChannelError::from)?;
    if page.position.is_nowhere() {
        return Err(none());
    }
    let Some(id) = id else { return Ok(None) };
    let mut events = page.events.as_slice();
    // The commas between the events count too.
    let bytes = |events: &[crate::broker::Kept]| -> usize {
        events
            .iter()
            .map(|kept| kept.message.text().len() + 1)
            .sum()
    };
    while events.len() > 1 && bytes(events) > size.bytes {
        events = &events[1..];
    }
    let position = system::Position::from(&page.position);
    let events = events.iter().map(|kept| kept.message.text());
    encode_history(id, &position, events)
        .map(Some)
        .map_err(|error| internal(&error))
}
