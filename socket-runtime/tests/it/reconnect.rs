//! Who comes back to a session, what the program is told of it, and when there is no room for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use serde_json::{Value, json};
use socket_runtime::prelude::*;
use socket_runtime::test::Kit;
use socket_runtime::{Config, Credentials, Login};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::sleep;

use crate::chat::{Server, Sockets};
use crate::sessions::{connect, gone, resume};
use crate::timeouts::{Memory, seconds};

#[derive(Debug, Commands)]
enum ClubCommand {}

#[derive(Debug, Events)]
enum ClubEvent {}

#[derive(Debug, Channels)]
enum ClubChannel {
    #[channel("bar")]
    Bar,
}

#[derive(Debug, Protocol)]
#[protocol(name = "club", commands = ClubCommand, events = ClubEvent, channels = ClubChannel)]
struct Club;

/// Counts how often it is asked.
struct Gate(Arc<AtomicU32>);

impl ClubCommandHandler<Context<Club>> for Gate {}

impl ClubChannelPolicy<Context<Club>> for Gate {
    async fn may_join_bar(&self, _: &Context<Club>) -> Result<(), Reject> {
        self.0.fetch_add(1, Relaxed);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_sessions_hold_is_bounded_and_the_oldest_makes_room() {
    let server = Memory::configured(Config::default().with(|config| config.sessions.bytes = 8_000));
    let large = json!({"cmd": "large", "id": 3, "param": {"bytes": 3_000}});
    let mut replies = Vec::new();
    for (user, waiting) in [("ann", 1), ("bob", 2), ("carl", 2)] {
        let (mut client, reply) = connect(&server, &format!("?user={user}"), json!({})).await;
        client.send(large.clone()).await;
        client.answer(3).await;
        drop(client);
        gone(&server, &reply).await;
        assert_eq!(server.sockets.status().sessions, waiting, "{user}");
        replies.push((user, reply));
    }
    // Also where it is an answer that comes while nobody is there.
    let (mut client, reply) = connect(&server, "?user=dora", json!({})).await;
    let late = json!({"cmd": "late", "id": 2, "param": {"text": "later", "millis": 1000}});
    client.send(json!([late, large])).await;
    client.send(json!({"cmd": ":ping"})).await;
    client.event(":pong").await;
    drop(client);
    gone(&server, &reply).await;
    assert_eq!(server.sockets.status().sessions, 3);
    sleep(seconds(2)).await;
    assert_eq!(server.sockets.status().sessions, 2);
    replies.push(("dora", reply));
    let mut resumed = Vec::new();
    for (user, reply) in &replies {
        let (mut client, again) = resume(&server, &format!("?user={user}"), reply).await;
        resumed.push(again["resumed"] == true);
        client.leave().await;
    }
    assert_eq!(resumed, [false, false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn hooks_are_told_once_of_a_session_and_each_time_it_goes_on() {
    let (tx, mut told) = unbounded_channel();
    let (resumed, disconnected) = (tx.clone(), tx.clone());
    let sockets = Sockets::builder(Server)
        .on_connected(move |cx| {
            let _ = tx.send(("connected", cx.connection()));
            async {}
        })
        .on_resumed(move |cx| {
            let _ = resumed.send(("resumed", cx.connection()));
            async {}
        })
        .on_disconnected(move |cx, _| {
            let _ = disconnected.send(("disconnected", cx.connection()));
            async {}
        })
        .build();
    let server = Memory::with(sockets);
    let (mut client, mut reply) = connect(&server, "?user=ann", json!({})).await;
    let id = serde_json::from_value(reply["connection"].clone()).unwrap();
    assert_eq!(told.recv().await, Some(("connected", id)));
    for _ in 0..2 {
        drop(client);
        gone(&server, &reply).await;
        (client, reply) = resume(&server, "?user=ann", &reply).await;
        assert_eq!(told.recv().await, Some(("resumed", id)));
    }
    drop(client);
    assert_eq!(told.recv().await, Some(("disconnected", id)));
    sleep(seconds(200)).await;
    assert!(told.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn the_last_hook_comes_when_the_session_has_left_and_waits_for_no_slow_handler() {
    let (tx, mut told) = unbounded_channel();
    let sockets = Sockets::builder(Server)
        .on_disconnected(move |cx, reason| {
            let members = cx.service().member_count("lobby").unwrap();
            let _ = tx.send((members, cx.user().name().to_owned(), format!("{reason:?}")));
            async {}
        })
        .build();
    let server = Memory::with(sockets);
    let close_timeout = Config::default().timeouts.close;
    let mut watcher = server.full("?ch=lobby&user=bob").await;
    let (mut client, _) = connect(&server, "?ch=lobby&user=ann", json!({})).await;
    watcher.event("online-update").await;
    let millis = (close_timeout + seconds(5)).as_millis() as u64;
    let late = json!({"cmd": "late", "param": {"text": "at last", "millis": millis}});
    client.send(late).await;
    let start = tokio::time::Instant::now();
    client.leave().await;
    // Bob alone is left, and what was begun has had the time that a client has to say goodbye.
    let (members, user, reason) = told.recv().await.unwrap();
    assert_eq!((members, &*user), (1, "ann"), "{reason}");
    assert!((close_timeout..close_timeout + seconds(1)).contains(&start.elapsed()));
    let left = watcher.event("online-update").await;
    assert_eq!(left["param"]["connected"], false);
    // It is done all the same.
    assert_eq!(watcher.event("chat").await["param"]["text"], "at last");
    assert!(told.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_membership_that_is_still_shown_is_not_decided_anew() {
    let (tx, mut told) = unbounded_channel();
    let asked = Arc::new(AtomicU32::new(0));
    let gate = Gate(asked.clone());
    let sockets = Service::<Club>::builder(gate)
        .on_connected(move |cx| {
            let _ = tx.send(cx.connection());
            async {}
        })
        .build();
    let kit = Kit::new(&sockets);
    let member = kit.client().patience(seconds(600)).connect().await;
    member.join(ClubChannel::Bar).await.unwrap();
    assert_eq!(asked.swap(0, Relaxed), 1);
    let id = told.recv().await.unwrap();
    let away = async |time| {
        member.faults().unreachable(true);
        member.faults().drop_connection();
        sleep(time).await;
        member.faults().unreachable(false);
        while !member.state().opened().is_some_and(|opened| opened.resumed) {
            sleep(Duration::from_millis(100)).await;
        }
        asked.swap(0, Relaxed)
    };
    // Within the grace it never left.
    assert_eq!(away(seconds(1)).await, 0);
    // After it, coming back is joining.
    assert_eq!(away(seconds(30)).await, 1);
    assert_eq!(sockets.connection(id).unwrap().channels.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_guest_stays_the_same_over_a_break() {
    let guests = AtomicU32::new(0);
    let guest = move |shown: Credentials<User>| {
        let user = shown.session_user().cloned().unwrap_or_else(|| {
            let number = guests.fetch_add(1, Relaxed);
            User::new(format!("guest-{number}"), "a guest")
        });
        async move { Ok::<_, Reject>(Login::user(user)) }
    };
    let server = Memory::with(Sockets::builder(Server).authenticate(guest).build());
    let (client, first) = connect(&server, "", json!({})).await;
    assert_eq!(first["user"]["id"], "guest-0");
    drop(client);
    gone(&server, &first).await;
    // Others are others, whatever they show.
    for session in [Value::Null, json!("nonsense")] {
        let (_other, reply) = connect(&server, "", json!({"session": session})).await;
        assert_ne!(reply["user"]["id"], "guest-0");
        assert_eq!(reply["resumed"], false);
    }
    let (_client, second) = resume(&server, "", &first).await;
    assert_eq!(second["user"]["id"], "guest-0");
    assert_eq!(second["resumed"], true);
}

/// Tokens are `name/seconds`; whoever has one is Ann.
async fn ann(shown: Credentials<User>) -> Result<Login<User>, Reject> {
    let token = shown.token().and_then(|token| token.split_once('/'));
    let (name, time) = token.ok_or_else(|| Reject::unauthorized("no token"))?;
    let time = time
        .parse()
        .map_err(|_| Reject::unauthorized("how long?"))?;
    Ok(Login::user(User::new("ann", name)).expires_in(Duration::from_secs(time)))
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_logs_in_anew() {
    let server = Memory::with(Sockets::builder(Server).authenticate(ann).build());
    let (client, first) = connect(&server, "?ch=lobby", json!({"token": "ann/60"})).await;
    assert_eq!(first["expires"], 60_000);
    drop(client);
    gone(&server, &first).await;
    // The session's token is no login.
    let mut stranger = server.open("?ch=lobby", Some("socket.v1")).await;
    let param = json!({"session": first["session"]});
    let refused = json!({"cmd": ":connect", "param": param});
    assert_eq!(stranger.refusal(refused).await, "unauthorized");
    assert_eq!(stranger.closed().await.0, 4401);
    // The first login has run out, and so much longer holds the new one.
    sleep(seconds(70)).await;
    let param = json!({"session": first["session"], "token": "anna/600"});
    let (mut client, second) = connect(&server, "?ch=lobby", param).await;
    assert_eq!(second["resumed"], true);
    assert_eq!(second["connection"], first["connection"]);
    assert_eq!(second["expires"], 600_000);
    assert_eq!(second["user"], json!({"id": "ann", "name": "anna"}));
    let who = json!({"cmd": "whoami", "id": 50});
    client.send(who).await;
    assert_eq!(client.answer(50).await["param"]["room"], "anna");
}
