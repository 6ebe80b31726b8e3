//! The program, run as its users run it, on real crates.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod breaking;
mod documents;
mod given;
mod guards;
mod init;
mod outputs;
mod project;
mod verify;
mod versions;
mod watch;
mod workspaces;

use project::{CHAT, Project};

#[test]
fn generates_and_then_finds_everything_up_to_date() {
    // A path with spaces, as people have them.
    let project = Project::new("my first app", &[("src/lib.rs", CHAT)]);
    let run = project.run(&["generate"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("wrote generated-ts/chat.ts\n"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.ends_with("5 files changed, 0 up to date\n"),
        "{}",
        run.stderr
    );
    assert_eq!(
        project.names("generated-ts"),
        [
            "chat.manifest.json",
            "chat.ts",
            "index.ts",
            "socket.names.ts",
            "socket.ts"
        ]
    );
    let chat = project.read("generated-ts/chat.ts");
    assert!(
        chat.contains("  /** Says something. */\n  \"say\": {\n"),
        "{chat}"
    );
    assert!(
        !chat.contains(&project.path("")),
        "an absolute path: {chat}"
    );

    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0);
    assert_eq!(run.stderr, "0 files changed, 5 up to date\n");
    assert_eq!(project.read("generated-ts/chat.ts"), chat);
    let run = project.run(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "5 files up to date\n"));
}

#[test]
fn says_what_is_stale_and_how_to_mend_it() {
    let project = Project::new("stale", &[("src/lib.rs", CHAT)]);
    assert_eq!(project.run(&["generate", "--out", "web client"]).code, 0);
    let before = project.read("web client/chat.ts");
    project.write(
        "src/lib.rs",
        &CHAT.replace("Says something.", "Says a word."),
    );
    let run = project.run(&["check", "--out", "web client"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("--- web client/chat.ts\n+++ web client/chat.ts\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("-  /** Says something. */\n+  /** Says a word. */\n"),
        "{}",
        run.stdout
    );
    let fix = run.stdout.lines().last().unwrap();
    assert_eq!(fix, "socket-codegen generate --out 'web client'");
    assert_eq!(
        project.read("web client/chat.ts"),
        before,
        "check changes nothing"
    );

    let run = project.run(&["check", "--out", "web client", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &report["fresh"]), (1, &false.into()));
    let stale: Vec<_> = report["outputs"][0]["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["name"])
        .collect();
    assert_eq!(stale, ["chat.manifest.json", "chat.ts"]);
    assert_eq!(report["fix"], fix);
}

#[test]
fn changes_its_own_files_alone() {
    let project = Project::new("own-files", &[("src/lib.rs", CHAT)]);
    project.write(
        "socket.toml",
        "packages = [\"own-files\"]\nout = \"web/src\"\nemit = \"js\"\n",
    );
    project.write(
        "web/src/old.ts",
        "// Made by socket-codegen 0.0.1 from the protocol `old`.\n",
    );
    project.write("web/src/app.ts", "export const mine = 1;\n");
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("deleted web/src/old.ts\n"),
        "{}",
        run.stderr
    );
    let files = [
        "app.ts",
        "chat.d.ts",
        "chat.js",
        "chat.manifest.json",
        "index.d.ts",
        "index.js",
    ];
    assert_eq!(project.names("web/src")[..6], files);

    // A flag wins over socket.toml, and the files of the other form go.
    let run = project.run(&["generate", "--emit", "ts"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = [
        "app.ts",
        "chat.manifest.json",
        "chat.ts",
        "index.ts",
        "socket.names.ts",
        "socket.ts",
    ];
    assert_eq!(project.names("web/src"), files);

    project.write("web/src/chat.ts", "export const mine = 2;\n");
    let run = project.run(&["generate", "--emit", "js"]);
    assert_eq!(
        run.code, 0,
        "a file of that name is not written: {}",
        run.stderr
    );
    project.write("web/src/socket.js", "// mine\n");
    let names = project.names("web/src");
    let run = project.run(&["generate", "--emit", "ts"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("web/src/chat.ts, so it stays as it is"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--out DIR"), "{}", run.stderr);
    assert_eq!(project.names("web/src"), names, "nothing is half-written");
    assert_eq!(project.read("web/src/chat.ts"), "export const mine = 2;\n");
}

#[test]
fn warns_of_a_definition_outside_the_library() {
    let project = Project::new("outside", &[("src/lib.rs", CHAT)]);
    let main = CHAT.replace("\"chat\"", "\"other\"") + "fn main() {}\n";
    project.write("src/main.rs", &main);
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let warning = "warning: `Chat` derives Protocol but is outside of the libraries that were built\n  --> src/main.rs:17\n";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn finds_what_no_code_names_and_what_features_hide() {
    let defines = CHAT.replace("#[derive", "#[cfg(feature = \"extra\")]\n#[derive");
    let project = Project::new("unnamed", &[("src/lib.rs", ""), ("inner/src/lib.rs", CHAT)]);
    project.manifest("unnamed", "inner = { path = \"inner\" }\n", "");
    project.member_manifest("inner", "[features]\nextra = []\n");
    let run = project.run(&["generate", "-p", "unnamed"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(project.read("generated-ts/chat.ts").contains("inner::Chat"));

    project.write("inner/src/lib.rs", &defines);
    let run = project.run(&["check", "-p", "unnamed"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("error: found no protocol in inner, unnamed\n  --> inner/src/lib.rs:"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--features NAME"), "{}", run.stderr);

    project.write("src/lib.rs", &CHAT.replace("\"chat\"", "\"other\""));
    let run = project.run(&["generate", "-p", "unnamed"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains(
            "warning: `Command` derives Commands but was not compiled\n  --> inner/src/lib.rs:6"
        ),
        "{}",
        run.stderr
    );
}
