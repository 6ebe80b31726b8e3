//! The server: a method per command, a join decision per channel, and the routes.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use socket_runtime::definition::Channels as _;
use socket_runtime::prelude::*;
use socket_runtime::{BuildError, ChannelError, Config, Credentials, Login};

use crate::protocol::{
    Counted, Echoed, EnterError, Entered, Probe, ProbeChannel, ProbeChannelPolicy,
    ProbeCommandHandler, ProbeEvent, probe_channel, probe_command,
};

type Cx = Context<Probe>;

/// The handler. It counts the runs of each key of `once`, and keeps the names that nobody may join.
#[derive(Debug, Default)]
pub struct Server {
    runs: Mutex<HashMap<String, u32>>,
    closed: Mutex<HashSet<String>>,
}

impl Server {
    fn admits(&self, name: &str) -> Result<(), Reject> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        match closed.contains(name) {
            true => Err(Reject::forbidden("closed for the moment")),
            false => Ok(()),
        }
    }
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

    async fn ran(&self, _: Cx, ran: probe_command::Ran) -> Result<Counted, Reject> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let number = runs.get(&ran.key).copied().unwrap_or_default();
        Ok(Counted { number })
    }

    async fn number(&self, cx: Cx, numbers: probe_command::Number) -> Result<(), Reject> {
        let probe_command::Number { to, from, count } = numbers;
        for number in from..from.saturating_add(count) {
            let said = ProbeEvent::Said {
                user: String::new(),
                text: number.to_string(),
            };
            cx.service().to_channel(to.as_str()).send(said).await?;
        }
        Ok(())
    }

    async fn r#move(&self, cx: Cx, order: probe_command::Move) -> Result<(), Reject> {
        let (service, to) = (cx.service(), order.to.as_str());
        for connection in service.connections() {
            if connection.id == cx.connection() {
                continue;
            }
            let moved = if order.inside {
                service.join(connection.id, to).await
            } else {
                service.leave(connection.id, to).await
            };
            match moved {
                // The connection ended meanwhile.
                Ok(_) | Err(ChannelError::NoConnection(_)) => {}
                Err(error) => return Err(Reject::forbidden(error.to_string())),
            }
        }
        Ok(())
    }

    async fn admit(&self, _: Cx, admit: probe_command::Admit) -> Result<(), Reject> {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if admit.anybody {
            closed.remove(&admit.name);
        } else {
            closed.insert(admit.name);
        }
        Ok(())
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

    async fn may_join_room(&self, _: &Cx, room: &probe_channel::Room) -> Result<(), Reject> {
        self.admits(&room.room)
    }

    async fn may_join_log(&self, _: &Cx, log: &probe_channel::Log) -> Result<(), Reject> {
        self.admits(&log.name)
    }

    async fn may_join_secret(&self, _: &Cx, _: &probe_channel::Secret) -> Result<(), Reject> {
        Err(Reject::forbidden("open to nobody"))
    }
}

/// The token `good` is the user ann, no token is anonymous, any other is refused.
async fn who(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    match shown.token() {
        None => Ok(Login::nobody()),
        Some("good") => Ok(Login::user(User::new("u1", "ann"))),
        Some(_) => Err(Reject::unauthorized("not a token of ours")),
    }
}

/// The service. `resume` overrides how long its sessions can be resumed.
///
/// # Errors
/// If the text is not a manifest of this protocol.
pub fn service(manifest: &str, resume: Option<Duration>) -> Result<Service<Probe>, BuildError> {
    let config = Config::default().with(|config| {
        // Short, so that a test can watch a dead connection being noticed.
        config.timeouts.ping = Duration::from_millis(500);
        config.timeouts.pong = Duration::from_millis(500);
        config.timeouts.spread = Duration::from_millis(100);
        config.timeouts.drain = Duration::from_millis(100);
    });
    let config = config.with(|config| {
        config.sessions.resume_window = resume.unwrap_or(config.sessions.resume_window)
    });
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
