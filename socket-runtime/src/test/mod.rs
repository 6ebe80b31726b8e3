//! The test kit: a service and any number of typed clients in one process, without a network, and
//! with faults on demand.
//!
//! Everything runs over streams in memory, so tokio's clock can be paused
//! (`#[tokio::test(start_paused = true)]`, tokio's feature `test-util`): a wait of half a minute
//! takes no time in a test.
//!
//! ```
//! use socket_runtime::client::Incoming;
//! use socket_runtime::prelude::*;
//! use socket_runtime::test::Kit;
//!
//! #[derive(Commands)]
//! enum ChatCommand { Say { text: String } }
//!
//! #[derive(Debug, Events)]
//! enum ChatEvent { Said { user: String, text: String } }
//!
//! #[derive(Channels)]
//! enum ChatChannel { #[channel("room:{room}")] Room { room: String } }
//!
//! #[derive(Protocol)]
//! #[protocol(name = "chat", commands = ChatCommand, events = ChatEvent, channels = ChatChannel)]
//! struct Chat;
//!
//! struct Handler;
//!
//! impl ChatCommandHandler<Context<Chat>> for Handler {
//!     async fn say(&self, cx: Context<Chat>, say: chat_command::Say) -> Result<(), Reject> {
//!         let user = cx.user().name().to_owned();
//!         cx.publish(ChatEvent::Said { user, text: say.text }).await
//!     }
//! }
//!
//! impl ChatChannelPolicy<Context<Chat>> for Handler {
//!     async fn may_join_room(&self, _: &Context<Chat>, _: &chat_channel::Room) -> Result<(), Reject> {
//!         Ok(())
//!     }
//! }
//!
//! # fn main() {
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let kit = Kit::new(&Service::<Chat>::builder(Handler).build());
//! let room = || ChatChannel::Room { room: "a".to_owned() };
//! let ann = kit.client().user(User::new("u1", "ann")).channel(room()).connect().await;
//! let mut bob = kit.client().user(User::new("u2", "bob")).connect().await;
//! bob.join(room()).await.unwrap();
//!
//! ann.send(chat_command::Say { text: "hi".to_owned() }).unwrap();
//! let said = bob.expect_event().await;
//! let ChatEvent::Said { user, text } = said.event;
//! assert_eq!((&*user, &*text), ("ann", "hi"));
//!
//! // Bob's connection breaks; he comes back, into the room too.
//! bob.faults().drop_connection();
//! bob.expect_loss().await;
//! bob.expect("the room again", |incoming| matches!(incoming, Incoming::Joined { .. }).then_some(())).await;
//! ann.send(chat_command::Say { text: "still there?".to_owned() }).unwrap();
//! bob.expect_event().await;
//! # });
//! # }
//! ```

pub mod broker;
mod client;
mod faults;
mod network;

pub use client::TestClient;
pub use faults::{Direction, Faults};

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use socket_protocol::{ChannelName, InvalidChannelName, Protocol};

use crate::admission::{Identity, User};
use crate::channel::ToDefaultChannel;
use crate::client::{Builder, Client, Options};
use crate::server::memory::{self, Router};
use crate::service::Service;
use network::{Door, Memory};

/// How long a client waits for an expected item by default.
const PATIENCE: Duration = Duration::from_secs(10);

/// A service, and the means for clients to reach it within the process.
#[derive(Debug)]
pub struct Kit<P: Protocol, U = User> {
    service: Service<P, U>,
}

