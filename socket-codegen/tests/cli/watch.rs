//! `watch`: regenerates on a change, survives what does not compile.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Stdio};

use crate::project::{CHAT, Project, command_in};

/// The program while it watches; ended when the test ends.
struct Watching {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Watching {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut child = command_in(&project.root, arguments)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines }
    }

    /// All that it says until it waits for the next change.
    fn pass(&mut self) -> String {
        let mut said = String::new();
        for line in &mut self.lines {
            let line = line.unwrap();
            if line.starts_with("watching ") {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
        panic!("it ended: {said}");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill().is_err();
        let _code = self.child.wait().is_err();
    }
}

#[test]
fn regenerates_when_a_source_changes() {
    let project = Project::new("watched", &[("src/lib.rs", CHAT)]);
    let target = project.target();
    let mut watching = Watching::start(&project, &["watch", "--target-dir", &target]);
    let said = watching.pass();
    assert!(said.ends_with("5 files changed, 0 up to date\n"), "{said}");

    project.write("src/lib.rs", &CHAT.replace("Says something", "Says a word"));
    let said = watching.pass();
    assert!(said.starts_with("src/lib.rs changed\n"), "{said}");
    assert!(said.ends_with("2 files changed, 3 up to date\n"), "{said}");
    assert!(project.read("generated-ts/chat.ts").contains("Says a word"));

    project.write("src/lib.rs", "broken");
    let said = watching.pass();
    assert!(said.contains("error: your crates do not compile"), "{said}");
    assert!(project.read("generated-ts/chat.ts").contains("Says a word"));

    // A file that was not there before counts too.
    project.write("src/lib.rs", "pub mod chat;\n");
    let said = watching.pass();
    assert!(said.contains("file not found for module `chat`"), "{said}");
    project.write("src/chat.rs", CHAT);
    let said = watching.pass();
    assert!(said.starts_with("src/chat.rs changed\n"), "{said}");
    assert!(
        project
            .read("generated-ts/chat.ts")
            .contains("watched::chat::Chat")
    );

    project.write("socket.toml", "emit = \"js\"\n");
    let said = watching.pass();
    assert!(said.starts_with("socket.toml changed\n"), "{said}");
    assert!(
        project
            .names("generated-ts")
            .contains(&"chat.d.ts".to_owned()),
        "{said}"
    );
}

#[test]
fn what_cannot_be_watched() {
    let project = Project::new("unwatched", &[("src/lib.rs", CHAT)]);
    let run = project.run(&["watch", "--url", "http://127.0.0.1:1/x"]);
    assert_eq!(run.code, 2);
    let expected = "`watch` cannot watch a URL";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    project.write("Cargo.toml", "[package\n");
    assert_eq!(
        project.run(&["watch"]).code,
        2,
        "nothing is known yet that could change"
    );
}
