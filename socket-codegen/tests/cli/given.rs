//! Manifests that are given, in a folder without any Rust.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use crate::project::{Folder, read_here};

const CHAT: &str = "tests/emit/chat/manifest.json";

/// Answers each request with this, on a port of its own.
fn serve(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            // Who has read enough hangs up.
            let _whole = stream.write_all(answer.as_bytes()).is_ok();
        }
    });
    format!("http://{address}/chat.manifest.json")
}

#[test]
fn a_frontend_repository_needs_no_rust() {
    let folder = Folder::new("frontend");
    folder.write("chat.manifest.json", &read_here(CHAT));
    folder.write("socket.toml", "out = \"src/socket\"\n");
    let run = folder.run(&["generate", "--manifest", "chat.manifest.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        folder.read("src/socket/chat.ts"),
        read_here("tests/emit/chat/chat.ts")
    );

    let url = serve("200 OK", read_here(CHAT));
    let run = folder.run(&["check", "--url", &url]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "5 files up to date\n"));
    let url = serve("200 OK", read_here(CHAT).replace("\"ping\"", "\"echo\""));
    let run = folder.run(&["check", "--url", &url]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let fix = format!("\nsocket-codegen generate --url {url}\n");
    assert!(run.stdout.ends_with(&fix), "{}", run.stdout);
}

#[test]
fn validators_are_written_where_they_are_wanted() {
    let folder = Folder::new("validators");
    folder.write("chat.json", &read_here(CHAT));
    let run = folder.run(&["generate", "--manifest", "chat.json", "--validate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names = folder.names("generated-ts");
    assert!(names.contains(&"chat.validate.ts".to_owned()), "{names:?}");
    assert!(
        names.contains(&"socket.validate.ts".to_owned()),
        "{names:?}"
    );
    folder.write("socket.toml", "validate = true\n");
    let run = folder.run(&["check", "--manifest", "chat.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "7 files up to date\n"));
    folder.write("socket.toml", "");
    let run = folder.run(&["generate", "--manifest", "chat.json"]);
    assert!(
        run.stderr.contains("deleted generated-ts/chat.validate.ts"),
        "{}",
        run.stderr
    );
}

#[test]
fn hooks_and_the_mock_server_are_written_where_they_are_wanted() {
    let folder = Folder::new("parts");
    folder.write("chat.json", &read_here(CHAT));
    let manifest = ["--manifest", "chat.json"];
    let run = folder.run(
        &[
            &["generate", "--react", "--testing", "--emit", "js"],
            &manifest[..],
        ]
        .concat(),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names = folder.names("generated-ts");
    for part in ["react", "testing"] {
        for ending in ["js", "d.ts"] {
            let name = format!("socket.{part}.{ending}");
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
    }
    // What mends a stale folder asks for the same.
    let run = folder.run(&[&["check", "--react", "--testing"], &manifest[..]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    let fix = "\nsocket-codegen generate --manifest chat.json --react --testing\n";
    assert!(run.stdout.ends_with(fix), "{}", run.stdout);

    folder.write(
        "socket.toml",
        "emit = \"js\"\nreact = true\ntesting = true\n",
    );
    let run = folder.run(&[&["check"], &manifest[..]].concat());
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "13 files up to date\n")
    );
    folder.write("socket.toml", "emit = \"js\"\nreact = true\n");
    let run = folder.run(&[&["generate"], &manifest[..]].concat());
    let deleted = "deleted generated-ts/socket.testing.js";
    assert!(run.stderr.contains(deleted), "{}", run.stderr);
}

#[test]
fn scripts_stand_alone() {
    let folder = Folder::new("scripts");
    folder.write("chat.json", &read_here(CHAT));
    let run = folder.run(&["generate", "--manifest", "chat.json", "--emit", "iife"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        folder.names("generated-ts"),
        ["chat.iife.js", "chat.manifest.json"]
    );
    folder.write("socket.toml", "emit = \"iife\"\nreact = true\n");
    let run = folder.run(&["check", "--manifest", "chat.json"]);
    let expected = "`react` writes a module, but generated-ts holds plain scripts, which cannot import modules\n  \
                    help: write modules there, emit = \"js\", or turn it off: react = false\n";
    assert_eq!(
        (run.code, run.stderr.contains(expected)),
        (2, true),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_no_manifest_is_refused() {
    let folder = Folder::new("no-manifest");
    let newer = read_here(CHAT).replace("\"format\": 1,", "\"format\": 99,");
    folder.write("newer.json", &newer);
    folder.write("other.json", "{\"name\": \"x\"}");
    folder.write("broken.json", "{\n\n");
    folder.write("folder.json/x", "");
    let missing = serve("404 Not Found", String::new());
    let large = serve("200 OK", " ".repeat(33 * 1024 * 1024));
    for (flag, value, expected) in [
        (
            "--manifest",
            "newer.json",
            "newer.json has format 99, but this program reads formats up to 1\n  help: cargo install socket-codegen",
        ),
        (
            "--manifest",
            "other.json",
            "other.json is not a manifest: the key `format` is missing\n  help: a manifest is what",
        ),
        (
            "--manifest",
            "broken.json",
            "at line 3 column 0\n  --> broken.json:3\n  help: a manifest is what",
        ),
        (
            "--manifest",
            "newr.json",
            "cannot read newr.json: No such file or directory (os error 2)\n  help: did you mean newer.json?",
        ),
        (
            "--manifest",
            "web/nowhere.json",
            "\n  help: name the file that `socket-codegen generate` wrote",
        ),
        (
            "--manifest",
            "folder.json",
            "cannot read folder.json: Is a directory (os error 21)\n  help: folder.json is a folder: name a file",
        ),
        (
            "--url",
            &missing,
            "the server answered with status 404\n  help: look at the answer: curl -i",
        ),
        (
            "--url",
            &large,
            "the answer exceeds the limit of 33554432 bytes for a manifest",
        ),
        ("--url", "ftp://x/y", "cannot get ftp://x/y:"),
        (
            "--url",
            "http://127.0.0.1:1/x",
            "cannot get http://127.0.0.1:1/x:",
        ),
    ] {
        let run = folder.run(&["generate", flag, value]);
        assert_eq!(run.code, 2, "{value}");
        assert!(
            run.stderr.contains(expected),
            "expected {expected:?} in:\n{}",
            run.stderr
        );
    }
    assert_eq!(folder.names("generated-ts"), [""; 0]);
    folder.write("one.json", &read_here(CHAT));
    folder.write("two.json", &read_here(CHAT));
    let run = folder.run(&[
        "generate",
        "--manifest",
        "one.json",
        "--manifest",
        "two.json",
    ]);
    let expected =
        "two of the manifests describe the protocol `chat`\n  help: name only one of them";
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    let run = folder.run(&["generate", "--manifest", "newer.json", "-p", "chat"]);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
}
