//! The conformance suite of brokers.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use socket_protocol::ConnectionId;
use socket_protocol::manifest::model::Delivery as Class;
use tokio::time::timeout;

use super::bench::{ALL, Bench, KEEP, PATIENCE, bench, event, place, room, said};
use crate::broker::{Address, Broker, PageSize, Publication, Range};

/// Tests everything that the trait [`Broker`] requires, each part with a broker of its own.
///
/// # Panics
/// If the broker behaves differently; the message says how.
pub async fn suite<B, F>(make: impl Fn() -> F)
where
    B: Broker,
    F: Future<Output = Arc<B>>,
{
    nothing_stands_at_zero(&bench(make().await)).await;
    events_are_numbered_kept_and_delivered(&bench(make().await)).await;
    what_is_not_kept_has_no_place(&bench(make().await)).await;
    only_so_many_are_kept(&bench(make().await)).await;
    the_top_outlives_the_members(&bench(make().await)).await;
    pages_lead_through_all_of_it(&bench(make().await)).await;
    what_was_missed_is_counted(&bench(make().await)).await;
    addresses_are_apart(&bench(make().await)).await;
    the_order_is_one_for_all(&bench(make().await)).await;
    who_subscribes_misses_nothing(&bench(make().await)).await;
}

async fn nothing_stands_at_zero<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    let top = bench.top(&lobby).await;
    assert_eq!(top.at, 0, "a channel without events stands at 0");
    assert_eq!(bench.subscribe(&lobby).await, top);
    assert_eq!(bench.missed(&lobby, 0).await, Some(0));
    assert_eq!(bench.missed(&lobby, 1).await, None, "1 lies ahead of it");
    assert!(bench.all(&lobby).await.is_empty());
    let unkept = bench.broker.subscribe(&room("unkept"), None).await;
    assert!(matches!(unkept, Ok(None)), "no history, no position");
}

async fn events_are_numbered_kept_and_delivered<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    let before = bench.subscribe(&lobby).await;
    let mut positions = Vec::new();
    for text in ["a", "b", "c"] {
        positions.push(bench.publish(&lobby, text).await);
    }
    let mut last = before.clone();
    for position in &positions {
        assert_eq!(position.epoch, last.epoch, "one life, one epoch");
        assert!(position.at > last.at, "offsets grow");
        assert!(position.at < 1 << 53, "offsets fit into 53 bits");
        last = position.clone();
    }
    assert_eq!(bench.top(&lobby).await, last);
    let delivered = bench.node.first(3).await;
    let mut prev = before.at;
    for ((delivery, position), text) in delivered.iter().zip(&positions).zip(["a", "b", "c"]) {
        let place = place(delivery);
        assert_eq!((&place.epoch, place.at), (&position.epoch, position.at));
        assert_eq!(place.prev, prev, "each tells the one before it");
        assert_eq!(said(delivery.message.text()).0, text);
        prev = place.at;
    }
    let kept = bench.all(&lobby).await;
    let texts = |messages: Vec<&[u8]>| -> Vec<Vec<u8>> {
        messages.into_iter().map(<[u8]>::to_vec).collect()
    };
    assert_eq!(
        texts(kept.iter().map(|kept| kept.message.text()).collect()),
        texts(delivered.iter().map(|it| it.message.text()).collect()),
        "a replay is what was delivered, to the byte"
    );
}

async fn what_is_not_kept_has_no_place<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    bench.subscribe(&lobby).await;
    let first = bench.publish(&lobby, "kept").await;
    let except = ConnectionId::random();
    let publication = Publication {
        class: Class::Latest,
        key: Some("key".into()),
        except: Some(except),
        ..event(&lobby, "unkept", None)
    };
    let position = bench.broker.publish(publication).await;
    assert!(matches!(position, Ok(None)));
    let delivered = bench.node.first(2).await;
    assert!(delivered[1].place.is_none());
    assert_eq!(delivered[1].class, Class::Latest);
    assert_eq!(delivered[1].key.as_deref(), Some("key"));
    assert_eq!(delivered[1].except, Some(except));
    let (text, at, prev) = said(delivered[1].message.text());
    assert_eq!((text.as_str(), at, prev), ("unkept", None, None));
    assert_eq!(bench.top(&lobby).await, first);
    assert_eq!(bench.all(&lobby).await.len(), 1);
}

