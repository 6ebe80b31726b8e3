//! Every mistake gets one message with its place, its reason and its fix; exit code 2; nothing is
//! written.

use crate::project::{CHAT, Folder, Project, run_in};

/// Runs `generate`, which must fail with all of these in its message.
#[track_caller]
fn refused(project: &Project, arguments: &[&str], expected: &[&str]) {
    let run = project.run(&[&["generate"], arguments].concat());
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    for expected in expected {
        assert!(
            run.stderr.contains(expected),
            "expected {expected:?} in:\n{}",
            run.stderr
        );
    }
    assert_eq!(project.names("generated-ts"), [""; 0]);
}

#[test]
fn no_protocol() {
    let project = Project::new("no-protocol", &[("src/lib.rs", "")]);
    refused(
        &project,
        &[],
        &[
            "error: found no protocol in no-protocol\n  help: define one in the library: #[derive(Protocol)]",
        ],
    );

    let parts = CHAT.split("#[derive(Protocol)]").next().unwrap();
    project.write("src/lib.rs", parts);
    refused(
        &project,
        &[],
        &["--> src/lib.rs:5\n  --> src/lib.rs:11\n  help: these are parts of one"],
    );

    project.write("src/lib.rs", "");
    project.write("src/forgotten.rs", CHAT);
    refused(
        &project,
        &[],
        &[
            "--> src/forgotten.rs:5",
            "these derives are outside of the libraries that were built",
        ],
    );
}

#[test]
fn a_package_without_a_library() {
    let project = Project::new(
        "bin-only",
        &[("src/main.rs", &format!("{CHAT}\nfn main() {{}}\n"))],
    );
    let expected = [
        "error: package `bin-only` defines a protocol in a program, but only a library can be described\n  --> src/main.rs:5",
        "help: move the definition to src/lib.rs",
    ];
    refused(&project, &[], &expected);
    refused(&project, &["-p", "bin-only"], &expected);
}

#[test]
fn types_that_have_no_typescript() {
    let source = CHAT.replace(
        "text: String }",
        "text: String,\n        size: u64,\n        file: File }",
    ) + "\n#[socket_protocol::payload]\npub struct File {\n    pub name: String,\n    pub bytes: Option<i64>,\n}\n";
    let project = Project::new(
        "no-typescript",
        &[(
            "src/lib.rs",
            &source.replace("        file: File }", "    }"),
        )],
    );
    refused(
        &project,
        &[],
        &[
            "error: commands.say.param.size: `u64` does not fit a JavaScript number, which skips integers beyond 2^53\n  --> src/lib.rs:8\n  help: say how it is to cross the wire: `#[socket(int = \"bigint\")]` above the field",
        ],
    );
    project.write("src/lib.rs", &source.replace("        size: u64,\n", ""));
    refused(
        &project,
        &[],
        &[
            "error: commands.say.param.file.bytes (in `no_typescript::File`): `i64` does not fit",
            "--> src/lib.rs:23\n",
        ],
    );
}

