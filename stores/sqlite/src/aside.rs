//! Setting a damaged database aside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};
use rusqlite::TransactionBehavior;
use tidal_core::Failure;

use crate::accounts;
use crate::database::Database;
use crate::place::{COMPANIONS, Place, SHARED_MEMORY};
use crate::trouble::{self, Trouble};

/// Renames the database at `place`, with its log, unless another process has done so meanwhile; says what became of it.
///
/// Processes that find it damaged come here one by one, or the last of them would set aside what the first has begun anew.
pub(crate) fn set_aside(place: &Place, why: &str, patience: Duration) -> Failure {
    let path = place.file();
    let moved = lock(place, patience).and_then(|_lock| if is_damaged(place) { rename(place).map(Some) } else { Ok(None) });
    match moved {
        Ok(Some(aside)) => trouble::say(
            path,
            format_args!("this file is damaged ({why}), and is kept as {}", aside.display()),
            "a new one is begun at the next use: sign in again, or mend the kept one and put it back",
        ),
        Ok(None) => trouble::say(path, format_args!("this file was damaged ({why}), and isn't any more"), "try again"),
        Err(error) => trouble::say(
            path,
            format_args!("this file is damaged ({why}), and could not be set aside ({error})"),
            "move it away, or choose another path",
        ),
    }
}

/// Held while the file lives.
fn lock(place: &Place, patience: Duration) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(place.beside(".lock"))?;
    let begun = Instant::now();
    loop {
        match FileExt::try_lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < patience => thread::sleep(Duration::from_millis(2)),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(ErrorKind::WouldBlock, "another process is at it and doesn't end"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn is_damaged(place: &Place) -> bool {
    let found = Database::open(place, Duration::ZERO).and_then(|mut database| {
        if database.is_new() {
            return Ok(());
        }
        database.run(TransactionBehavior::Deferred, |db| accounts::list(db).map(drop))
    });
    matches!(found, Err(Trouble::Damaged(_)))
}

/// The log goes first: a file without its log may be mended, a log without its file would be taken for that of the next one. What
/// holds nothing is removed: an empty log, and the shared memory, which is made anew from the log.
fn rename(place: &Place) -> io::Result<PathBuf> {
    let aside = place.aside();
    for suffix in COMPANIONS {
        let from = place.beside(suffix);
        let moved = match fs::metadata(&from) {
            Ok(found) if suffix == SHARED_MEMORY || found.len() == 0 => fs::remove_file(&from),
            Ok(_) => fs::rename(&from, aside.beside(suffix)),
            Err(error) => Err(error),
        };
        match moved {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(place.file(), aside.file())?;
    Ok(Path::to_owned(aside.file()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_another_process_began_anew_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts");
        let place = Place::resolve(&path).unwrap();
        place.make().unwrap();
        for version in 0..2 {
            let failure = set_aside(&place, "zeros", Duration::ZERO);
            assert!(failure.message().contains("isn't any more; try again"), "{version}: {failure}");
            Database::open(&place, Duration::ZERO).unwrap().bring_up_to_date().unwrap();
        }
        fs::write(&path, [0; 600]).unwrap();
        assert!(set_aside(&place, "zeros", Duration::ZERO).message().contains("is kept as"));
    }

    #[test]
    fn a_hung_process_is_not_waited_for_forever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts");
        fs::write(&path, [0; 600]).unwrap();
        let place = Place::resolve(&path).unwrap();
        let _held = lock(&place, Duration::ZERO).unwrap();
        let failure = set_aside(&place, "zeros", Duration::ZERO);
        assert!(failure.message().contains("could not be set aside (another process"), "{failure}");
        assert!(path.exists());
    }
}
