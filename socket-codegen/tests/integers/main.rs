//! Integers of 64 bits and more, and what JSON has no number for, through the generated client in a
//! real JavaScript engine and a real server, and back.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn temporary(path: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(path)
}

const FIXTURE: &str = "tests/fixtures/integers";

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn generate(form: &str, out: &Path) {
    succeeds(
        Command::new(env!("CARGO_BIN_EXE_socket-codegen"))
            .args(["generate", "--validate", "--emit", form, "--out"])
            .arg(out)
            .current_dir(here(FIXTURE))
            .env("CARGO_TARGET_DIR", temporary("cli/target"))
            .env_remove("CARGO_BUILD_TARGET"),
    );
}

/// The server, which ends with the test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let target = temporary("cli/target");
        succeeds(
            Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--locked"])
                .current_dir(here(FIXTURE))
                .env("CARGO_TARGET_DIR", &target)
                .env_remove("CARGO_BUILD_TARGET"),
        );
        let program = target
            .join("debug/integers")
            .with_extension(std::env::consts::EXE_EXTENSION);
        let mut child = Command::new(program)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        Self {
            child,
            url: url.trim().to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_integer_comes_back_as_it_was_sent() {
    let folder = temporary("integers/js");
    generate("js", &folder);
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    let server = Server::start();
    // By fields and types, and by whole protocols.
    for script in ["run.mjs", "whole.mjs"] {
        succeeds(
            Command::new("node")
                .arg(here("tests/integers").join(script))
                .arg(&folder)
                .arg(&server.url),
        );
    }
}

#[test]
fn programs_see_what_the_types_say() {
    let folder = temporary("integers/ts");
    generate("ts", &folder);
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    fs::copy(here("tests/integers/use.ts"), folder.join("use.ts")).unwrap();
    let options = serde_json::json!({
        "target": "es2022", "lib": ["es2022", "dom"], "module": "nodenext", "types": [], "noEmit": true,
        "strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true,
        "noPropertyAccessFromIndexSignature": true, "noUnusedLocals": true, "verbatimModuleSyntax": true,
        "isolatedModules": true,
    });
    let config = serde_json::json!({ "compilerOptions": options, "include": ["*.ts"] });
    fs::write(folder.join("tsconfig.json"), config.to_string()).unwrap();
    for package in ["typescript-5.0", "typescript", "typescript-7"] {
        let tsc = here("client/node_modules").join(package).join("bin/tsc");
        succeeds(
            Command::new("node")
                .arg(tsc)
                .args(["-p", "."])
                .current_dir(&folder),
        );
    }
}
