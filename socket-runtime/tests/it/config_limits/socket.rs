//! What one socket may do.

use serde_json::json;
use socket_runtime::{Config, SendError};
use tokio::io::AsyncWriteExt;

use super::{beside, code, millis, seen};
use crate::chat::said;

const PING: &str = r#"{"cmd":"ping"}"#;

pub async fn message_bytes() {
    let message_bytes = 1000;
    let config = Config::default().with(|config| config.limits.message_bytes = message_bytes);
    beside(config, async |server| {
        let mut client = server.connected("").await;
        client.text(format!("{PING:1000}")).await;
        client.settle().await;
        client.text(format!("{PING:1001}")).await;
        assert_eq!(client.closed().await.0, 1009);
    })
    .await;
}

pub async fn outbound_bytes() {
    let outbound_bytes = 1000;
    let config = Config::default().with(|config| config.limits.outbound_bytes = outbound_bytes);
    beside(config, async |server| {
        let mut client = server.connected("?ch=lobby").await;
        let large = json!({"cmd": "large", "param": {"bytes": 1000}});
        assert_eq!(client.refusal(large).await, "too-large");
        let event = said("", &"x".repeat(1000));
        let sent = server.sockets.to_channel("lobby").send(event).await;
        assert!(matches!(sent, Err(SendError::TooLarge { limit: 1000, .. })));
        assert!(client.settle().await.is_empty());
    })
    .await;
}

pub async fn queue(queue_messages: usize, queue_bytes: usize) {
    let config = Config::default().with(|config| {
        config.queue.messages = queue_messages;
        config.queue.bytes = queue_bytes;
    });
    beside(config, async |server| {
        let mut client = server.connected("?ch=lobby").await;
        // Nothing of this is taken before the test waits: the queue alone holds it.
        for _ in 0..101 {
            let event = said("", &"x".repeat(1000));
            server
                .sockets
                .to_channel("lobby")
                .send(event)
                .await
                .unwrap();
        }
        assert_eq!(client.closed().await.0, 4404);
    })
    .await;
}

pub async fn write_timeout() {
    let config = Config::default().with(|config| {
        config.queue.bytes = 64 << 20;
        config.timeouts.write = millis(200);
        config.timeouts.close = millis(50);
    });
    beside(config, async |server| {
        let client = server.connected("?ch=lobby").await;
        let id = client.id.unwrap();
        // More than the sockets hold, less than the queue does.
        for _ in 0..30 {
            let event = said("", &"x".repeat((1 << 20) - 1000));
            server
                .sockets
                .to_channel("lobby")
                .send(event)
                .await
                .unwrap();
        }
        seen(|| server.sockets.connection(id).is_none()).await;
        let status = server.sockets.status();
        assert_eq!(
            (status.closes[&4404], status.statistics.slow.stalled),
            (1, 1)
        );
    })
    .await;
}

pub async fn waiting(waiting_messages: usize, waiting_bytes: usize) {
    let config = Config::default().with(|config| {
        config.limits.waiting_messages = waiting_messages;
        config.limits.waiting_bytes = waiting_bytes;
    });
    beside(config, async |server| {
        let mut client = server.connected("?ch=lobby").await;
        client
            .send(json!({"cmd": "late", "param": {"text": "first", "millis": 200}}))
            .await;
        for i in 0..20 {
            client
                .send(json!({"cmd": "chat", "param": {"text": i.to_string()}}))
                .await;
        }
        // Not read before there is room: else it would be answered at once.
        client.send(json!({"cmd": ":ping"})).await;
        assert_eq!(client.next().await["param"]["text"], "first");
        for i in 0..20 {
            let event = client.event("chat").await;
            assert_eq!(event["param"]["text"], i.to_string());
        }
    })
    .await;
}

pub async fn concurrent() {
    let config = Config::default().with(|config| config.limits.concurrent = 2);
    beside(config, async |server| {
        let mut client = server.connected("").await;
        for (id, millis) in [(10, 300), (11, 300), (12, 0)] {
            client
                .send(json!({"cmd": "think", "id": id, "param": {"millis": millis}}))
                .await;
        }
        let mut order = Vec::new();
        while order.len() < 3 {
            order.push(
                client.until(|m| m["re"].is_u64()).await["re"]
                    .as_u64()
                    .unwrap(),
            );
        }
        assert_ne!(order[0], 12, "three at once");
    })
    .await;
}