impl<P, U> Kit<P, U>
where
    P: Protocol,
    U: Identity + Clone + Send + Sync + 'static,
{
    /// Wraps a service. Clients name their user with [`Knock::user`], which bypasses the program's
    /// own authentication.
    #[must_use]
    pub fn new(service: &Service<P, U>) -> Self {
        Self {
            service: service.clone(),
        }
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> &Service<P, U> {
        &self.service
    }

    /// Starts configuring a client.
    pub fn client(&self) -> Knock<P, U> {
        Knock {
            service: self.service.clone(),
            user: None,
            channel: Ok(None),
            client: Settings::new("ws://kit/"),
        }
    }
}

/// Starts configuring a client of the program's own router, through its own upgrade handler:
/// cookies, headers and queries count. `url` is the path and query, such as `/socket?room=42`.
pub fn through<P: Protocol>(router: &Router, url: &str) -> Routed<P> {
    Routed {
        router: router.clone(),
        client: Settings::new(&format!("ws://kit{url}")),
    }
}

/// A client that is being configured; made by [`Kit::client`].
#[must_use = "a client does nothing unless you `.connect().await` it"]
#[derive(Debug)]
pub struct Knock<P: Protocol, U> {
    service: Service<P, U>,
    user: Option<U>,
    channel: Result<Option<ChannelName>, InvalidChannelName>,
    client: Settings<P>,
}

impl<P, U> Knock<P, U>
where
    P: Protocol,
    P::Events: Debug,
    U: Identity + Clone + Send + Sync + 'static,
{
    /// The client's user. Default: an anonymous connection.
    pub fn user(mut self, user: impl Into<Option<U>>) -> Self {
        self.user = user.into();
        self
    }

    /// The default channel, which the client is in from the start. Default: none.
    pub fn channel<K>(mut self, channel: impl ToDefaultChannel<P::Channels, K>) -> Self {
        self.channel = channel.to_default_channel();
        self
    }

    /// Sets the client's options.
    pub fn options(mut self, options: Options) -> Self {
        self.client.options = options;
        self
    }

    /// How long the client waits for an expected item. Default: 10 s.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.client.patience = patience;
        self
    }

    /// Creates the client and waits until the server has accepted it.
    ///
    /// # Panics
    /// If the server does not accept it.
    pub async fn connect(self) -> TestClient<P> {
        let mut client = self.start();
        client.expect_opened().await;
        client
    }

    /// Creates the client without waiting.
    ///
    /// # Panics
    /// If the channel name is invalid.
    pub fn start(self) -> TestClient<P> {
        let Self {
            service,
            user,
            channel,
            client,
        } = self;
        let channel = channel.unwrap_or_else(|error| panic!("{error}"));
        client.start(Arc::new(move |io| {
            let (service, user, channel) = (service.clone(), user.clone(), channel.clone());
            tokio::spawn(memory::upgrade(service, user, channel, io));
        }))
    }
}

/// A client that is being configured; made by [`through`].
#[must_use = "a client does nothing unless you `.connect().await` it"]
#[derive(Debug)]
pub struct Routed<P> {
    router: Router,
    client: Settings<P>,
}

impl<P> Routed<P>
where
    P: Protocol,
    P::Events: Debug,
{
    /// Changes anything about the client: its token, its headers, its options.
    pub fn with(mut self, change: impl FnOnce(Builder<P>) -> Builder<P> + 'static) -> Self {
        self.client.change = Some(Box::new(change));
        self
    }

    /// How long the client waits for an expected item. Default: 10 s.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.client.patience = patience;
        self
    }

    /// Creates the client and waits until the server has accepted it.
    ///
    /// # Panics
    /// If the server does not accept it.
    pub async fn connect(self) -> TestClient<P> {
        let mut client = self.start();
        client.expect_opened().await;
        client
    }

    /// Creates the client without waiting.
    ///
    /// # Panics
    /// If the path is invalid.
    pub fn start(self) -> TestClient<P> {
        let router = self.router;
        self.client.start(Arc::new(move |io| {
            tokio::spawn(memory::route(router.clone(), io));
        }))
    }
}

type Change<P> = Box<dyn FnOnce(Builder<P>) -> Builder<P>>;

/// Common settings of both kinds of clients.
struct Settings<P> {
    url: String,
    options: Options,
    change: Option<Change<P>>,
    patience: Duration,
    protocol: PhantomData<fn() -> P>,
}

impl<P> Debug for Settings<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("url", &self.url)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<P> Settings<P>
where
    P: Protocol,
{
    fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            options: Options::default(),
            change: None,
            patience: PATIENCE,
            protocol: PhantomData,
        }
    }

    fn start(self, door: Door) -> TestClient<P>
    where
        P::Events: Debug,
    {
        let faults = Faults::new();
        let mut builder = Client::<P>::builder(&self.url).options(self.options);
        if let Some(change) = self.change {
            builder = change(builder);
        }
        let transport = Memory {
            door,
            faults: faults.clone(),
        };
        let (client, events) = builder
            .transport(transport)
            .start()
            .unwrap_or_else(|error| panic!("{error}"));
        TestClient::new(client, events, faults, self.patience)
    }
}
