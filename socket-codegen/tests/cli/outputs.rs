//! Several folders from one build.

use std::path::Path;
use std::process::Command;

use crate::project::{CHAT, Project};

#[test]
fn one_build_writes_several_folders() {
    let project = Project::new(
        "several",
        &[
            ("src/lib.rs", CHAT),
            ("game/src/lib.rs", &CHAT.replace("\"chat\"", "\"game\"")),
        ],
    );
    project.workspace_of("several", &["game"]);
    project.member_manifest("game", "");
    project.write(
        "socket.toml",
        "[[output]]\npackages = [\"several\"]\nout = \"web/ts\"\n\n\
         [[output]]\npackages = [\"several\"]\nout = \"web/js\"\nemit = \"js\"\n\n\
         [[output]]\nout = \"all\"\n",
    );
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ts = [
        "chat.manifest.json",
        "chat.ts",
        "index.ts",
        "socket.names.ts",
        "socket.ts",
    ];
    assert_eq!(project.names("web/ts"), ts);
    let js = ["chat.d.ts", "chat.js", "chat.manifest.json"];
    assert_eq!(project.names("web/js")[..3], js);
    let all = [
        "chat.manifest.json",
        "chat.ts",
        "game.manifest.json",
        "game.ts",
    ];
    assert_eq!(project.names("all")[..4], all);
    assert!(
        run.stderr.ends_with("21 files changed, 0 up to date\n"),
        "{}",
        run.stderr
    );
    let run = project.run(&["check"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "21 files up to date\n")
    );

    // A flag has to say which output it means; a folder of `socket.toml` brings its settings.
    let run = project.run(&["check", "-p", "game"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("socket.toml has 3 outputs, and the flags match all of them\n  help: add one of: --out web/ts, --out web/js, --out all"),
        "{}",
        run.stderr
    );
    let run = project.run(&["check", "--out", "web/js"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "9 files up to date\n"));
    let run = project.run(&["generate", "--out", "elsewhere", "-p", "game"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        project.names("elsewhere")[..2],
        ["game.manifest.json", "game.ts"]
    );

    // Everything is refused together, and nothing is written.
    project.write("web/js/chat.ts", "mine");
    project.write("web/js/index.js", "mine");
    project.write("src/lib.rs", &CHAT.replace("Say { text", "Shout { text"));
    let run = project.run(&["generate"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("web/js/index.js, so it stays as it is"),
        "{}",
        run.stderr
    );
    assert!(project.read("web/ts/chat.ts").contains("\"say\""));
}

/// What stands in `generated-ts` is what this workspace's definitions give.
#[test]
fn this_workspace_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Into the target directory of this build, where the dependencies are compiled already.
    let output = Command::new(env!("CARGO_BIN_EXE_socket-codegen"))
        .arg("check")
        .current_dir(root)
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (diff, rest) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{diff}\n{rest}");
}
