//! `init`: what it writes works, and what is there stays.

use crate::project::{CHAT, Folder, Project, protocol_folder};

/// A package that knows nothing of this project.
const APP: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

#[test]
fn begins_a_project_with_a_sample_that_works() {
    let folder = Folder::new("beginning");
    // What cargo takes from crates.io, a patch takes from here.
    let workspace = |members: &str| {
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n\
             [patch.crates-io]\nsocket-protocol = {{ path = '{}' }}\n",
            protocol_folder()
        )
    };
    folder.write("Cargo.toml", &workspace("\"app\""));
    folder.write("app/Cargo.toml", APP);
    folder.write("app/src/lib.rs", "");
    folder.lock();
    let run = folder.run(&[
        "init",
        "--sample",
        "chat-protocol",
        "--out",
        "web/src/socket",
        "--github",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = [
        "wrote socket.toml",
        "wrote chat-protocol/Cargo.toml",
        "wrote chat-protocol/src/lib.rs",
        "wrote chat-protocol/tests/socket_codegen.rs",
        "wrote .github/workflows/socket.yml",
        "Add \"chat-protocol\" to `members` in the workspace's Cargo.toml, then:\n",
    ];
    assert_eq!(run.stderr, said.join("\n"));
    assert_eq!(run.stdout, "socket-codegen generate\n");

    assert_eq!(
        folder
            .read("chat-protocol/tests/socket_codegen.rs")
            .lines()
            .take(10)
            .collect::<Vec<_>>(),
        [
            "//! Checks that the generated files match the protocol. Once, run:",
            "//! cargo add --dev socket-protocol --features manifest -p chat-protocol",
            "",
            "use chat_protocol as _;",
            "",
            "/// A server that loads this file announces its fingerprint to clients.",
            "#[test]",
            "fn manifest_of_chat_protocol_is_fresh() {",
            "    socket_protocol::manifest::assert_fresh(include_str!(\"../../web/src/socket/chat-protocol.manifest.json\"));",
            "}",
        ]
    );

    folder.write("Cargo.toml", &workspace("\"app\", \"chat-protocol\""));
    let run = folder.run(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names = [
        "chat-protocol.manifest.json",
        "chat-protocol.ts",
        "index.ts",
        "socket.names.ts",
        "socket.ts",
    ];
    assert_eq!(folder.names("web/src/socket"), names);

    // The test that was written passes, and fails once the definition goes on.
    let test = || {
        let run = std::process::Command::new("cargo")
            .args([
                "test",
                "--offline",
                "-q",
                "-p",
                "chat-protocol",
                "manifest_of",
            ])
            .current_dir(&folder.root)
            .env("CARGO_TARGET_DIR", folder.target())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        (
            run.status.success(),
            said + &String::from_utf8_lossy(&run.stderr),
        )
    };
    let (passed, said) = test();
    assert!(passed, "{said}");
    let source = folder.read("chat-protocol/src/lib.rs");
    folder.write(
        "chat-protocol/src/lib.rs",
        &source.replace("text: String", "line: String"),
    );
    let (passed, said) = test();
    let stale = "the manifest of `chat-protocol` is stale";
    assert!(!passed && said.contains(stale), "{said}");
}

#[test]
fn never_writes_over_what_is_there() {
    let project = Project::new("begun", &[("src/lib.rs", CHAT)]);
    project.write("socket.toml", "out = \"mine\"\n");
    let run = project.run(&["init"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "kept socket.toml, which already exists\nwrote tests/socket_codegen.rs\n"
    );
    assert_eq!(project.read("socket.toml"), "out = \"mine\"\n");
    assert!(
        project
            .read("tests/socket_codegen.rs")
            .contains(".arg(\"check\")")
    );
    assert_eq!(
        run.stdout,
        "cargo add --dev socket-protocol --features manifest -p begun\nsocket-codegen generate\n"
    );

    let run = project.run(&["init", "--sample", "so what?"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("the folder so what? cannot name a package"),
        "{}",
        run.stderr
    );
}

#[test]
fn says_how_to_begin_where_there_is_nothing() {
    let folder = Folder::new("nothing");
    folder.write("Cargo.toml", &format!("{APP}\n[workspace]\n"));
    folder.write("src/lib.rs", "");
    let run = folder.run(&["init"]);
    assert_eq!(
        run.stdout, "socket-codegen init --sample protocol\n",
        "{}",
        run.stderr
    );
    assert!(folder.read("socket.toml").contains("# packages = "));
}
