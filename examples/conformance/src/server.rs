//! What the protocol means.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use socket_runtime::definition::Channels as _;
use socket_runtime::prelude::*;
use socket_runtime::{BuildError, Config, Credentials, Login};

use crate::protocol::{
    Counted, Echoed, EnterError, Entered, Probe, ProbeChannel, ProbeChannelPolicy,
    ProbeCommandHandler, ProbeEvent, probe_channel, probe_command,
};

type Cx = Context<Probe>;

/// Holds how often each key of `once` was run.
#[derive(Debug, Default)]
pub struct Server {
    runs: Mutex<HashMap<String, u32>>,
}

impl ProbeCommandHandler<Cx> for Server {
    async fn echo(&self, _: Cx, echo: probe_command::Echo) -> Result<Echoed, Reject> {
        Ok(Echoed { text: echo.text })
    }

    async fn say(&self, cx: Cx, say: probe_command::Say) -> Result<(), Reject> {
        let user = cx.user().name().to_owned();
        cx.publish(ProbeEvent::Said {
            user,
            text: say.text,
        })
        .await
    }

    async fn enter(
        &self,
        cx: Cx,
        enter: probe_command::Enter,
    ) -> Result<Entered, Reject<EnterError>> {
        if enter.room == "full" {
            return Err(EnterError::RoomFull { max: 3 }.into());
        }
        let room = ProbeChannel::Room { room: enter.room };
        let name = room
            .name()
            .map_err(|error| Reject::<EnterError>::forbidden(error.to_string()))?;
        cx.join(&room).await?;
        Ok(Entered {
            channel: name.to_string(),
        })
    }

    async fn count(
        &self,
        _: Cx,
        count: probe_command::Count,
        mut items: Items<Counted>,
    ) -> Result<Counted, Reject> {
        for number in 1..=count.to {
            items.send(Counted { number }).await?;
        }
        Ok(Counted { number: count.to })
    }

    async fn once(&self, _: Cx, once: probe_command::Once) -> Result<Counted, Reject> {
        let number = {
            let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
            let number = runs.entry(once.key).or_default();
            *number = number.saturating_add(1);
            *number
        };
        tokio::time::sleep(Duration::from_millis(once.ms.into())).await;
        Ok(Counted { number })
    }

    async fn sleep(&self, _: Cx, sleep: probe_command::Sleep) -> Result<(), Reject> {
        tokio::time::sleep(Duration::from_millis(sleep.ms.into())).await;
        Ok(())
    }

    async fn fail(&self, _: Cx) -> Result<(), Reject> {
        panic!("as it was asked to");
    }
}

impl ProbeChannelPolicy<Cx> for Server {
    async fn may_join_lobby(&self, _: &Cx) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_room(&self, _: &Cx, _: &probe_channel::Room) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_log(&self, _: &Cx, _: &probe_channel::Log) -> Result<(), Reject> {
        Ok(())
    }

    async fn may_join_secret(&self, _: &Cx, _: &probe_channel::Secret) -> Result<(), Reject> {
        Err(Reject::forbidden("open to nobody"))
    }
}

/// `good` is ann, no token is nobody, any other is refused.
async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    match shown.token() {
        None => Ok(Login::nobody()),
        Some("good") => Ok(Login::user(User::new("u1", "ann"))),
        Some(_) => Err(Reject::unauthorized("not a token of ours")),
    }
}

/// The service.
///
/// # Errors
/// When the text is not a manifest of this protocol.
pub fn service(manifest: &str) -> Result<Service<Probe>, BuildError> {
    let config = Config {
        // A dead connection is to be noticed while a test looks on.
        ping: Duration::from_millis(500),
        timeout: Duration::from_millis(500),
        spread: Duration::from_millis(100),
        drain: Duration::from_millis(100),
        ..Config::default()
    };
    Ok(Service::builder(Server::default())
        .config(config)
        .authenticate(who)
        .origin("*")
        .manifest(manifest)?
        .build())
}

/// The socket's route, `/socket`.
pub fn routes(sockets: Service<Probe>) -> Router {
    Router::new()
        .route("/socket", get(socket))
        .with_state(sockets)
}

async fn socket(upgrade: SocketUpgrade, State(sockets): State<Service<Probe>>) -> Response {
    sockets.upgrade(upgrade).channel(ProbeChannel::Lobby).await
}
