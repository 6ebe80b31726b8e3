//! What comes in a frame, for a server and for a client.

use serde_json::Value;
use socket_runtime::envelope::{
    Batch, CommandEnvelope, ServerMessage, check_depth, encode_command,
};

/// What typed parameters are read to, and serde_json's own bound.
const DEPTH: usize = 128;

pub fn run(data: &[u8]) {
    let Ok(frame) = std::str::from_utf8(data) else {
        return;
    };
    let value: Option<Value> = serde_json::from_str(frame).ok();
    let depth = check_depth(frame, DEPTH);
    if value.is_some() {
        assert!(depth.is_ok(), "serde_json reads it");
    }
    match Batch::split(frame) {
        Ok(Batch::One(message)) => command(message, value.as_ref()),
        Ok(Batch::Many(messages)) => {
            assert!((1..=256).contains(&messages.len()));
            for (i, message) in messages.iter().enumerate() {
                command(message.get(), value.as_ref().map(|value| &value[i]));
            }
        }
        Err(error) => assert!(!error.reason.is_empty()),
    }
    server_message(frame);
}

/// A command says what an independent reader finds, and survives being written again.
fn command(text: &str, value: Option<&Value>) {
    let command = match CommandEnvelope::decode(text) {
        Ok(command) => command,
        Err(error) => {
            assert!(!error.reason.is_empty());
            if let (Some(id), Some(value)) = (error.id, value) {
                assert_eq!(value["id"], id.get());
            }
            return;
        }
    };
    if let Some(value) = value {
        assert_eq!(value["cmd"], *command.cmd);
        assert_eq!(value["id"].as_u64(), command.id.map(|id| id.get()));
        assert_eq!(
            value["channel"].as_str().filter(|name| !name.is_empty()),
            command.channel()
        );
        assert_eq!(value["trace"].as_str(), command.trace());
        assert_eq!(value["timeout"].as_u64(), command.timeout);
    }
    let param = command.param;
    let written = encode_command(&command.cmd, command.id, command.channel(), &param).unwrap();
    let written = std::str::from_utf8(written.text()).unwrap();
    let again = CommandEnvelope::decode(written).unwrap();
    assert_eq!(
        (
            &again.cmd,
            again.id,
            again.channel(),
            again.param.map(|param| param.get())
        ),
        (
            &command.cmd,
            command.id,
            command.channel(),
            param.map(|param| param.get())
        )
    );
}

fn server_message(text: &str) {
    match ServerMessage::decode(text) {
        Ok(ServerMessage::Event(event)) => {
            if let Some(channel) = event.channel {
                assert!((1..=128).contains(&channel.as_str().len()));
            }
        }
        Ok(_) => {}
        Err(error) => assert!(!error.reason.is_empty()),
    }
}
