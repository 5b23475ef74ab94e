//! What is said when the file can't be used: the path, what happened, what to do.

use std::fmt::Display;
use std::io::{Error, ErrorKind};
use std::path::Path;

use tidal_core::{Failure, FailureKind};

/// `path` can't be `done` to (`read`, `write`, …).
pub(crate) fn io(done: impl Display, path: &Path, error: &Error) -> Failure {
    let advice = match error.kind() {
        ErrorKind::PermissionDenied => "give this user the right to read and write there, or choose another path",
        ErrorKind::ReadOnlyFilesystem => "choose a path on a file system that can be written to",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "make room there, or choose a path on another disk"
        }
        ErrorKind::Unsupported => "choose a path on a local disk",
        _ => "check this path, or choose another one",
    };
    say(path, format_args!("can't {done} it ({error})"), advice)
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
