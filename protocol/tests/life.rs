//! What a definition says about the life of its messages: former names, dates, stability.
#![cfg(feature = "manifest")]
#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "a definition in a test"
)]

use serde_json::{Value, json};
use socket_protocol::definition::LifeSpec;
use socket_protocol::manifest::collect::collect;
use socket_protocol::manifest::model::Stability;
use socket_protocol::prelude::*;

#[payload(reserved("Cyan"))]
#[derive(Debug, PartialEq)]
pub enum Color {
    Red,
    #[serde(alias = "Green", alias = "Grass")]
    Lime,
    #[serde(other)]
    Other,
}

#[payload(reserved("z"))]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Brush {
    #[serde(alias = "width")]
    line_width: u32,
}

#[derive(Debug, PartialEq, Commands)]
#[commands(reserved("erase", "wipe"))]
pub enum Command {
    #[command(alias = "draw", stability = "beta", reserved_fields("opacity"))]
    Paint {
        #[serde(alias = "colour")]
        color: Color,
        brush: Brush,
    },
    #[deprecated = "use `paint`"]
    #[command(alias("dot", "pixel"), since = "2026-01-31", sunset = "2027-01-31", error = PaintError)]
    Point,
}

#[derive(Events)]
#[events(reserved("drawn"))]
pub enum Event {
    #[event(stability = "draft", reserved_fields("by"))]
    Painted {
        #[serde(alias = "colour")]
        color: Color,
        brush: Brush,
    },
    #[event(latest)]
    Dried,
    #[event(volatile)]
    Dripped,
}

#[derive(Channels)]
#[channels(reserved("canvas/{id}"))]
pub enum Channel {
    #[channel(
        "canvas:{id}",
        sunset = "2028-02-29",
        stability = "stable",
        history(events = 5, keep = "2h")
    )]
    Canvas { id: u32 },
}

#[derive(ErrorCodes)]
#[error_codes(reserved("dry"))]
pub enum PaintError {
    #[deprecated]
    #[code(since = "2026-11-21", stability = "stable", reserved_fields("color"))]
    Empty { left: u32 },
}

#[derive(Protocol)]
#[protocol(name = "paint", commands = Command, events = Event, channels = Channel, all_history)]
pub struct Paint;

fn manifest() -> Value {
    let collected = collect(0);
    assert!(collected.problems.is_empty(), "{:?}", collected.problems);
    let mut protocols = collected.protocols.iter();
    let found = protocols.find(|described| described.manifest.protocol == "paint");
    let manifest = &found.expect("the protocol registered itself").manifest;
    serde_json::to_value(manifest).expect("JSON")
}

#[test]
fn a_former_name_reaches_its_command_and_clients_send_the_new_one() {
    for (name, index) in [
        ("paint", 0),
        ("draw", 0),
        ("point", 1),
        ("dot", 1),
        ("pixel", 1),
    ] {
        assert_eq!(Command::index_of(name), Some(index), "{name}");
    }
    assert_eq!(Command::index_of("erase"), None);
    assert_eq!(Command::COMMANDS[1].alias, ["dot", "pixel"]);
    let message = Command::decode(1, None)
        .expect("no parameters")
        .encode(None, None)
        .expect("JSON");
    assert_eq!(message.text(), br#"{"cmd":"point","param":{}}"#);
}

#[test]
fn lives_are_in_the_specs_and_in_the_manifest() {
    assert_eq!(
        Command::COMMANDS[1].life,
        LifeSpec {
            since: Some("2026-01-31"),
            sunset: Some("2027-01-31"),
            stability: None,
        }
    );
    assert_eq!(Event::EVENTS[0].life.stability, Some(Stability::Draft));
    let manifest = manifest();
    let point = &manifest["commands"]["items"][1];
    assert_eq!(point["since"], "2026-01-31");
    assert_eq!(point["sunset"], "2027-01-31");
    assert_eq!(point["alias"], json!(["dot", "pixel"]));
    assert_eq!(point["errors"]["items"][0]["since"], "2026-11-21");
    assert_eq!(point["errors"]["items"][0]["stability"], "stable");
    assert_eq!(manifest["commands"]["items"][0]["stability"], "beta");
    assert_eq!(manifest["events"]["items"][0]["stability"], "draft");
    assert_eq!(manifest["channels"]["items"][0]["sunset"], "2028-02-29");
    assert_eq!(manifest["channels"]["items"][0]["stability"], "stable");
}

#[test]
fn history_and_classes_are_in_the_manifest() {
    let manifest = manifest();
    let channel = &manifest["channels"]["items"][0];
    assert_eq!(
        channel["history"],
        json!({"events": 5, "keep_ms": 7_200_000})
    );
    assert_eq!(
        manifest["all_history"],
        json!({"events": 100, "keep_ms": 120_000})
    );
    assert_eq!(manifest.get("user_history"), None);
    let classes = [0, 1, 2].map(|event| manifest["events"]["items"][event]["delivery"].clone());
    assert_eq!(classes, [Value::Null, json!("latest"), json!("volatile")]);
}

#[test]
fn reserved_names_are_in_the_manifest() {
    let manifest = manifest();
    let point = &manifest["commands"]["items"][1];
    assert_eq!(manifest["commands"]["reserved"], json!(["erase", "wipe"]));
    assert_eq!(manifest["events"]["reserved"], json!(["drawn"]));
    assert_eq!(manifest["channels"]["reserved"], json!(["canvas/{id}"]));
    assert_eq!(point["errors"]["reserved"], json!(["dry"]));
    let words = |schema: &Value| schema["x-reserved"].clone();
    let param = |group: &str| &manifest[group]["items"][0]["param"];
    assert_eq!(words(param("commands")), json!(["opacity"]));
    assert_eq!(words(param("events")), json!(["by"]));
    assert_eq!(
        words(&point["errors"]["items"][0]["data"]),
        json!(["color"])
    );
    for direction in ["send", "receive"] {
        assert_eq!(
            words(&manifest["types"][direction]["Color"]),
            json!(["Cyan"])
        );
        assert_eq!(words(&manifest["types"][direction]["Brush"]), json!(["z"]));
    }
}

#[test]
fn what_serde_reads_beside_what_it_writes_is_said_of_what_is_read_alone() {
    let manifest = manifest();
    let param = |group: &str| manifest[group]["items"][0]["param"]["properties"]["color"].clone();
    assert_eq!(param("commands")["x-alias"], json!(["colour"]));
    assert_eq!(param("events")["x-alias"], Value::Null);
    let types = |direction: &str, name: &str| manifest["types"][direction][name].clone();
    let width = |direction| types(direction, "Brush")["properties"]["lineWidth"].clone();
    assert_eq!(width("send")["x-alias"], json!(["width"]));
    assert_eq!(width("receive")["x-alias"], Value::Null);
    assert_eq!(types("send", "Color")["x-open"], true);
    assert_eq!(types("receive", "Color")["x-open"], Value::Null);
    let lime = |direction| {
        let variants = types(direction, "Color")["oneOf"].clone();
        let mut variants = variants.as_array().expect("several").clone();
        variants.retain(|variant| variant["const"] == "Lime");
        variants[0]["x-alias"].clone()
    };
    assert_eq!(lime("send"), json!(["Green", "Grass"]));
    assert_eq!(lime("receive"), Value::Null);
}
