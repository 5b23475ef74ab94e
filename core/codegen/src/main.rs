//! `cargo run -p tidal-codegen -- DOCUMENT [--check]`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use tidal_codegen::{Generated, Tables, differences, generate, store};

const USAGE: &str = "usage: tidal-codegen DOCUMENT [--check]\n\nWrites the sources that are generated from the OpenAPI document; with --check, only says where they differ.";

fn main() -> ExitCode {
    let (mut document, mut check) = (None, false);
    for argument in std::env::args_os().skip(1) {
        match argument.to_str() {
            Some("--check") => check = true,
            Some("--help" | "-h") => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            _ if document.is_none() => document = Some(PathBuf::from(argument)),
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let Some(document) = document else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&document, check) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as generated in the end.
fn run(document: &Path, check: bool) -> Result<bool, String> {
    let text = std::fs::read(document).map_err(|e| format!("{}: {e}", document.display()))?;
    let value: Value = serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", document.display()))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tables = Tables::ours().map_err(|fault| fault.to_string())?;
    let Generated { files, warnings } =
        generate(&value, &tables, &root).map_err(|fault| format!("{}: {fault}", document.display()))?;
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
    let differing = differences(&root, &files).map_err(|e| e.to_string())?;
    if check {
        for path in &differing {
            eprintln!("{path} differs");
        }
        return Ok(differing.is_empty());
    }
    store(&root, &files, &differing).map_err(|e| e.to_string())?;
    println!("{} files, {} of them changed", files.len(), differing.len());
    Ok(true)
}
