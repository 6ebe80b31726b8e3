//! A chat with rooms in one file: `cargo run -p socket-runtime --example rooms`.

use std::error::Error;
use std::io::Write as _;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use socket_runtime::prelude::*;
use socket_runtime::{serve, shutdown_signal};
use tokio::net::TcpListener;

/// The commands of a client.
#[derive(Commands)]
enum ChatCommand {
    /// Posts a message to the room.
    Chat {
        #[garde(length(chars, min = 1, max = 2000))]
        text: String,
    },
}

/// The events that the server sends.
#[derive(Events)]
enum ChatEvent {
    /// Someone posted a message.
    Chat { user: String, text: String },
}

/// The channels.
#[derive(Channels)]
enum ChatChannel {
    /// A room that everybody may join.
    #[channel("room:{name}")]
    Room { name: String },
}

/// The protocol.
#[derive(Protocol)]
#[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
struct Chat;

type Cx = Context<Chat>;

struct Server;

impl ChatCommandHandler<Cx> for Server {
    async fn chat(&self, cx: Cx, say: chat_command::Chat) -> Result<(), Reject> {
        let user = cx.user().name().to_owned();
        let text = say.text;
        cx.publish(ChatEvent::Chat { user, text }).await
    }
}

impl ChatChannelPolicy<Cx> for Server {
    async fn may_join_room(&self, _: &Cx, room: &chat_channel::Room) -> Result<(), Reject> {
        if room.name == "board" {
            return Err(Reject::forbidden("by invitation only"));
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Params {
    room: String,
    user: String,
}

async fn socket(
    upgrade: SocketUpgrade,
    State(sockets): State<Service<Chat>>,
    Query(Params { room, user }): Query<Params>,
) -> Response {
    sockets
        .upgrade(upgrade)
        .channel(ChatChannel::Room { name: room })
        .user(User::new(user.clone(), user))
        .await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sockets: Service<Chat> = Service::builder(Server).build();
    let app = Router::new()
        .route("/socket", get(socket))
        .with_state(sockets.clone());
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    writeln!(
        std::io::stdout(),
        "listening on http://{}; try: websocat 'ws://127.0.0.1:8080/socket?room=42&user=ann'",
        listener.local_addr()?
    )?;
    serve(listener, app)
        .sockets(&sockets)
        .until(shutdown_signal())
        .await?;
    Ok(())
}