#[test]
fn two_types_of_one_name() {
    let source = CHAT.replace("text: String }", "a: one::Same, b: two::Same }")
        + "pub mod one {\n    #[socket_protocol::payload]\n    pub struct Same { pub a: u8 }\n}\n\
           pub mod two {\n    #[socket_protocol::payload]\n    pub struct Same { pub b: u8 }\n}\n";
    let project = Project::new("collision", &[("src/lib.rs", &source)]);
    refused(
        &project,
        &[],
        &[
            "error: two types are called `Same`: `collision::one::Same` and `collision::two::Same`",
            "#[schemars(rename",
        ],
    );
    let renamed = source.replace("    #[socket_protocol::payload]\n    pub struct Same { pub b", "    #[socket_protocol::payload]\n    #[schemars(rename = \"Other\")]\n    pub struct Same { pub b");
    project.write("src/lib.rs", &renamed);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_panic_inside_a_schema() {
    let source = CHAT
        .replace("Said { text: String,", "Said { text: Loud,")
        .replace("Say { text: String }", "Say { size: u64 }")
        + r#"
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Loud;
impl schemars::JsonSchema for Loud {
    fn schema_name() -> std::borrow::Cow<'static, str> { "Loud".into() }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema { panic!("too loud") }
}
"#;
    let project = Project::new("panics", &[("src/lib.rs", &source)]);
    project.manifest(
        "panics",
        "schemars = \"1.2\"\nserde = { version = \"1\", features = [\"derive\"] }\n",
        "",
    );
    refused(
        &project,
        &[],
        &[
            "error: events.said.param: its schema panicked: too loud\n  --> src/lib.rs:12\n",
            // The rest is described all the same.
            "error: commands.say.param.size: `u64` does not fit",
        ],
    );
}

#[test]
fn code_that_does_not_compile() {
    let project = Project::new(
        "no-compile",
        &[(
            "src/lib.rs",
            &CHAT.replace("text: String }", "text: Strin }"),
        )],
    );
    refused(
        &project,
        &[],
        &[
            "cannot find type `Strin` in this scope",
            "src/lib.rs:7",
            "make `cargo build` pass first",
        ],
    );
}

#[test]
fn two_versions_of_the_protocol_crate() {
    let project = Project::new(
        "two-versions",
        &[
            ("src/lib.rs", CHAT),
            ("old/src/lib.rs", ""),
            ("user/src/lib.rs", ""),
        ],
    );
    project.manifest("two-versions", "user = { path = \"user\" }\n", "");
    project.write(
        "old/Cargo.toml",
        "[package]\nname = \"socket-protocol\"\nversion = \"0.0.9\"\n",
    );
    project.write(
        "user/Cargo.toml",
        "[package]\nname = \"user\"\nversion = \"0.1.0\"\n[dependencies]\nsocket-protocol = { path = \"../old\" }\n",
    );
    refused(
        &project,
        &[],
        &[
            "error: the dependency graph holds socket-protocol twice",
            "socket-protocol 0.0.9 in old\n",
            "through user -> socket-protocol",
            "align the versions: cargo tree -i socket-protocol",
        ],
    );
}

#[test]
fn flags_keys_and_names_that_are_unknown() {
    let project = Project::new("unknown", &[("src/lib.rs", CHAT)]);
    refused(
        &project,
        &["--pakage", "x"],
        &[
            "unexpected argument '--pakage'",
            "similar argument exists: '--package'",
        ],
    );
    refused(
        &project,
        &["-p", "unknwon"],
        &["has no package `unknwon`\n  help: did you mean `unknown`?"],
    );
    refused(
        &project,
        &["--features", "extra"],
        &["unknown feature `extra`: the described packages do not have it"],
    );
    refused(
        &project,
        &["--manifest-path", "nowhere/Cargo.toml"],
        &["the file nowhere/Cargo.toml does not exist"],
    );
    project.write("socket.toml", "out = \"web\"\npakages = [\"x\"]\n");
    refused(
        &project,
        &[],
        &[
            "unknown key `pakages` in socket.toml\n  --> socket.toml:2\n  help: did you mean `packages`?",
        ],
    );
}

#[test]
fn a_folder_without_a_workspace() {
    let folder = std::env::temp_dir().join("socket-codegen-no-workspace");
    std::fs::create_dir_all(&folder).unwrap();
    let run = run_in(&folder, &["generate"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("could not find `Cargo.toml`"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("--manifest-path path/to/Cargo.toml"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_workspace_without_members() {
    let folder = Folder::new("no-members");
    folder.write("Cargo.toml", "[workspace]\nmembers = []\n");
    let run = folder.run(&["init"]);
    assert_eq!(run.code, 2);
    for said in [
        "the workspace has no members",
        "help: create one: cargo new --lib",
    ] {
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    assert_eq!(folder.names(""), ["Cargo.toml"]);
}

#[test]
fn a_field_that_serde_writes_by_hand_and_nothing_describes() {
    let types = "
#[payload]
pub struct Hand {
    #[serde(with = \"hand\")]
    at: std::sync::atomic::Ordering,
}
mod hand {
    use socket_protocol::__private::serde::{Deserializer, Serializer};
    use std::sync::atomic::Ordering;
    pub fn serialize<S: Serializer>(_: &Ordering, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(\"\")
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(_: D) -> Result<Ordering, D::Error> {
        Ok(Ordering::SeqCst)
    }
}
";
    let source = CHAT.replace("at: Timestamp }", "hand: Hand }") + types;
    let project = Project::new("by-hand", &[("src/lib.rs", &source)]);
    refused(
        &project,
        &[],
        &[
            "error: `#[serde(with)]` decides how this field is written, and its schema is unknown",
            "error: your crates do not compile (cargo's message is above)\n  help: make `cargo build` pass first",
        ],
    );
    let described = source.replace(
        "\"hand\")]",
        "\"hand\")]\n    #[schemars(with = \"String\")]",
    );
    project.write("src/lib.rs", &described);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
}

#[test]
fn a_field_that_would_stand_twice() {
    let types = "
#[payload]
pub struct Twice {
    a: u8,
    #[serde(flatten)]
    shape: Shape,
}
#[payload]
#[serde(tag = \"t\")]
pub enum Shape {
    Line { a: u8 },
}
";
    let source = CHAT.replace("at: Timestamp }", "twice: Twice }") + types;
    let project = Project::new("field-twice", &[("src/lib.rs", &source)]);
    refused(
        &project,
        &[],
        &[
            "error: events.said.param.twice (in `field_twice::Twice`): its field `a` would stand twice in one object",
            "help: rename one of them with #[serde(rename = \"…\")], or remove the flatten",
        ],
    );
}

#[test]
fn a_nested_type_without_its_attribute() {
    let source = CHAT.replace("text: String }", "tone: Tone, tones: Vec<Tone> }")
        + "#[payload]\npub struct Tone { mood: Mood }\npub enum Mood { Calm }\n";
    let project = Project::new("no-payload", &[("src/lib.rs", &source)]);
    let run = project.run(&["generate"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    for expected in [
        "error[E0277]: `Mood` cannot be carried by a message\n",
        "/src/lib.rs:19:25\n",
        "put `#[payload]` above the type",
    ] {
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    // One message, also from what describes the type.
    assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
}

/// A folder that cannot be made, on the systems where there surely is one.
#[cfg(target_os = "linux")]
#[test]
fn one_of_two_folders_that_cannot_be_written() {
    let folder = Folder::new("half");
    folder.write(
        "chat.json",
        &crate::project::read_here("tests/emit/chat/manifest.json"),
    );
    folder.write(
        "socket.toml",
        "[[output]]\nout = \"web\"\n\n[[output]]\nout = \"/proc/socket-codegen\"\n",
    );
    let run = folder.run(&["generate", "--manifest", "chat.json"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let expected = "error: cannot create /proc/socket-codegen: ";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("\n  help: list what is there: ls /proc"),
        "{}",
        run.stderr
    );
    assert_eq!(folder.names("web"), [""; 0], "nothing is half-written");
}