pub async fn stream_bytes() {
    let config = Config::default().with(|config| config.queue.stream_bytes = 10_000);
    beside(config, async |server| {
        let mut client = server.connected("").await;
        let id = client.id.unwrap();
        let count = json!({"to": 200, "bytes": 50_000, "pause": 0});
        client
            .send(json!({"cmd": "count", "id": 7, "param": count}))
            .await;
        for n in 0..200 {
            let queue = server.sockets.connection(id).unwrap().queue;
            assert!(queue.bytes < 10_000 + 50_100, "{queue:?}");
            assert_eq!(client.answer(7).await["item"]["n"], n);
        }
        assert_eq!(client.answer(7).await["param"], 200);
    })
    .await;
}

pub async fn rate() {
    let config = Config::default().with(|config| {
        config.rates.rate = 20;
        config.rates.burst = 30;
        config.rates.patience = millis(200);
    });
    beside(config, async |server| {
        let mut client = server.connected("").await;
        for id in 100..140 {
            client.send(json!({"cmd": "ping", "id": id})).await;
        }
        let refused = client.until(|m| code(m) == "rate-limited").await;
        assert!(refused["error"]["data"]["retryAfter"].as_u64().unwrap() <= 51);
        let frame = [
            &[0x81, 0x80 | PING.len() as u8, 0, 0, 0, 0],
            PING.as_bytes(),
        ]
        .concat();
        while !server.sockets.status().closes.contains_key(&4429) {
            for _ in 0..10 {
                let _ = client.socket.get_mut().write_all(&frame).await;
            }
            // Faster than it may, and no faster than it is read.
            tokio::time::sleep(millis(5)).await;
        }
        assert_eq!(client.closed().await.0, 4429);
    })
    .await;
}

pub async fn control_rate() {
    let config = Config::default().with(|config| {
        config.rates.control_rate = 5;
        config.rates.control_burst = 5;
    });
    beside(config, async |server| {
        let mut client = server.connected("").await;
        for _ in 0..7 {
            client.text(r#"{"cmd":":pong"}"#).await;
        }
        assert_eq!(client.closed().await.0, 4429);
    })
    .await;
}

pub async fn json_depth() {
    let config = Config::default().with(|config| config.limits.json_depth = 5);
    beside(config, async |server| {
        let mut client = server.connected("").await;
        for (param, expected) in [
            ("[[[[]]]]", "invalid-param"),
            ("[[[[[]]]]]", "invalid-message"),
        ] {
            let message = format!(r#"{{"cmd":"chat","channel":"box","param":{param}}}"#);
            client.text(message).await;
            assert_eq!(client.event(":error").await["param"]["code"], expected);
        }
    })
    .await;
}

pub async fn protocol_errors() {
    let config = Config::default().with(|config| config.rates.protocol_errors = 2);
    beside(config, async |server| {
        let mut client = server.connected("").await;
        for _ in 0..2 {
            client.text("nonsense").await;
            client.event(":error").await;
        }
        client.text("nonsense").await;
        assert_eq!(client.closed().await.0, 4502);
    })
    .await;
}

pub async fn handler_timeout() {
    let config = Config::default().with(|config| config.timeouts.handler = millis(200));
    beside(config, async |server| {
        let mut client = server.connected("").await;
        assert_eq!(client.refusal(json!({"cmd": "hang"})).await, "timeout");
        client.settle().await;
    })
    .await;
}

pub async fn handshake_timeout() {
    let config = Config::default().with(|config| config.timeouts.handshake = millis(500));
    beside(config, async |server| {
        let mut client = server.full("").await;
        assert_eq!(client.closed().await.0, 4408);
    })
    .await;
}

pub async fn message_timeout() {
    let config = Config::default().with(|config| config.timeouts.message = millis(300));
    beside(config, async |server| {
        let mut client = server.connected("").await;
        let socket = client.socket.get_mut();
        socket
            .write_all(&[0x01, 0x81, 0, 0, 0, 0, b'{'])
            .await
            .unwrap();
        socket.flush().await.unwrap();
        assert_eq!(client.closed().await.0, 1002);
    })
    .await;
}

pub async fn heartbeat() {
    let config = Config::default().with(|config| {
        config.timeouts.ping = millis(500);
        config.timeouts.pong = millis(300);
    });
    beside(config, async |server| {
        let mut client = server.connected("").await;
        client.event(":ping").await;
        assert_eq!(client.closed().await.0, 4402);
    })
    .await;
}

pub async fn request_close() {
    let config = Config::default().with(|config| {
        config.timeouts.close_request = millis(200);
        config.timeouts.close = millis(200);
    });
    beside(config, async |server| {
        let mut client = server.connected("").await;
        let asked = server.sockets.request_close(client.id.unwrap());
        asked.await.unwrap();
        client.event("close-connection").await;
        assert_eq!(client.closed().await.0, 4503);
        // It goes on holding its socket, of which the server is rid all the same.
        seen(|| server.sockets.status().connections == 2).await;
        drop(client);
    })
    .await;
}
