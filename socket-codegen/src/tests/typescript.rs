//! Everything that is emitted, through `tsc` of the oldest, the present and the newest TypeScript
//! under every strict flag that each of them knows.

use std::fs;
use std::process::Command;

use crate::emit::{Emit, Part, emit};
use crate::output::File;
use crate::tests::{Scratch, here};
use crate::validate;
use socket_protocol::manifest::Manifest;

/// The manifests of all cases that can be emitted.
fn manifests() -> Vec<Manifest> {
    let mut manifests: Vec<Manifest> = fs::read_dir(here("tests/emit"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|case| !case.join("errors.txt").exists())
        .map(|case| {
            serde_json::from_str(&fs::read_to_string(case.join("manifest.json")).unwrap()).unwrap()
        })
        .collect();
    manifests.sort_by(|a, b| a.protocol.cmp(&b.protocol));
    manifests
}

/// All that can be written for them, the validators, the hooks and the mock server too.
fn everything(form: Emit) -> Vec<File> {
    let manifests = manifests();
    let mut files = emit(&manifests, form, &|_| None).unwrap();
    files.extend(validate::files(&manifests, form));
    files.extend(Part::React.files(form));
    files.extend(Part::Testing.files(form));
    files
}

const FLAGS: &[&str] = &[
    "strict",
    "exactOptionalPropertyTypes",
    "noUncheckedIndexedAccess",
    "noPropertyAccessFromIndexSignature",
    "noImplicitOverride",
    "noImplicitReturns",
    "noFallthroughCasesInSwitch",
    "noUnusedLocals",
    "noUnusedParameters",
    "verbatimModuleSyntax",
    "isolatedModules",
];
/// Those that TypeScript 5.0 does not know.
const LATER_FLAGS: &[&str] = &["isolatedDeclarations", "erasableSyntaxOnly"];

fn tsc(package: &str, name: &str, files: &[File], flags: &[&str]) {
    let tsc = here("client/node_modules").join(package).join("bin/tsc");
    assert!(
        tsc.exists(),
        "TypeScript is not installed: run `npm ci` in socket-codegen/client first"
    );
    let scratch = Scratch::new(&format!("typescript-{name}"));
    let folder = &scratch.0;
    for file in files {
        fs::write(folder.join(&file.name), &file.text).unwrap();
    }
    let mut options = serde_json::json!({
        "target": "es2022", "lib": ["es2022", "dom"], "module": "nodenext", "types": [],
        "declaration": true, "outDir": "out", "skipLibCheck": false,
        // What a user has installed.
        "paths": { "react": [here("client/node_modules/@types/react/index.d.ts")] },
    });
    for flag in flags {
        options[flag] = true.into();
    }
    let config = serde_json::json!({ "compilerOptions": options, "include": ["*.ts"] });
    fs::write(folder.join("tsconfig.json"), config.to_string()).unwrap();
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    let output = Command::new("node")
        .arg(&tsc)
        .args(["-p", "."])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{name}:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn compiles_under_typescript_5_0() {
    let files = everything(Emit::Ts);
    tsc("typescript-5.0", "5.0", &files, FLAGS);
}

#[test]
fn compiles_under_typescript_5_9() {
    let files = everything(Emit::Ts);
    tsc("typescript", "5.9", &files, &[FLAGS, LATER_FLAGS].concat());
}

#[test]
fn compiles_under_typescript_7() {
    let files = everything(Emit::Ts);
    tsc("typescript-7", "7", &files, &[FLAGS, LATER_FLAGS].concat());
}

/// The JavaScript and the declarations beside it are what TypeScript makes of the same protocol.
#[test]
fn the_declarations_of_the_javascript_form_compile() {
    let mut files = everything(Emit::Js);
    files.push(File {
        name: "use.ts".to_owned(),
        text: "import { chat } from \"./index.js\";\nexport const name: \"chat\" | string = chat.protocol.id.name;\n".to_owned(),
    });
    tsc("typescript", "js", &files, FLAGS);
}

/// The script form of each protocol runs, and leaves one global with the values of the modules.
#[test]
fn the_scripts_run() {
    let folder = Scratch::new("scripts");
    for manifest in manifests() {
        let files = emit(std::slice::from_ref(&manifest), Emit::Iife, &|_| None).unwrap();
        let name = format!("{}.iife.js", manifest.protocol);
        let script = files.iter().find(|file| file.name == name).unwrap();
        let path = folder.0.join(&name);
        fs::write(&path, &script.text).unwrap();
        let modules = emit(std::slice::from_ref(&manifest), Emit::Js, &|_| None).unwrap();
        let module = modules
            .iter()
            .find(|file| file.name == format!("{}.js", manifest.protocol))
            .unwrap();
        let constants: Vec<&str> = module
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("export const ")?.split(' ').next())
            .collect();
        let test = "const vm = require('node:vm'), fs = require('node:fs');
            const page = vm.createContext({ URL, TextEncoder, setTimeout, clearTimeout });
            vm.runInContext(fs.readFileSync(process.argv[1], 'utf8'), page);
            const [name, ...others] = Object.keys(page).slice(4);
            const found = Object.keys(page[name]);
            const missing = [...process.argv.slice(2), 'channelName', 'messages', 'SocketError']
              .filter((wanted) => !found.includes(wanted));
            if (others.length > 0 || missing.length > 0) throw new Error(`${name}: ${others} ${missing}`);
            const socket = new page[name].Socket({ url: 'ws://x', connect: false });
            if (socket.state.status !== 'idle') throw new Error(socket.state.status);";
        let output = Command::new("node")
            .args(["-e", test])
            .arg(&path)
            .args(&constants)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// `bigint`s cross the wire as text in the script form too, and what is none is told.
#[test]
fn a_script_reads_and_writes_bigints() {
    let manifests = manifests();
    let manifest = manifests.iter().find(|one| one.protocol == "integers");
    let files = emit(&[manifest.unwrap().clone()], Emit::Iife, &|_| None).unwrap();
    let name = "integers.iife.js";
    let script = files.iter().find(|file| file.name == name).unwrap();
    let folder = Scratch::new("bigint");
    let path = folder.0.join("bigint.iife.js");
    fs::write(&path, &script.text).unwrap();
    let test = "const vm = require('node:vm'), fs = require('node:fs'), assert = require('node:assert');
        const page = vm.createContext({ URL, TextEncoder, AbortController, setTimeout, clearTimeout });
        vm.runInContext(fs.readFileSync(process.argv[1], 'utf8'), page);
        const { Socket, SocketError } = page.Integers, sent = [], counts = [], errors = [];
        const WebSocket = class {
          bufferedAmount = 0;
          constructor() { page.ws = this; }
          send(text) { sent.push(text); }
          close() {}
        };
        const onError = (source, message, error) => errors.push([source, message, error]);
        const socket = new Socket({ url: 'ws://x', WebSocket, onError });
        socket.on('counted', ({ count }) => counts.push(count));
        const says = (frame) => page.ws.onmessage({ data: JSON.stringify(frame) });
        setImmediate(async () => {
          page.ws.onopen();
          says({ re: 1, param: { connection: 'c' } });
          const sum = socket.call({ cmd: 'add', param: { a: 2n ** 60n, b: null } });
          assert.match(sent[1], /\"param\":{\"a\":\"1152921504606846976\",\"b\":null}/);
          says({ re: 2, param: { sum: '18446744073709551615' } });
          says({ cmd: 'counted', param: { count: '9' } });
          says({ cmd: 'counted', param: { count: 'nine' } });
          assert.equal((await sum).sum, 2n ** 64n - 1n);
          assert.deepEqual(counts, [9n]);
          assert.equal(errors.length, 1);
          assert.equal(errors[0][0], 'message');
          assert.match(errors[0][1], /^event counted: .*is not an integer as text/);
          assert.ok(errors[0][2] instanceof SocketError);
          process.exit();
        });";
    let output = Command::new("node").args(["-e", test]).arg(&path).output();
    let output = output.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

#[test]
fn nothing_that_is_emitted_is_any() {
    let unwanted = ["any;", "any[", ": any", "<any", "@ts-", "enum "];
    for file in everything(Emit::Ts) {
        let ours = !file.name.starts_with("socket.") && file.name.ends_with(".ts");
        for line in file
            .text
            .lines()
            .filter(|line| ours && !line.trim_start().starts_with(['*', '/']))
        {
            assert!(
                !unwanted.iter().any(|word| line.contains(word)),
                "{}: {line}",
                file.name
            );
        }
    }
}
