//! History, from a client's end, over a real service.

use socket_protocol::system::{HistoryQuery, Recovery};
use socket_runtime::client::{GapReason, Incoming};
use socket_runtime::test::{Kit, TestClient};

use crate::chat::{Chat, ChatEvent, kit, log, said, seconds};

/// Says the numbers in log a, from wherever in the program.
async fn publish(kit: &Kit<Chat>, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let event = said("", &number.to_string());
        kit.service()
            .to_channel(log("a"))
            .send(event)
            .await
            .unwrap();
    }
}

async fn expect(client: &mut TestClient<Chat>, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let event = client.expect_event().await;
        assert_eq!(event.event, said("", &number.to_string()));
        assert_eq!(event.at, Some(u64::from(number)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_published_during_a_break_comes_in_its_place() {
    let (kit, _) = kit();
    let mut ann = kit.client().patience(seconds(60)).connect().await;
    publish(&kit, 1..4).await;
    let joined = ann.join(log("a")).await.unwrap();
    assert_eq!(
        (joined.recovery, joined.at),
        (Some(Recovery::Fresh), Some(3))
    );
    publish(&kit, 4..6).await;
    expect(&mut ann, 4..6).await;
    for round in 0..20_u32 {
        let first = 6 + round * 10;
        ann.faults().unreachable(true);
        ann.faults().drop_connection();
        ann.expect_loss().await;
        publish(&kit, first..first + 8).await;
        ann.faults().unreachable(false);
        ann.expect_opened().await;
        publish(&kit, first + 8..first + 10).await;
        expect(&mut ann, first..first + 10).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_history_no_longer_holds_is_a_gap_and_what_follows_is_whole() {
    let (kit, _) = kit();
    let mut ann = kit.client().patience(seconds(60)).connect().await;
    ann.join(log("a")).await.unwrap();
    publish(&kit, 1..3).await;
    expect(&mut ann, 1..3).await;
    ann.faults().unreachable(true);
    ann.faults().drop_connection();
    ann.expect_loss().await;
    publish(&kit, 3..20).await;
    ann.faults().unreachable(false);
    ann.expect_opened().await;
    assert_eq!(ann.expect_gap().await.1, GapReason::Gap);
    publish(&kit, 20..22).await;
    expect(&mut ann, 20..22).await;
}

#[tokio::test(start_paused = true)]
async fn history_is_read_in_pages_from_the_newest_back() {
    let (kit, _) = kit();
    let ann = kit.client().connect().await;
    let room = ann.channel(log("a")).unwrap();
    room.join().await.unwrap();
    publish(&kit, 1..13).await;
    let mut before = None;
    let mut found = Vec::new();
    loop {
        let query = HistoryQuery {
            limit: Some(4),
            before,
        };
        let page = room.history(&query).await.unwrap();
        assert_eq!(page.at, 12);
        let mut numbers: Vec<u64> = page.events.iter().map(number).collect();
        let Some(first) = numbers.first() else { break };
        before = Some(*first);
        numbers.append(&mut found);
        found = numbers;
    }
    assert_eq!(found, (3..13).collect::<Vec<_>>());
}

fn number(incoming: &Incoming<ChatEvent>) -> u64 {
    match incoming {
        Incoming::Event(event) => event.at.unwrap(),
        other => panic!("{other:?}"),
    }
}
