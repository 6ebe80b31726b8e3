//! What a program does with a client.

use std::sync::atomic::Ordering::Relaxed;

use futures_util::FutureExt;
use socket_runtime::client::{CallError, Closed, Incoming, JoinError, SendError, Sent, State};
use socket_runtime::{CloseCode, WireError};
use tokio::time::{Instant, timeout};

use crate::chat::{
    ChatChannel, Point, RoomError, chat_command, kit, room, said, say, seconds, settle, user,
};

#[tokio::test(start_paused = true)]
async fn calls_bring_their_own_reply_or_their_own_error() {
    let (kit, _) = kit();
    let ann = kit
        .client()
        .user(user("ann"))
        .channel("lobby")
        .connect()
        .await;
    assert_eq!(ann.call(chat_command::Ping).await.unwrap().timestamp, 7);
    let point = Point { x: 3 };
    assert_eq!(
        ann.call(chat_command::Move(point.clone())).await.unwrap(),
        point
    );
    ann.call(say("hi")).await.unwrap();

    let join = |room: &str| chat_command::JoinRoom {
        room: room.to_owned(),
    };
    assert_eq!(ann.call(join("a")).await.unwrap().times, 1);
    match ann.call(join("full")).await {
        Err(CallError::Refused {
            error: RoomError::RoomFull { max: 10, .. },
            message,
        }) => assert_eq!(message, "room full holds 10 people"),
        other => panic!("{other:?}"),
    }
    let error = ann.call(say("")).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid-param"));
    let elsewhere = ann.channel(room("b")).unwrap();
    let error = elsewhere.call(say("hi")).await.unwrap_err();
    assert_eq!(error.code(), Some("not-joined"));
}

