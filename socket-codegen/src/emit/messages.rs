//! The three maps of a protocol: commands, events, channels.

use socket_protocol::manifest::model::{Channel, Group};

use super::docs::Comment;
use super::ident::string;
use super::model::Model;
use super::names::Direction;
use super::print::Printer;
use super::ty::{Object, Ty};

pub(super) fn commands(model: &Model<'_>) -> String {
    let group = &model.manifest.commands;
    let send = Printer {
        names: &model.names,
        direction: Direction::Send,
    };
    let receive = Printer {
        names: &model.names,
        direction: Direction::Receive,
    };
    let mut text = String::new();
    for (command, types) in group.items.iter().zip(&model.commands) {
        text.push_str(&Comment::of(&command.docs, command.deprecated.as_deref()).print(2));
        text.push_str(&format!("  {}: {{\n", string(&command.name)));
        text.push_str(&format!(
            "    channel?: {};\n",
            channels_of(model, &command.name)
        ));
        let empty = Ty::Object(Object::default());
        let param = types.param.as_ref().unwrap_or(&empty);
        let mark = if needs_nothing(model, param) { "?" } else { "" };
        text.push_str(&send.entry(&format!("param{mark}:"), param, 4));
        text.push_str(&receive.entry("reply:", types.reply.as_ref().unwrap_or(&empty), 4));
        if command.streaming {
            text.push_str(&receive.entry("item:", types.item.as_ref().unwrap_or(&empty), 4));
        }
        text.push_str(&receive.entry("error:", types.errors.as_ref().unwrap_or(&Ty::Never), 4));
        text.push_str("  };\n");
    }
    map("Commands", group, &text)
}

pub(super) fn events(model: &Model<'_>) -> String {
    let group = &model.manifest.events;
    let receive = Printer {
        names: &model.names,
        direction: Direction::Receive,
    };
    let mut text = String::new();
    for (event, ty) in group.items.iter().zip(&model.events) {
        text.push_str(&Comment::of(&event.docs, event.deprecated.as_deref()).print(2));
        let empty = Ty::Object(Object::default());
        let name = format!("{}:", string(&event.name));
        text.push_str(&receive.entry(&name, ty.as_ref().unwrap_or(&empty), 2));
    }
    map("Events", group, &text)
}

pub(super) fn channels(model: &Model<'_>) -> String {
    let group = &model.manifest.channels;
    let commands = model.manifest.commands.items.len();
    let events = model.manifest.events.items.len();
    let mut text = String::new();
    for channel in &group.items {
        text.push_str(&Comment::of(&channel.docs, channel.deprecated.as_deref()).print(2));
        text.push_str(&format!("  {}: {{\n", string(&channel.pattern)));
        text.push_str(&format!("    name: {};\n", name_type(&channel.pattern)));
        let listed = keys(&channel.commands, commands, "keyof Commands");
        text.push_str(&format!("    commands: {listed};\n"));
        let listed = keys(&channel.events, events, "keyof Events");
        text.push_str(&format!("    events: {listed};\n"));
        if channel.history.is_some() {
            text.push_str("    history: true;\n");
        }
        text.push_str("  };\n");
    }
    map("Channels", group, &text)
}

fn map<T>(name: &str, group: &Group<T>, entries: &str) -> String {
    if group.items.is_empty() {
        return format!("/** This protocol has none. */\nexport interface {name} {{}}\n");
    }
    let comment = Comment::of(&group.docs, None)
        .rust(Some(&group.rust))
        .print(0);
    format!("{comment}export interface {name} {{\n{entries}}}\n")
}

/// Returns whether an empty object is enough.
fn needs_nothing(model: &Model<'_>, param: &Ty) -> bool {
    match model.names.resolve(Direction::Send, param) {
        Ty::Object(object) => object.fields.iter().all(|field| field.optional),
        _ => false,
    }
}

/// All of them are named by their map, so that one more changes no other line.
fn keys(listed: &[String], all: usize, keyof: &str) -> String {
    if listed.is_empty() {
        "never".to_owned()
    } else if listed.len() == all {
        keyof.to_owned()
    } else {
        let names: Vec<String> = listed.iter().map(|name| string(name)).collect();
        names.join(" | ")
    }
}

/// The names of the channels that take the command.
fn channels_of(model: &Model<'_>, command: &str) -> String {
    let takes = |channel: &&Channel| channel.commands.iter().any(|name| name == command);
    let mut names: Vec<String> = Vec::new();
    for channel in model.manifest.channels.items.iter().filter(takes) {
        let name = name_type(&channel.pattern);
        if name == "string" {
            return name;
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        "never".to_owned()
    } else {
        names.join(" | ")
    }
}

/// The type of the names that a pattern makes: `room:{room}` is `` `room:${string}` ``.
fn name_type(pattern: &str) -> String {
    let mut template = String::new();
    let mut rest = pattern;
    let mut params = false;
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else {
            break;
        };
        params = true;
        template.push_str(&escaped(literal));
        template.push_str("${string}");
        rest = behind;
    }
    template.push_str(&escaped(rest));
    if !params {
        string(pattern)
    } else if template == "${string}" {
        "string".to_owned()
    } else {
        format!("`{template}`")
    }
}

fn escaped(literal: &str) -> String {
    literal
        .replace('\\', "\\\\")
        .replace('`', "\\`")
        .replace("${", "\\${")
}

#[cfg(test)]
mod tests {
    use super::name_type;

    #[test]
    fn types_of_channel_names() {
        let cases = [
            ("lobby", "\"lobby\""),
            ("room:{room}", "`room:${string}`"),
            ("{*name}", "string"),
            ("game:{id}:chat:{*topic}", "`game:${string}:chat:${string}`"),
            ("a`$:{b}", "`a\\`$:${string}`"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(name_type(pattern), expected, "{pattern}");
        }
    }
}
