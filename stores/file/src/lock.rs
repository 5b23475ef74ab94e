//! The lock that keeps processes, and threads of one process, apart.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use fs4::{FileExt, TryLockError};
use tidal_core::Failure;

use crate::place::Place;
use crate::trouble;

/// Held while it lives. The system ends it when its process ends, however it ends.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of `place`, for about `patience` at most.
    pub(crate) fn take(place: &Place, patience: Duration) -> Result<Self, Failure> {
        let path = place.lock();
        let trouble = |error| trouble::io(format_args!("use {} to lock", path.display()), place.file(), &error);
        loop {
            let Some(file) = open(&path).and_then(|file| wait(file, patience)).map_err(trouble)? else {
                let what = format_args!("another process has held the lock {} for {patience:?}", path.display());
                return Err(trouble::locked(place.file(), what));
            };
            if still_at(&path, &file).map_err(trouble)? {
                return Ok(Self { _file: file });
            }
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The file, locked, or nothing if that took too long.
///
/// The system's own queue of waiters is fair, but knows no time limit. So where the lock isn't free, a thread stands in the queue; if
/// it comes too late, nobody receives what it got, and the lock is let go at once.
fn wait(file: File, patience: Duration) -> io::Result<Option<File>> {
    match FileExt::try_lock(&file) {
        Ok(()) => return Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let (give, take) = mpsc::sync_channel(0);
    thread::Builder::new().name("tidal-store-lock".to_owned()).spawn(move || {
        let locked = loop {
            match FileExt::lock(&file) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome.map(|()| file),
            }
        };
        let _ = give.send(locked);
    })?;
    take.recv_timeout(patience).ok().transpose()
}

/// Whether `path` still leads to `file`: somebody may have removed it, and then a lock on it keeps nobody out.
#[cfg(unix)]
fn still_at(path: &Path, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok(there.dev() == ours.dev() && there.ino() == ours.ino()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere a file that is open can't be removed by others.
#[cfg(not(unix))]
fn still_at(path: &Path, _: &File) -> io::Result<bool> {
    fs::exists(path)
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_lock_whose_file_was_removed_or_replaced_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = open(&path).unwrap();
        assert!(still_at(&path, &file).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!still_at(&path, &file).unwrap());
        let _other = open(&path).unwrap();
        assert!(!still_at(&path, &file).unwrap());
    }
}