#[tokio::test(start_paused = true)]
async fn events_say_where_and_from_whom_they_are() {
    let (kit, _) = kit();
    let mut ann = kit.client().user(user("ann")).connect().await;
    let bob = kit.client().user(user("bob")).connect().await;
    let here = ann.channel(room("a")).unwrap();
    let mut events = here.events();
    let mut elsewhere = ann.channel(room("b")).unwrap().events();
    here.join().await.unwrap();
    let there = bob.channel(room("a")).unwrap();
    there.join().await.unwrap();
    assert_eq!(there.send(say("hi")).unwrap(), Sent::Now);

    let event = ann.expect_event().await;
    assert_eq!(event.event, said("bob", "hi"));
    assert_eq!(event.channel.as_ref(), Some(here.name()));
    let bob_id = bob.state().opened().unwrap().connection;
    assert_eq!(event.from, Some(bob_id));
    assert!(matches!(events.next().await, Some(Incoming::Joined { .. })));
    match events.next().await {
        Some(Incoming::Online { update, .. }) => assert_eq!(update.connection, bob_id),
        other => panic!("{other:?}"),
    }
    assert!(matches!(events.next().await, Some(Incoming::Event(_))));
    assert!(elsewhere.try_next().is_none());
    assert_eq!(here.members(&Default::default()).await.unwrap().count, 2);

    // What is sent to the user, to everybody, to the connection.
    let service = kit.service();
    for (target, channel) in [
        (service.to_user("id-ann"), Some(":user")),
        (service.to_all(), Some(":all")),
        (
            service.to_connection(ann.state().opened().unwrap().connection),
            None,
        ),
    ] {
        target.send(said("server", "x")).await.unwrap();
        let event = ann.expect_event().await;
        assert_eq!(event.channel.as_ref().map(AsRef::as_ref), channel);
        assert_eq!(event.from, None);
    }
    there.leave();
    here.leave();
    settle().await;
    assert_eq!(service.member_count(room("a")).unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_what_is_only_sent_are_told() {
    let (kit, _) = kit();
    let mut ann = kit.client().connect().await;
    ann.channel(room("a")).unwrap().send(say("hi")).unwrap();
    assert_eq!(ann.expect_error().await.code, "not-joined");
    let secret = ChatChannel::Secret {
        name: "x".to_owned(),
    };
    match ann.join(secret).await {
        Err(JoinError::Refused(error)) => assert_eq!(error.code, "forbidden"),
        other => panic!("{other:?}"),
    }
    let closed = ann
        .expect("the refusal", |incoming| match incoming {
            Incoming::Closed { reason, .. } => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert_eq!(closed.code, "forbidden");
    assert!(matches!(
        ann.join("two words").await,
        Err(JoinError::Channel(_))
    ));
    let large = ann.send(say("x".repeat(70_000)));
    assert!(matches!(large, Err(SendError::TooLarge { limit: 65_536 })));
}

#[tokio::test(start_paused = true)]
async fn the_server_joins_and_takes_out() {
    let (kit, _) = kit();
    let mut ann = kit.client().connect().await;
    let id = ann.state().opened().unwrap().connection;
    kit.service().join(id, room("a")).await.unwrap();
    ann.expect("the join", |incoming| {
        matches!(incoming, Incoming::Joined { .. }).then_some(())
    })
    .await;
    // It counts like a wish: the next connection brings it back.
    ann.faults().drop_connection();
    ann.expect_loss().await;
    ann.expect("the join", |incoming| {
        matches!(incoming, Incoming::Joined { .. }).then_some(())
    })
    .await;
    let id = ann.state().opened().unwrap().connection;
    kit.service().leave(id, room("a")).await.unwrap();
    let reason: WireError = ann
        .expect("the end", |incoming| match incoming {
            Incoming::Closed { reason, .. } => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert_eq!(reason.code, "not-joined");
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time_or_when_it_is_dropped() {
    let (kit, server) = kit();
    let ann = kit.client().connect().await;
    let start = Instant::now();
    let late = ann.call(chat_command::Hang).timeout(seconds(3)).await;
    assert!(matches!(late, Err(CallError::Timeout)));
    assert!((3000..3100).contains(&start.elapsed().as_millis()));
    settle().await;
    assert_eq!(server.hanging.load(Relaxed), 0);
    // Waits behind nothing, and is dropped: the server is told.
    let gone = timeout(seconds(1), ann.call(chat_command::Hang).into_future()).await;
    assert!(gone.is_err());
    ann.call(chat_command::Ping)
        .timeout(seconds(40))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_is_closed_once_and_says_what_it_had_to_say() {
    let (kit, _) = kit();
    let mut ann = kit
        .client()
        .user(user("ann"))
        .channel("lobby")
        .connect()
        .await;
    let mut bob = kit.client().channel("lobby").connect().await;
    let mut events = bob.events();
    bob.send(say("last")).unwrap();
    bob.close().await;
    assert_eq!(ann.expect_event().await.event, said("", "last"));
    assert_eq!(bob.expect_closed().await, Closed::ByProgram);
    assert!(matches!(bob.send(say("x")), Err(SendError::Disconnected)));
    let late = bob.call(chat_command::Ping).await;
    assert!(matches!(late, Err(CallError::Disconnected { sent: false })));
    assert!(matches!(
        bob.join("lobby").await,
        Err(JoinError::Disconnected)
    ));
    while events.next().await.is_some() {}
    assert!(bob.events().next().now_or_never().unwrap().is_none());
    // Dropping the last handle closes as well.
    drop(ann);
    settle().await;
    assert_eq!(kit.service().status().connections, 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_told_to_stay_away_does() {
    let (kit, _) = kit();
    let mut ann = kit.client().connect().await;
    let id = ann.state().opened().unwrap().connection;
    kit.service().request_close(id).await.unwrap();
    assert_eq!(ann.expect_closed().await, Closed::Asked);
    let mut bob = kit.client().user(user("bob")).connect().await;
    let reached = kit.service().disconnect_user("id-bob", "enough").await;
    assert_eq!((reached.connections, reached.nodes), (1, 1));
    match bob.expect_closed().await {
        Closed::Refused(loss) => {
            assert_eq!(loss.code, Some(CloseCode::Disconnected.number()));
            assert_eq!(loss.message, "enough");
        }
        other => panic!("{other:?}"),
    }
    tokio::time::sleep(seconds(60)).await;
    assert_eq!(kit.service().status().connections, 0);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_bounded_and_goes_out_in_order() {
    let (kit, _) = kit();
    let options = socket_runtime::client::Options {
        queue_messages: 3,
        event_queue: 2,
        ..Default::default()
    };
    let ann = kit.client().channel("lobby").options(options).start();
    let mut bob = kit.client().channel("lobby").connect().await;
    ann.faults().unreachable(true);
    ann.faults().drop_connection();
    while !matches!(ann.state(), State::Waiting { .. }) {
        settle().await;
    }
    for text in ["1", "2", "3"] {
        assert_eq!(ann.send(say(text)).unwrap(), Sent::Queued);
    }
    assert!(matches!(ann.send(say("4")), Err(SendError::QueueFull)));
    let refused = ann.call(chat_command::Ping).await;
    assert!(matches!(refused, Err(CallError::QueueFull)));
    ann.faults().unreachable(false);
    let mut slow = ann.events();
    for text in ["1", "2", "3"] {
        assert_eq!(bob.expect_event().await.event, said("", text));
    }
    settle().await;
    // A stream that nobody reads keeps its first items, and counts what it dropped.
    assert!(slow.next().await.is_some());
    assert!(slow.next().await.is_some());
    assert!(matches!(slow.next().await, Some(Incoming::Missed(count)) if count >= 3));
    assert!(slow.next().now_or_never().is_none());
}
