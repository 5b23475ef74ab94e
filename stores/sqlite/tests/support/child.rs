//! Other processes: the test's own program, run again in another role.
//!
//! A test target that uses this has a test named `child`, which does nothing unless it is told a role.
#![allow(dead_code)] // each test target uses its part

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROLE: &str = "TIDAL_STORE_TEST_ROLE";
const FILE: &str = "TIDAL_STORE_TEST_FILE";

/// Runs this program as a child in `role`, with the store at `file`, after the shell has run `setup`.
pub(crate) fn command(role: &str, file: &Path, setup: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{setup}\nexec \"$0\" \"$@\"")).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role).env(FILE, file).current_dir("/");
    command
}

/// In a child: its role and the path of the store.
pub(crate) fn role() -> Option<(String, PathBuf)> {
    Some((std::env::var(ROLE).ok()?, std::env::var_os(FILE)?.into()))
}

/// In a child: tells the parent a word. Past the test harness, which would hold it back.
pub(crate) fn tell(word: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\ntold {word}").and_then(|()| out.flush()).unwrap();
}

/// In the parent: the word in a line of the child's output, if it is one of [`tell`].
pub(crate) fn told(line: &str) -> Option<&str> {
    line.strip_prefix("told ")
}
