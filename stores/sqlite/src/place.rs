//! Where the database is, what lies beside it, and who may read it.
//!
//! The database itself is never opened here, and never closed: on Unix a process that closes a file loses all its locks on it, those
//! that SQLite holds for another thread among them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tidal_core::{Failure, FailureKind};

use crate::trouble;

/// What SQLite lays beside a database `NAME`: `NAME-wal`, `NAME-shm` and, while it isn't in WAL mode yet, `NAME-journal`.
pub(crate) const COMPANIONS: [&str; 3] = ["-wal", SHARED_MEMORY, "-journal"];
pub(crate) const SHARED_MEMORY: &str = "-shm";

/// `path` as an absolute one.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    if path.file_name().is_none() {
        let message = format!("{:?} names no file to keep accounts in: give the path of a file", path.display().to_string());
        return Err(Failure::new(FailureKind::Store, message));
    }
    std::path::absolute(path).map_err(|error| trouble::io("find", path, &error))
}

/// The file behind a path, symbolic links followed: SQLite lays its files beside that one.
pub(crate) struct Place {
    file: PathBuf,
}

impl Place {
    pub(crate) fn resolve(path: &Path) -> Result<Self, Failure> {
        let file = match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => {
                fs::canonicalize(path).map_err(|error| trouble::io("follow the link to", path, &error))?
            }
            _ => path.to_owned(),
        };
        Ok(Self { file })
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
    }

    pub(crate) fn beside(&self, suffix: impl AsRef<OsStr>) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// Whether there is a file. Anything else is refused before SQLite opens it: to open a pipe would wait for somebody to write.
    pub(crate) fn exists(&self) -> Result<bool, Failure> {
        match fs::metadata(&self.file) {
            Ok(found) if found.is_file() => Ok(true),
            Ok(_) => Err(trouble::say(&self.file, "this is no file", "choose another path")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(trouble::io("look at", &self.file, &error)),
        }
    }

    /// Sees to it that there is a file, if only an empty one, and that it is private.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        if self.exists()? {
            return self.make_private();
        }
        self.make_folder().map_err(|error| trouble::io("make the folder of", &self.file, &error))?;
        self.make_file().map_err(|error| trouble::io("make", &self.file, &error))
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.folder())
    }

    /// Under another name, with mode 0600, and closed again before it is put where others open it.
    fn make_file(&self) -> io::Result<()> {
        let mut prefix = OsString::from(".");
        prefix.push(self.file.file_name().unwrap_or_default());
        prefix.push(".");
        let empty = tempfile::Builder::new().prefix(&prefix).suffix(".tmp").tempfile_in(self.folder())?.into_temp_path();
        match empty.persist_noclobber(&self.file) {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
            _ => Ok(()),
        }
    }

    /// Takes from others the right to read the file and what lies beside it.
    pub(crate) fn make_private(&self) -> Result<(), Failure> {
        let companions = COMPANIONS.map(|suffix| self.beside(suffix));
        for path in companions.iter().chain([&self.file]) {
            make_private(path).map_err(|error| {
                let what = format_args!("keep others from reading {}, and so to use", path.display());
                trouble::io(what, &self.file, &error)
            })?;
        }
        Ok(())
    }

    /// A name for a damaged database that nothing has yet.
    pub(crate) fn aside(&self) -> Self {
        let names = (1_u64..).map(|n| Self { file: self.beside(format!(".damaged-{n}")) });
        let free = |path: &Path| fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        let mut free = names.filter(|name| free(&name.file) && COMPANIONS.iter().all(|suffix| free(&name.beside(suffix))));
        free.next().unwrap_or_else(|| Self { file: self.beside(".damaged") })
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && found.mode() & 0o077 != 0 => {
            match fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
                // Another process that ended took its log along.
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                outcome => outcome,
            }
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