async fn only_so_many_are_kept<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    let mut positions = Vec::new();
    for n in 0..50 {
        positions.push(bench.publish(&lobby, &n.to_string()).await.at);
    }
    let kept: Vec<u64> = bench.all(&lobby).await.iter().map(|kept| kept.at).collect();
    assert!(kept.len() >= 20, "20 are kept, here {}", kept.len());
    assert!(positions.ends_with(&kept), "and they are the last ones");
    assert_eq!(bench.missed(&lobby, positions[0]).await, None);
    assert_eq!(bench.missed(&lobby, positions[40]).await, Some(9));
}

async fn the_top_outlives_the_members<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    bench.subscribe(&lobby).await;
    let last = bench.publish(&lobby, "a").await;
    let left = bench.broker.unsubscribe(&lobby).await;
    left.unwrap_or_else(|error| panic!("{error}"));
    let further = bench.publish(&lobby, "nobody is here").await;
    assert_eq!(further.epoch, last.epoch);
    assert_eq!(bench.subscribe(&lobby).await, further);
    assert_eq!(bench.missed(&lobby, last.at).await, Some(1));
    bench.publish(&lobby, "b").await;
    let has_b = |texts: &[String]| texts.iter().any(|text| text == "b");
    let mut count = 2;
    let texts = loop {
        let delivered = bench.node.first(count).await;
        let texts: Vec<String> = delivered
            .iter()
            .map(|delivery| said(delivery.message.text()).0)
            .collect();
        if has_b(&texts) {
            break texts;
        }
        count = delivered.len() + 1;
    };
    // Events published meanwhile may be delivered or not: nobody is there to receive them.
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert!(
        texts == ["a", "b"] || texts == ["a", "nobody is here", "b"],
        "{texts:?}"
    );
}

async fn pages_lead_through_all_of_it<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    for n in 0..20 {
        bench.publish(&lobby, &format!("{n:04}")).await;
    }
    let all: Vec<u64> = bench.all(&lobby).await.iter().map(|kept| kept.at).collect();
    let top = bench.top(&lobby).await.at;
    assert_eq!(all.len(), 20);
    let one = bench.all(&lobby).await[0].message.text().len();
    for (events, bytes) in [(7, 1 << 20), (100, 3 * one + 20), (100, 1)] {
        let size = PageSize { events, bytes };
        let (mut forward, mut at) = (Vec::new(), 0);
        loop {
            let range = Range::After { at, to: top };
            let page = bench.history(&lobby, range, size).await;
            assert!(page.len() <= events);
            let Some(last) = page.last() else { break };
            at = last.at;
            forward.extend(page.iter().map(|kept| kept.at));
        }
        assert_eq!(forward, all, "forward, {size:?}");
        let (mut backward, mut at) = (Vec::new(), u64::MAX);
        loop {
            let page = bench.history(&lobby, Range::Before { at }, size).await;
            assert!(page.len() <= events);
            let Some(first) = page.first() else { break };
            at = first.at;
            backward.splice(0..0, page.iter().map(|kept| kept.at));
        }
        assert_eq!(backward, all, "backward, {size:?}");
    }
    let range = Range::After {
        at: all[3],
        to: all[9],
    };
    let part = bench.history(&lobby, range, ALL).await;
    let part: Vec<u64> = part.iter().map(|kept| kept.at).collect();
    assert_eq!(part, all[4..=9], "behind the one, up to the other");
    let none = PageSize {
        events: 0,
        bytes: 1000,
    };
    let range = Range::Before { at: u64::MAX };
    assert!(bench.history(&lobby, range, none).await.is_empty());
}

