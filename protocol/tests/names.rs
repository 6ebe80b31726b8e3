//! Channel names from patterns: the cases of `names.json`, which the TypeScript client reads too.
#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "a definition in a test"
)]

use serde::Deserialize;
use socket_protocol::definition::Channels as _;
use socket_protocol::prelude::*;

#[derive(Channels)]
pub enum Channel {
    #[channel("lobby")]
    Lobby,
    #[channel("room:{room}")]
    Room { room: String },
    #[channel("grid-{x}/{y}")]
    Grid { x: String, y: String },
    #[channel("team.{team}:{*rest}")]
    Team { team: String, rest: String },
    #[channel("{*name}")]
    Any { name: String },
}

#[derive(Deserialize)]
struct Cases {
    valid: Vec<Case>,
    invalid: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    pattern: String,
    params: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    name: String,
}

impl Case {
    fn channel(&self) -> Channel {
        let param = |name: &str| self.params[name].clone();
        match self.pattern.as_str() {
            "lobby" => Channel::Lobby,
            "room:{room}" => Channel::Room {
                room: param("room"),
            },
            "grid-{x}/{y}" => Channel::Grid {
                x: param("x"),
                y: param("y"),
            },
            "team.{team}:{*rest}" => Channel::Team {
                team: param("team"),
                rest: param("rest"),
            },
            "{*name}" => Channel::Any {
                name: param("name"),
            },
            other => panic!("names.json has a pattern that no channel here has: {other}"),
        }
    }
}

#[test]
fn names_are_printed_as_the_shared_cases_say() {
    let cases: Cases = serde_json::from_str(include_str!("names.json")).unwrap();
    for case in &cases.valid {
        let name = case.channel().name().unwrap();
        assert_eq!(name.as_str(), case.name, "{case:?}");
    }
    for case in &cases.invalid {
        assert!(case.channel().name().is_err(), "{case:?}");
    }
    assert!(cases.valid.len() > 10 && cases.invalid.len() > 5);
}
