//! The shared cases of `protocol/tests/wire`, through a real server.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use socket_runtime::system;

use crate::server_messages::provoke;
use crate::servers::Wire;
use crate::support::{Client, TestServer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    point: String,
    direction: Direction,
    mode: CaseMode,
    valid: Vec<Value>,
    invalid: Vec<Invalid>,
}

#[derive(Deserialize, PartialEq, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    ClientToServer,
    ServerToClient,
}

#[derive(Deserialize, PartialEq, Clone, Copy, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum CaseMode {
    Full,
    Plain,
    Both,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invalid {
    text: String,
    code: Option<String>,
    close: Option<u16>,
}

fn cases(direction: Direction) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/tests/wire");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        assert_eq!(path.file_stem().unwrap().to_str(), Some(case.name.as_str()));
        let page = include_str!("../../../protocol/PROTOCOL.md");
        assert!(
            page.contains(&format!("**{}**", case.point)),
            "{path:?} cites no point"
        );
        if case.direction == direction {
            cases.push(case);
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

impl Case {
    fn modes(&self) -> &'static [CaseMode] {
        match self.mode {
            CaseMode::Full => &[CaseMode::Full],
            CaseMode::Plain => &[CaseMode::Plain],
            CaseMode::Both => &[CaseMode::Full, CaseMode::Plain],
        }
    }
}

pub async fn client(server: &TestServer, mode: CaseMode, name: &str) -> Client<Wire> {
    const QUERY: &str = "?ch=lobby&user=ann";
    match mode {
        CaseMode::Plain => server.plain(QUERY).await,
        _ if name == "connect" => server.full(QUERY).await,
        _ => server.connected(QUERY).await,
    }
}

/// The error that a message says, as the answer to a call or not.
fn code(message: &Value) -> Option<&str> {
    let error = message
        .get("error")
        .or_else(|| (message["cmd"] == ":error").then(|| &message["param"]));
    error.and_then(|error| error["code"].as_str())
}

#[tokio::test]
async fn what_clients_send_is_taken_or_refused_as_the_cases_say() {
    let server = TestServer::start().await;
    for case in cases(Direction::ClientToServer) {
        for &mode in case.modes() {
            for valid in &case.valid {
                let about = format!("{} in {mode:?}: {valid}", case.name);
                let mut client = client(&server, mode, &case.name).await;
                println!("{about}");
                client.send(valid.clone()).await;
                let messages = valid
                    .as_array()
                    .map_or(std::slice::from_ref(valid), Vec::as_slice);
                let wanted: BTreeSet<_> =
                    messages.iter().filter_map(|m| m["id"].as_u64()).collect();
                let mut answered = BTreeSet::new();
                let mut seen = Vec::new();
                while answered.len() < wanted.len() {
                    seen.push(client.next().await);
                    answered.extend(seen.last().unwrap()["re"].as_u64());
                }
                if case.name != "connect" {
                    seen.extend(client.settle().await);
                }
                assert_eq!(answered, wanted, "{about}");
                for message in &seen {
                    assert_eq!(code(message), None, "{about}: {message}");
                }
            }
            for invalid in &case.invalid {
                let about = format!("{} in {mode:?}: {}", case.name, invalid.text);
                let mut client = client(&server, mode, &case.name).await;
                println!("{about}");
                client.text(invalid.text.clone()).await;
                if let Some(close) = invalid.close {
                    assert_eq!(client.closed().await.0, close, "{about}");
                    continue;
                }
                let answer = client.until(|m| code(m).is_some()).await;
                assert_eq!(code(&answer), invalid.code.as_deref(), "{about}: {answer}");
                let id = serde_json::from_str::<Value>(&invalid.text).ok();
                let id = id
                    .and_then(|m| m["id"].as_u64())
                    .filter(|id| (1..1 << 53).contains(id));
                assert_eq!(answer["re"].as_u64(), id, "{about}: {answer}");
            }
        }
    }
}

/// What a message is made of: its fields and their types, without the values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect(),
    }
}

#[tokio::test]
async fn what_the_server_sends_has_the_shapes_of_the_cases() {
    for case in cases(Direction::ServerToClient) {
        for &mode in case.modes() {
            let sent = provoke(&case.name, mode).await;
            decodes(&case.name, &sent);
            let shapes: Vec<_> = case.valid.iter().map(shape).collect();
            assert!(
                shapes.contains(&shape(&sent)),
                "{} in {mode:?}: sent {sent}, the case says {:?}",
                case.name,
                case.valid
            );
            for valid in &case.valid {
                decodes(&case.name, valid);
                let names = |message: &Value| (message["cmd"].clone(), message["channel"].clone());
                assert_eq!(names(valid), names(&sent), "{}", case.name);
            }
        }
    }
}

/// The protocol's own messages fit the types that clients decode them with.
fn decodes(name: &str, message: &Value) {
    fn fits<T: serde::de::DeserializeOwned>(name: &str, value: &Value) {
        if let Err(error) = serde_json::from_value::<T>(value.clone()) {
            panic!("{name}: {error}: {value}");
        }
    }
    let param = &message["param"];
    match name {
        name if name.starts_with("connect-reply") => fits::<system::Connected>(name, param),
        "joined" | "joined-kept" => fits::<system::JoinResult>(name, param),
        name if name.starts_with("join-reply") => fits::<system::JoinResult>(name, param),
        "gap" => fits::<system::Position>(name, param),
        "members-reply" | "members-reply-anonymous" => fits::<system::Members>(name, param),
        "online-update" | "online-update-anonymous" => fits::<system::OnlineUpdate>(name, param),
        "drain" => fits::<system::Drain>(name, param),
        "large" => fits::<system::Large>(name, param),
        "closed" => fits::<system::Closed>(name, param),
        "upgrade-required" => {
            fits::<socket_runtime::WireError>(name, &message["error"]);
            fits::<system::UpgradeRequired>(name, &message["error"]["data"]);
        }
        name if name.starts_with("error-event") => fits::<socket_runtime::WireError>(name, param),
        name if name.starts_with("error-") => {
            fits::<socket_runtime::WireError>(name, &message["error"]);
        }
        _ => {}
    }
}
