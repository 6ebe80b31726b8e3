//! The server: a method per command, a join decision per channel, and the routes.

use std::iter::repeat_with;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use socket_runtime::prelude::*;
use socket_runtime::{BuildError, Config, Versions};

use crate::protocol::{
    Chat, ChatChannel, ChatChannelPolicy, ChatCommandHandler, ChatEvent, Joined, Pong,
    chat_channel, chat_command,
};

type Cx = Context<Chat>;

/// The handler. It has no state, because the service holds everything that a chat needs.
#[derive(Debug, Default)]
pub struct Server;

impl ChatCommandHandler<Cx> for Server {
    async fn ping(&self, cx: Cx) -> Result<Pong, Reject> {
        let pong = || Pong {
            timestamp: Timestamp::now(),
        };
        if !cx.wants_reply() {
            cx.publish(ChatEvent::Pong(pong())).await?;
        }
        Ok(pong())
    }

    async fn chat(&self, cx: Cx, say: chat_command::Chat) -> Result<(), Reject> {
        let user = cx.user().name().to_owned();
        cx.publish(ChatEvent::Chat {
            user,
            text: say.text,
            time: Timestamp::now(),
        })
        .await
    }

    async fn join_room(&self, cx: Cx, to: chat_command::JoinRoom) -> Result<Joined, Reject> {
        let room = ChatChannel::Room {
            name: to.room.clone(),
        };
        cx.join(&room).await?;
        let members = cx.service().member_count(&room)?;
        Ok(Joined {
            room: to.room,
            members: u32::try_from(members).unwrap_or(u32::MAX),
        })
    }
}

impl ChatChannelPolicy<Cx> for Server {
    async fn may_join_room(&self, _: &Cx, _: &chat_channel::Room) -> Result<(), Reject> {
        Ok(())
    }
}

/// The chat's service. `versions` is the versions file: it names the older pages that may connect.
///
/// # Errors
/// If the versions file is invalid or belongs to another protocol.
pub fn service(versions: &str) -> Result<Service<Chat>, BuildError> {
    let config = Config::default().with(|config| {
        // On one's own machine, half a minute for a shutdown would be too long.
        config.timeouts.drain = Duration::from_secs(3);
    });
    Ok(Service::builder(Server)
        .config(config)
        .versions(Versions::compatible(versions)?.allow_unknown())?
        .build())
}

/// The socket's route, `/example/socket`.
pub fn routes(sockets: Service<Chat>) -> Router {
    Router::new()
        .route("/example/socket", get(example_socket))
        .with_state(sockets)
}

#[derive(Deserialize)]
struct Params {
    /// The default channel.
    ch: Option<String>,
    /// The user's name.
    user: Option<String>,
}

async fn example_socket(
    upgrade: SocketUpgrade,
    State(sockets): State<Service<Chat>>,
    Query(params): Query<Params>,
) -> Response {
    let channel = params
        .ch
        .filter(|name| !name.is_empty())
        .unwrap_or_else(some_channel);
    let name = params
        .user
        .as_deref()
        .map(presentable)
        .filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(made_up_name);
    sockets
        .upgrade(upgrade)
        .channel(channel)
        .user(User::new(name.clone(), name))
        .await
}

/// `example-` and eight random letters, as in the Go module.
fn some_channel() -> String {
    let letters: String = repeat_with(fastrand::lowercase).take(8).collect();
    format!("example-{letters}")
}

/// The name as others see it: one line of at most 40 characters.
fn presentable(name: &str) -> String {
    let visible = name.chars().filter(|c| !c.is_control());
    visible.take(40).collect::<String>().trim().to_owned()
}

fn made_up_name() -> String {
    const MOODS: &[&str] = &[
        "brisk", "calm", "clever", "eager", "gentle", "jolly", "keen", "mellow", "nimble", "quiet",
        "sunny", "witty",
    ];
    const ANIMALS: &[&str] = &[
        "badger", "crane", "dormouse", "finch", "gecko", "heron", "ibex", "lynx", "marten",
        "otter", "puffin", "wren",
    ];
    let pick = |words: &[&'static str]| words[fastrand::usize(..words.len())];
    format!(
        "{}-{}-{}",
        pick(MOODS),
        pick(ANIMALS),
        fastrand::u32(10..100)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_short_line() {
        assert_eq!(presentable("  ann\n\t"), "ann");
        assert_eq!(presentable("\u{7}"), "");
        assert_eq!(presentable(&"é".repeat(50)).chars().count(), 40);
    }
}
