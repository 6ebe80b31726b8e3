//! What serde does, row by row: the fixture crate holds one type for each, the table the TypeScript
//! that is right for it. The types go through the real program; what serde writes is assigned to
//! the receive type, what the send type allows is given to serde, and what it forbids too.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod objects;
mod table;
mod types;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use table::{Row, rows};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn temporary(path: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(path)
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(output.status.success(), "{stdout}\n{stderr}");
    stdout
}

fn generate(out: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_socket-codegen"));
    succeeds(
        command
            .args(["generate", "--out"])
            .arg(out)
            .current_dir(here("tests/fixtures/serde-cases"))
            .env("CARGO_TARGET_DIR", temporary("cli/target"))
            .env_remove("CARGO_BUILD_TARGET"),
    );
}

/// The program that asks serde.
fn fixture() -> PathBuf {
    let target = temporary("cli/target");
    let mut command = Command::new(env!("CARGO"));
    succeeds(
        command
            .args(["build", "--quiet", "--locked"])
            .current_dir(here("tests/fixtures/serde-cases"))
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("CARGO_BUILD_TARGET"),
    );
    target
        .join("debug/serde-cases")
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// What serde writes, by row.
fn written(fixture: &Path) -> Vec<(String, String)> {
    succeeds(&mut Command::new(fixture))
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(row, text)| (row.to_owned(), text.to_owned()))
        .collect()
}

/// What serde says to each text of the table, in its order: the accepted, then the refused.
fn answers(fixture: &Path) -> Vec<String> {
    let mut child = Command::new(fixture)
        .arg("takes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = String::new();
    for row in rows() {
        for text in row.accepted.iter().chain(row.refused) {
            writeln!(lines, "R{}\t{text}", row.row).unwrap();
        }
    }
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The file that says of every row what is right.
fn statements(written: &[(String, String)]) -> String {
    let mut text = "import type { Commands, Events } from \"./serde-cases.js\";\n\
                    import type * as t from \"./serde-cases.js\";\n\
                    import type * as socket from \"./socket.js\";\n\n\
                    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2\n  \
                    ? true\n  : false;\n\
                    type _Used = [t.R03, socket.Empty];\nexport type { _Used };\n"
        .to_owned();
    for Row {
        row,
        receive,
        send,
        accepted,
        refused,
    } in rows()
    {
        let key = format!("r{row}");
        let send = if send.is_empty() { receive } else { send };
        let (event, param) = (
            format!("Events[\"{key}\"]"),
            format!("Exclude<Commands[\"{key}\"][\"param\"], undefined>"),
        );
        writeln!(text, "\n// Row {row}").unwrap();
        writeln!(
            text,
            "export const {key}_receive: Same<{event}, {receive}> = true;"
        )
        .unwrap();
        writeln!(
            text,
            "export const {key}_reply: Same<Commands[\"{key}\"][\"reply\"], {receive}> = true;"
        )
        .unwrap();
        writeln!(
            text,
            "export const {key}_send: Same<{param}, {send}> = true;"
        )
        .unwrap();
        let of_row = written.iter().filter(|(of, _)| of[1..] == **row);
        for (at, (_, json)) in of_row.enumerate() {
            writeln!(text, "export const {key}_written_{at}: {event} = {json};").unwrap();
        }
        for (at, json) in accepted.iter().enumerate() {
            writeln!(text, "export const {key}_accepted_{at}: {param} = {json};").unwrap();
        }
        for (at, json) in refused.iter().enumerate() {
            writeln!(text, "// @ts-expect-error serde refuses it").unwrap();
            writeln!(text, "export const {key}_refused_{at}: {param} = {json};").unwrap();
        }
    }
    text
}

const FLAGS: &[&str] = &[
    "strict",
    "exactOptionalPropertyTypes",
    "noUncheckedIndexedAccess",
    "noPropertyAccessFromIndexSignature",
    "verbatimModuleSyntax",
    "isolatedModules",
];

/// What each version says; nothing when all is right.
fn compiled(folder: &Path) -> String {
    let mut options = serde_json::json!({
        "target": "es2022", "lib": ["es2022", "dom"], "module": "nodenext", "types": [], "noEmit": true,
    });
    for flag in FLAGS {
        options[flag] = true.into();
    }
    let config = serde_json::json!({ "compilerOptions": options, "include": ["*.ts"] });
    fs::write(folder.join("tsconfig.json"), config.to_string()).unwrap();
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    let mut said = String::new();
    for package in ["typescript-5.0", "typescript", "typescript-7"] {
        let tsc = here("client/node_modules").join(package).join("bin/tsc");
        assert!(tsc.exists(), "run `npm ci` in socket-codegen/client first");
        let output = Command::new("node")
            .arg(tsc)
            .args(["-p", "."])
            .current_dir(folder)
            .output()
            .unwrap();
        if !output.status.success() {
            writeln!(
                said,
                "{package}:\n{}",
                String::from_utf8_lossy(&output.stdout)
            )
            .unwrap();
        }
    }
    said
}

#[test]
fn every_row_says_what_serde_does() {
    let folder = temporary("serde-cases");
    generate(&folder);
    let fixture = fixture();
    let written = written(&fixture);

    let named: BTreeSet<&str> = rows().map(|row| row.row).collect();
    let seen: BTreeSet<&str> = written.iter().map(|(row, _)| &row[1..]).collect();
    assert_eq!(named, seen, "the table and the fixture name the same rows");

    let mut wrong = String::new();
    let mut answers = answers(&fixture).into_iter();
    for row in rows() {
        for text in row.accepted {
            let answer = answers.next().unwrap();
            if answer != "ok" {
                writeln!(wrong, "row {}: serde refuses {text}: {answer}", row.row).unwrap();
            }
        }
        for text in row.refused {
            if answers.next().unwrap() == "ok" {
                writeln!(wrong, "row {}: serde accepts {text}", row.row).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    fs::write(folder.join("rows.ts"), statements(&written)).unwrap();
    let said = compiled(&folder);
    assert!(said.is_empty(), "{said}");
}

/// The largest and smallest integers, from serde through a JavaScript engine that counts with them
/// and back.
#[test]
fn integers_survive_javascript() {
    const SCRIPT: &str = r#"
        const digits = (value) => (/^-?\d+$/.test(value) ? (BigInt(value) + 1n - 1n).toString() : value);
        const revive = (_key, value) => (typeof value === "string" ? digits(value) : value);
        console.log(JSON.stringify(JSON.parse(process.argv[1], revive)));
    "#;
    let fixture = fixture();
    let written = written(&fixture);
    let large = written
        .iter()
        .filter(|(row, _)| row == "R01" || row == "R02");
    let mut seen = 0;
    for (row, text) in large {
        let back = succeeds(Command::new("node").args(["-e", SCRIPT, "--", text]));
        assert_eq!(back.trim(), text, "row {row}");
        seen += 1;
    }
    assert_eq!(seen, 3);
    let limits = [
        u64::MAX.to_string(),
        u128::MAX.to_string(),
        i128::MIN.to_string(),
    ];
    for limit in limits {
        let digits = format!("\"{limit}\"");
        assert!(
            written.iter().any(|(_, text)| text.contains(&digits)),
            "{limit}"
        );
    }
}
