//! Reading the file, and setting it aside where it is damaged.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use tidal_core::Failure;
use tidal_store_memory::Table;
use zeroize::Zeroizing;

use crate::format::{self, Unreadable, VERSION};
use crate::lock::Lock;
use crate::place::Place;
use crate::trouble;

/// Larger than any file of this store, in bytes.
const LIMIT: u64 = 64 << 20;

/// What is stored; nothing, if there is no file. Only who holds the lock sets a damaged file aside.
pub(crate) fn load(place: &Place, lock: Result<&Lock, &Failure>) -> Result<Table, Failure> {
    let path = place.file();
    let Some(text) = read(path)? else { return Ok(Table::default()) };
    format::decode(&text).map_err(|unreadable| match unreadable {
        Unreadable::Foreign => {
            trouble::say(path, "this file isn't one of accounts", "it is left as it is: choose another path")
        }
        Unreadable::Newer(version) => trouble::say(
            path,
            format_args!("this file has version {version}, and this release reads versions up to {VERSION}"),
            "it is left as it is: update this program, or choose another path",
        ),
        Unreadable::Damaged(why) => set_aside(place, &why, lock),
    })
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(trouble::io("read", path, &error)),
    };
    let length = file.metadata().map_err(|error| trouble::io("read", path, &error))?.len();
    if length > LIMIT {
        return Err(trouble::say(path, "this file is too large to be one of accounts", "choose another path"));
    }
    make_private(&file).map_err(|error| trouble::io("keep others from reading", path, &error))?;
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0)));
    file.take(LIMIT).read_to_end(&mut text).map_err(|error| trouble::io("read", path, &error))?;
    Ok(Some(text))
}

#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    if file.metadata()?.mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

fn set_aside(place: &Place, why: &str, lock: Result<&Lock, &Failure>) -> Failure {
    let path = place.file();
    let moved = lock.map_err(ToString::to_string).and_then(|_| {
        let aside = place.aside();
        fs::rename(path, &aside).map(|()| aside).map_err(|error| error.to_string())
    });
    match moved {
        Ok(aside) => trouble::say(
            path,
            format_args!("this file is damaged ({why}), and is kept as {}", aside.display()),
            "a new one is begun at the next use: sign in again, or mend the kept one and put it back",
        ),
        Err(error) => trouble::say(
            path,
            format_args!("this file is damaged ({why}), and could not be set aside ({error})"),
            "move it away, or choose another path",
        ),
    }
}
