//! The generated files where they lie.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::OWNED;

/// The files below `root` that differ from what was generated, are missing, or are no longer generated.
///
/// # Errors
/// If a folder or file can't be read.
pub fn differences(root: &Path, files: &BTreeMap<String, String>) -> io::Result<BTreeSet<String>> {
    let mut differing = BTreeSet::new();
    for (path, text) in files {
        match std::fs::read_to_string(root.join(path)) {
            Ok(known) if known == *text => {}
            Ok(_) => {
                differing.insert(path.clone());
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                differing.insert(path.clone());
            }
            Err(e) => return Err(e),
        }
    }
    for owned in OWNED {
        stale(root, owned, files, &mut differing)?;
    }
    Ok(differing)
}

fn stale(root: &Path, path: &str, files: &BTreeMap<String, String>, differing: &mut BTreeSet<String>) -> io::Result<()> {
    let place = root.join(path);
    if place.is_dir() {
        for entry in std::fs::read_dir(place)? {
            stale(root, &format!("{path}/{}", entry?.file_name().to_string_lossy()), files, differing)?;
        }
    } else if place.exists() && !files.contains_key(path) {
        differing.insert(path.to_owned());
    }
    Ok(())
}

/// Writes the files that differ, and deletes those that are no longer generated.
///
/// # Errors
/// If a file can't be written or deleted.
pub fn store(root: &Path, files: &BTreeMap<String, String>, differing: &BTreeSet<String>) -> io::Result<()> {
    for path in differing {
        let place = root.join(path);
        match files.get(path) {
            Some(text) => {
                if let Some(folder) = place.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(place, text)?;
            }
            None => std::fs::remove_file(place)?,
        }
    }
    Ok(())
}