async fn what_was_missed_is_counted<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    let mut positions = Vec::new();
    for n in 0..10 {
        positions.push(bench.publish(&lobby, &n.to_string()).await.at);
    }
    for (place, at) in positions.iter().enumerate() {
        let behind = (positions.len() - place - 1) as u64;
        assert_eq!(bench.missed(&lobby, *at).await, Some(behind), "since {at}");
    }
    assert_eq!(bench.missed(&lobby, 0).await, Some(10));
    let top = positions[9];
    for ahead in [top + 1, 1 << 53, u64::MAX] {
        assert_eq!(
            bench.missed(&lobby, ahead).await,
            None,
            "{ahead} lies ahead"
        );
    }
}

async fn addresses_are_apart<B: Broker>(bench: &Bench<B>) {
    let addresses = [
        room("a"),
        room("b"),
        Address::User("a".into()),
        Address::User("a b/ü:*>".into()),
        Address::All,
    ];
    for address in &addresses {
        bench.subscribe(address).await;
    }
    for address in &addresses {
        bench.publish(address, &address.to_string()).await;
    }
    let delivered = bench.node.first(addresses.len()).await;
    for (delivery, address) in delivered.iter().zip(&addresses) {
        assert_eq!(&delivery.address, address);
    }
    for address in &addresses {
        let kept = bench.all(address).await;
        assert_eq!(kept.len(), 1, "{address}");
        assert_eq!(said(kept[0].message.text()).0, address.to_string());
    }
}

async fn the_order_is_one_for_all<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    bench.subscribe(&lobby).await;
    let publishers = (0..10).map(|publisher| {
        let (broker, lobby) = (bench.broker.clone(), lobby.clone());
        tokio::spawn(async move {
            for n in 0..20 {
                let text = format!("{publisher}-{n}");
                let sent = broker.publish(event(&lobby, &text, Some(KEEP))).await;
                sent.unwrap_or_else(|error| panic!("{error}"));
            }
        })
    });
    for publisher in join_all(publishers).await {
        publisher.unwrap_or_else(|error| panic!("{error}"));
    }
    let delivered = bench.node.first(200).await;
    assert_eq!(delivered.len(), 200, "each once");
    let mut prev = 0;
    let mut next = [0; 10];
    for delivery in &delivered {
        let place = place(delivery);
        assert_eq!(place.prev, prev, "delivered in the order of the offsets");
        prev = place.at;
        let (text, ..) = said(delivery.message.text());
        let parts = text.split_once('-').and_then(|(publisher, n)| {
            Some((publisher.parse::<usize>().ok()?, n.parse::<usize>().ok()?))
        });
        let (publisher, n) = parts.unwrap_or_else(|| panic!("{text}"));
        assert_eq!(n, next[publisher], "each publisher's in its own order");
        next[publisher] += 1;
    }
}

async fn who_subscribes_misses_nothing<B: Broker>(bench: &Bench<B>) {
    let lobby = room("lobby");
    let (broker, address) = (bench.broker.clone(), lobby.clone());
    let publisher = tokio::spawn(async move {
        for n in 0..200 {
            let sent = broker
                .publish(event(&address, &n.to_string(), Some(KEEP)))
                .await;
            sent.unwrap_or_else(|error| panic!("{error}"));
            tokio::task::yield_now().await;
        }
    });
    tokio::task::yield_now().await;
    let position = bench.subscribe(&lobby).await;
    publisher.await.unwrap_or_else(|error| panic!("{error}"));
    let last = bench.publish(&lobby, "last").await;
    let has_last = || {
        let deliveries = bench.node.deliveries.lock();
        deliveries.iter().any(|it| place(it).at == last.at)
    };
    let waiting = async {
        while !has_last() {
            bench.node.came.notified().await;
        }
    };
    let waited = timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "the last one did not come");
    let deliveries = bench.node.deliveries.lock().clone();
    let mut at = position.at;
    let mut seen = HashSet::new();
    for place in deliveries.iter().map(place) {
        assert!(seen.insert(place.at), "each once");
        if place.at > position.at {
            assert_eq!(place.prev, at, "everything behind the position comes");
            at = place.at;
        }
    }
}
