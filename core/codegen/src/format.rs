//! Formatting, by `rustfmt`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::fault::{Fault, Result};

/// The text as `rustfmt` writes it with the configuration in `root`.
pub(crate) fn format(root: &Path, name: &str, text: &str) -> Result<String> {
    let fault = |why: String| Fault::new(name, why);
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--emit", "stdout", "--quiet", "--config-path"]).arg(root);
    rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = rustfmt.spawn().map_err(|e| fault(format!("rustfmt can't be run: {e}")))?;
    if let Some(mut input) = child.stdin.take() {
        // What rustfmt refuses it says itself.
        let _ = input.write_all(text.as_bytes());
    }
    let output = child.wait_with_output().map_err(|e| fault(format!("rustfmt: {e}")))?;
    if !output.status.success() {
        return Err(fault(format!("rustfmt: {}", String::from_utf8_lossy(&output.stderr))));
    }
    String::from_utf8(output.stdout).map_err(|_| fault("rustfmt wrote no UTF-8".to_owned()))
}
