//! Whole workspaces as people have them. Elsewhere: several crates (`outputs`), crates that nobody
//! names and features (`main`), two versions of the runtime (`guards`), `[patch]` (`init`), paths with
//! spaces (`main`).

use std::process::Command;

use crate::project::{CHAT, Project, Run, command_in, protocol_folder};

/// Runs the program as a shell would, without what the cargo of these tests hands down.
fn run_as_from_a_shell(project: &Project, arguments: &[&str], with: &[(&str, &str)]) -> Run {
    let mut command = command_in(&project.root, arguments);
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTC", "RUSTDOC"] {
        command.env_remove(name);
    }
    let output = command.envs(with.iter().copied()).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_protocol_in_a_private_module() {
    let indented = format!("mod wire {{\n    mod inner {{\n{CHAT}\n    }}\n}}\n");
    let project = Project::new("private", &[("src/lib.rs", &indented)]);
    let run = project.run(&["generate"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let chat = project.read("generated-ts/chat.ts");
    assert!(
        chat.contains("Rust: `private::wire::inner::Command`"),
        "{chat}"
    );
}

#[test]
fn a_dependency_by_another_name() {
    let source = CHAT.replace("socket_protocol", "wire");
    let project = Project::new("renamed", &[("src/lib.rs", &source)]);
    project.write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"renamed\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nwire = {{ package = \"socket-protocol\", path = '{}' }}\n",
            protocol_folder()
        ),
    );
    let run = project.run(&["generate"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let run = project.run(&["init"]);
    let test = project.read("tests/socket_codegen.rs");
    assert!(test.contains("    wire::manifest::assert_fresh("), "{test}");
    assert!(
        run.stdout.contains("cargo add --dev socket-protocol "),
        "{}",
        run.stdout
    );
}

#[test]
fn a_workspace_that_builds_for_another_machine() {
    let project = Project::new("frontend-in-wasm", &[("src/lib.rs", CHAT)]);
    project.write(
        ".cargo/config.toml",
        "[build]\ntarget = \"wasm32-unknown-unknown\"\n",
    );
    // The program that describes it runs on this one; wasm need not even be installed.
    let run = project.run(&["generate"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let run = project.run(&["check"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_toolchain_file_chooses_the_compiler() {
    // rustup tells the compiler by which name it was chosen. Only the file says it as a path.
    let source = format!(
        "{CHAT}\nconst CHOSEN: &[u8] = env!(\"RUSTUP_TOOLCHAIN\").as_bytes();\n\
         const _: () = assert!(CHOSEN[0] == b'/', \"chosen by default\");\n"
    );
    let project = Project::new("toolchain", &[("src/lib.rs", &source)]);
    let run = run_as_from_a_shell(&project, &["generate"], &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("chosen by default"), "{}", run.stderr);

    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = String::from_utf8(sysroot.unwrap().stdout).unwrap();
    project.write(
        "rust-toolchain.toml",
        &format!("[toolchain]\npath = '{}'\n", sysroot.trim()),
    );
    let run = run_as_from_a_shell(&project, &["generate"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

#[test]
fn a_machine_without_a_network() {
    // Nobody listens behind this proxy: whatever goes out fails.
    let offline = [
        ("CARGO_NET_OFFLINE", "true"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
    ];
    let project = Project::new("offline", &[("src/lib.rs", CHAT)]);
    let run = run_as_from_a_shell(&project, &["generate"], &offline);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);

    // What is missing is named, and nobody is told that their code does not compile.
    project.manifest("offline", "never-downloaded-by-anyone = \"1\"\n", "");
    let run = run_as_from_a_shell(&project, &["check"], &offline);
    assert_eq!(run.code, 2);
    for said in ["never-downloaded-by-anyone", "help: ", "cargo fetch"] {
        assert!(run.stderr.contains(said), "{said}:\n{}", run.stderr);
    }
    assert!(!run.stderr.contains("do not compile"), "{}", run.stderr);
}
