//! A client that knows what it must get: everything behind its position, each once and in order,
//! while it is a member, and nothing while it is none.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::servers::Wire;
use crate::support::Client;

#[derive(Debug, Default, Clone)]
pub struct Room {
    pub epoch: String,
    /// The last event seen, or where the room stood; `None`: it was never joined.
    pub at: Option<u64>,
    pub member: bool,
    /// What came, since the beginning of this reader.
    pub seen: Vec<(u64, String)>,
    /// Where it stood when it was first joined.
    pub first: Option<u64>,
    /// How often it went on elsewhere than where it was.
    pub jumps: usize,
}

/// What is known of each room, whichever connection it was learnt on.
#[derive(Debug, Default)]
pub struct Reader {
    pub rooms: HashMap<String, Room>,
}

impl Reader {
    pub fn since(&self, channel: &str) -> Value {
        match self.rooms.get(channel) {
            Some(Room {
                at: Some(at),
                epoch,
                ..
            }) => json!({"since": {"epoch": epoch, "at": at}}),
            _ => json!({}),
        }
    }

    /// The answer to a join that named `since`, or `:joined`.
    pub fn joined(&mut self, channel: &str, named: &Value, result: &Value) -> String {
        let room = self.rooms.entry(channel.to_owned()).or_default();
        let recovery = result["recovery"].as_str().unwrap().to_owned();
        let epoch = result["epoch"].as_str().unwrap().to_owned();
        let at = result["at"].as_u64().unwrap();
        match recovery.as_str() {
            "complete" => {
                assert_eq!(room.epoch, epoch);
                // What lies behind the position that was named follows, even if it came meanwhile.
                let since = named["since"]["at"].as_u64().unwrap();
                assert!(since <= at && since <= room.at.unwrap());
                room.at = Some(since);
            }
            "fresh" if room.member => assert_eq!(room.epoch, epoch),
            "fresh" | "gap" => {
                room.jumps += usize::from(room.at.is_some_and(|known| known != at));
                room.first.get_or_insert(at);
                room.epoch = epoch;
                room.at = Some(at);
            }
            other => panic!("{other}"),
        }
        room.member = true;
        recovery
    }

    pub fn left(&mut self, channel: &str) {
        if let Some(room) = self.rooms.get_mut(channel) {
            room.member = false;
        }
    }

    pub fn disconnected(&mut self) {
        self.rooms.values_mut().for_each(|room| room.member = false);
    }

    /// Takes note of an event.
    pub fn event(&mut self, event: &Value) {
        let Some(channel) = event["channel"].as_str() else {
            return;
        };
        match event["cmd"].as_str() {
            Some(":joined") => {
                self.joined(channel, &Value::Null, &event["param"]);
            }
            Some(":closed") => self.left(channel),
            Some(":gap") => {
                let room = self.rooms.get_mut(channel).unwrap();
                assert!(room.member, "{event}");
                room.epoch = event["param"]["epoch"].as_str().unwrap().to_owned();
                room.at = event["param"]["at"].as_u64();
                room.jumps += 1;
            }
            Some("chat") => {
                let room = self.rooms.get_mut(channel).unwrap();
                assert!(room.member, "not a member: {event}");
                let at = event["at"].as_u64().unwrap();
                let prev = event["prev"].as_u64().unwrap_or(at - 1);
                let known = room.at.unwrap();
                assert!(at > known, "twice or out of order: {event}, was at {known}");
                // A position in a hole stands for the event before the hole.
                assert!(
                    prev <= known,
                    "something is missing: {event}, was at {known}"
                );
                room.at = Some(at);
                let text = event["param"]["text"].as_str().unwrap().to_owned();
                if room.seen.last().is_none_or(|last| last.0 < at) {
                    room.seen.push((at, text));
                }
            }
            _ => {}
        }
    }

    /// Joins with what is known; returns the verdict.
    pub async fn join(&mut self, client: &mut Client<Wire>, channel: &str, id: u64) -> String {
        let param = self.since(channel);
        client
            .send(json!({"cmd": ":join", "channel": channel, "param": param, "id": id}))
            .await;
        let answer = self.answer(client, id).await;
        self.joined(channel, &param, &answer["param"])
    }

    pub async fn leave(&mut self, client: &mut Client<Wire>, channel: &str, id: u64) {
        client
            .send(json!({"cmd": ":leave", "channel": channel, "id": id}))
            .await;
        self.answer(client, id).await;
        self.left(channel);
    }

    /// Takes note of what comes until the answer.
    pub async fn answer(&mut self, client: &mut Client<Wire>, id: u64) -> Value {
        loop {
            let message = client.next().await;
            if message["re"] == id {
                return message;
            }
            self.event(&message);
        }
    }
}
