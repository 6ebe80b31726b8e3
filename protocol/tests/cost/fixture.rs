//! A protocol of 50 messages with 75 payload types, twice: with our derives, and by hand with serde
//! alone and one tagged enum per direction. Each has a server that decodes and encodes every message.

use std::fmt::Write as _;

const PAYLOADS: usize = 75;
const COMMANDS: usize = 25;
const EVENTS: usize = 25;

/// The sources of one crate.
pub(crate) struct Sources {
    pub(crate) protocol: String,
    pub(crate) server: String,
}

/// Text put together line by line.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: impl AsRef<str>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{}", line.as_ref());
    }
}

/// Each third is an enum, and each holds some of those before it, five deep.
fn payload(n: usize, above: &str) -> String {
    let before = |by: usize| {
        if n % 5 >= by {
            format!("Payload{}", n - by)
        } else {
            "String".to_owned()
        }
    };
    let mut text = Text::default();
    text.line(above);
    text.line("#[derive(Debug, Clone, PartialEq)]");
    if n % 3 == 2 {
        text.line(format!("pub enum Payload{n} {{"));
        text.line("    Nothing,");
        text.line(format!("    One({}),", before(1)));
        text.line("    Named { count: u32, text: Option<String> },");
    } else {
        text.line(format!("pub struct Payload{n} {{"));
        text.line("    pub id: u32,");
        text.line("    pub name: String,");
        text.line("    pub ready: bool,");
        text.line("    pub ratio: Option<f64>,");
        text.line("    pub tags: Vec<String>,");
        text.line(format!("    pub before: Vec<{}>,", before(1)));
        text.line(format!("    pub other: Option<Box<{}>>,", before(3)));
    }
    text.line("}");
    text.0
}

fn fields(n: usize) -> String {
    format!("body: Payload{}, note: String, size: u32", n % PAYLOADS)
}

/// With our derives.
pub(crate) fn ours() -> Sources {
    let mut protocol = Text::default();
    protocol.line("use socket_protocol::prelude::*;");
    for n in 0..PAYLOADS {
        protocol.line(payload(n, "#[payload]"));
    }
    protocol.line("#[derive(Commands)]\npub enum Command {");
    for n in 0..COMMANDS {
        let reply = (n + COMMANDS + EVENTS) % PAYLOADS;
        protocol.line(format!("    #[command(reply = Payload{reply})]"));
        protocol.line(format!(
            "    Do{n} {{ {}, answer: Payload{reply} }},",
            fields(n)
        ));
    }
    protocol.line("}\n#[derive(Events)]\npub enum Event {");
    for n in 0..EVENTS {
        protocol.line(format!("    Told{n} {{ {} }},", fields(n + COMMANDS)));
    }
    protocol.line("}\n#[derive(Protocol)]");
    protocol.line("#[protocol(name = \"cost\", commands = Command, events = Event)]");
    protocol.line("pub struct Cost;");

    let mut server = Text::default();
    server.line("use protocol::*;");
    server.line("use socket_protocol::definition::{Commands as _, Events as _, Handle as _};");
    server.line("use socket_protocol::envelope::{CommandEnvelope, EventHead, MessageBuf};");
    server.line("use socket_protocol::{Caller, ErrorCode, Reject, WireError};");
    server.line("pub struct Server;");
    server.line("impl CommandHandler<()> for Server {");
    for n in 0..COMMANDS {
        let reply = (n + COMMANDS + EVENTS) % PAYLOADS;
        server.line(format!(
            "    async fn do{n}(&self, (): (), param: command::Do{n}) -> Result<Payload{reply}, Reject> \
             {{ Ok(param.answer) }}"
        ));
    }
    server.line("}");
    server.line(
        "pub async fn serve(text: &str) -> Result<Option<MessageBuf>, WireError> {
    let envelope = CommandEnvelope::decode(text).map_err(|error| WireError::new(ErrorCode::InvalidMessage, error.reason))?;
    let index = Command::index_of(&envelope.cmd).unwrap_or_default();
    let command = Command::decode(index, envelope.param)?;
    command.handle(&Server, (), Caller::from(envelope.id)).await
}
pub fn tell(event: Event) -> Option<MessageBuf> {
    Some(event.encode(EventHead::default()).ok()?.close())
}",
    );
    Sources {
        protocol: protocol.0,
        server: server.0,
    }
}

/// With serde alone, and the tag that compiles to the least.
pub(crate) fn by_hand() -> Sources {
    let derive = "#[derive(serde::Serialize, serde::Deserialize)]";
    let mut protocol = Text::default();
    for n in 0..PAYLOADS {
        protocol.line(payload(n, derive));
    }
    let head = format!("{derive}\n#[derive(Debug, Clone, PartialEq)]\n#[serde(tag = \"cmd\")]");
    protocol.line(format!("{head}\npub enum Command {{"));
    for n in 0..COMMANDS {
        let reply = (n + COMMANDS + EVENTS) % PAYLOADS;
        protocol.line(format!(
            "    Do{n} {{ {}, answer: Payload{reply} }},",
            fields(n)
        ));
    }
    protocol.line(format!("}}\n{head}\npub enum Message {{"));
    for n in 0..EVENTS {
        protocol.line(format!("    Told{n} {{ {} }},", fields(n + COMMANDS)));
    }
    for n in 0..COMMANDS {
        let reply = (n + COMMANDS + EVENTS) % PAYLOADS;
        protocol.line(format!("    Done{n} {{ answer: Payload{reply} }},"));
    }
    protocol.line("}");

    let mut server = Text::default();
    server.line("use protocol::*;");
    server.line("pub struct Server;");
    server.line("impl Server {");
    for n in 0..COMMANDS {
        let reply = (n + COMMANDS + EVENTS) % PAYLOADS;
        server.line(format!(
            "    pub async fn do{n}(&self, {}, answer: Payload{reply}) -> Result<Payload{reply}, String> \
             {{ let _ = (body, note, size); Ok(answer) }}",
            fields(n)
        ));
    }
    server.line("}");
    server.line("pub async fn serve(text: &str) -> Result<String, String> {");
    server
        .line("    let command = serde_json::from_str(text).map_err(|error| error.to_string())?;");
    server.line("    let answer = match command {");
    for n in 0..COMMANDS {
        server.line(format!(
            "        Command::Do{n} {{ body, note, size, answer }} => \
             Message::Done{n} {{ answer: Server.do{n}(body, note, size, answer).await? }},"
        ));
    }
    server.line("    };");
    server.line("    serde_json::to_string(&answer).map_err(|error| error.to_string())\n}");
    server.line("pub fn tell(event: Message) -> Option<String> {");
    server.line("    serde_json::to_string(&event).ok()\n}");
    Sources {
        protocol: protocol.0,
        server: server.0,
    }
}
