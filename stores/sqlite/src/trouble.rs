//! What is said when the database can't be used: the path, what happened, what to do.
//!
//! SQLite's own messages are left out: what they quote may be a token. Its codes have fixed texts.

use std::fmt::Display;
use std::io;
use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};
use tidal_core::{Failure, FailureKind};

/// Why an operation came to nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The database is damaged; how, but not what stands there.
    Damaged(String),
    /// It is another program's, or of a newer version.
    NotOurs(Failure),
    /// It can't be read or written just now.
    Unusable(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Unusable(failure)
    }
}

/// `path` is in a state that its user has to put right.
pub(crate) fn say(path: &Path, what: impl Display, advice: impl Display) -> Failure {
    Failure::new(FailureKind::Store, text(path, what, advice))
}

/// Somebody else uses `path`, and has done so for as long as is waited for. It isn't broken: sessions try again, and send no refresh token
/// that this one may be renewing.
pub(crate) fn locked(path: &Path, what: impl Display) -> Failure {
    Failure::timeout(text(path, what, "end that process if it hangs, or try again"))
}

fn text(path: &Path, what: impl Display, advice: impl Display) -> String {
    format!("accounts in {}: {what}; {advice}", path.display())
}

/// `path` can't be `done` to (`read`, `make`, …).
pub(crate) fn io(done: impl Display, path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => RIGHTS,
        io::ErrorKind::ReadOnlyFilesystem => "choose a path on a file system that can be written to",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => ROOM,
        io::ErrorKind::Unsupported => "choose a path on a local disk",
        _ => "check this path, or choose another one",
    };
    say(path, format_args!("can't {done} it ({error})"), advice)
}

const RIGHTS: &str = "give this user the right to read and write the file and its folder, or choose another path";
const ROOM: &str = "make room there, or choose a path on another disk";

/// What `error` says of the database at `path`.
pub(crate) fn sql(path: &Path, error: &Error) -> Trouble {
    let Error::SqliteFailure(inner, _) = error else { return conversion(path, error) };
    let text = ffi::code_to_str(inner.extended_code);
    let advice = match inner.code {
        ErrorCode::DatabaseCorrupt => return Trouble::Damaged("its pages don't fit together".to_owned()),
        ErrorCode::NotADatabase => return Trouble::Damaged("its beginning is no database's".to_owned()),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            return Trouble::Unusable(locked(path, format_args!("another process holds its lock ({text})")));
        }
        ErrorCode::DiskFull => ROOM,
        ErrorCode::SystemIoFailure => "make room there if the disk is full, check the disk, or choose a path on another one",
        ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied => RIGHTS,
        _ => "check this path, or choose another one",
    };
    Trouble::Unusable(say(path, format_args!("can't use it ({text}, code {})", inner.extended_code), advice))
}

/// A value that isn't one of those that are stored is damage; anything else isn't expected.
fn conversion(path: &Path, error: &Error) -> Trouble {
    match error {
        Error::InvalidColumnType(_, column, _) => Trouble::Damaged(format!("what stands in {column} doesn't belong there")),
        Error::FromSqlConversionFailure(..) | Error::IntegralValueOutOfRange(..) | Error::Utf8Error(..) => {
            Trouble::Damaged("a value is not what belongs there".to_owned())
        }
        _ => Trouble::Unusable(say(path, "can't use it", "check this path, or choose another one")),
    }
}
