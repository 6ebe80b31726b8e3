//! Where the old manifest comes from, and what is said where there is none.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::breaking::baseline;
use serde_json::json;

use crate::tests::breaking::support::manifest;

/// A folder of its own for each test, empty, inside no repository.
fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("socket-breaking-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("client dir")).unwrap();
    folder
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@t.t"]);
    let done = git.args(arguments).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn document(docs: &str) -> Vec<u8> {
    serde_json::to_vec(&manifest(&json!({ "docs": docs }))).unwrap()
}

#[test]
fn a_revision_holds_the_manifest_as_it_was() {
    let folder = folder("revision");
    let file = folder.join("client dir/chat.json");
    git(&folder, &["init", "-q", "-b", "main"]);
    fs::write(&file, document("old")).unwrap();
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    fs::write(&file, document("new")).unwrap();
    assert_eq!(baseline::load("git:main", &file).unwrap().docs, "old");
    assert_eq!(
        baseline::load(file.to_str().unwrap(), Path::new("x"))
            .unwrap()
            .docs,
        "new"
    );
    let other = format!("git:HEAD:{}", file.display());
    assert_eq!(baseline::load(&other, Path::new("x")).unwrap().docs, "old");
    // The folder is gone since; the revision still has it.
    fs::remove_dir_all(folder.join("client dir")).unwrap();
    assert_eq!(baseline::load("git:main", &file).unwrap().docs, "old");

    let error = |against: &str, path: &Path| baseline::load(against, path).unwrap_err().to_string();
    assert_eq!(
        error("git:nowhere", &file),
        "unknown revision `nowhere` in this repository (in a shallow clone, fetch it first)"
    );
    assert_eq!(
        error("git:--help", &file),
        "unknown revision `--help` in this repository (in a shallow clone, fetch it first)"
    );
    assert_eq!(
        error("git:main", &folder.join("none.json")),
        "revision `main` lacks the file `none.json`"
    );
    assert_eq!(
        error("git:", &file),
        "`git:` lacks a revision: write git:REV or git:REV:PATH, such as git:origin/main"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_no_manifest_is_refused() {
    let folder = folder("refused");
    let file = folder.join("chat.json");
    let error = |text: &str| {
        fs::write(&file, text).unwrap();
        let message = baseline::read(&file).unwrap_err().to_string();
        message.replace(&file.display().to_string(), "FILE")
    };
    assert_eq!(
        error("{"),
        "FILE is not a manifest: EOF while parsing an object at line 1 column 1"
    );
    assert_eq!(
        error("{}"),
        "FILE is not a manifest: the key `format` is missing"
    );
    assert_eq!(
        error("{\"format\": 99, \"other\": 1}"),
        "FILE has format 99, but this program reads formats up to 1: update it"
    );
    assert_eq!(
        error("{\"format\": 1}"),
        "FILE is not a manifest: missing field `protocol`"
    );
    let message = baseline::load("git:HEAD", &file).unwrap_err().to_string();
    assert!(
        message.ends_with(" is outside of any git repository"),
        "{message}"
    );
    let message = baseline::load("none.json", &file).unwrap_err().to_string();
    assert!(message.starts_with("cannot read none.json: "), "{message}");
    fs::remove_dir_all(folder).unwrap();
}
