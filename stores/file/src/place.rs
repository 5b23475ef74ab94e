//! Where the file is, and what lies beside it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tidal_core::Failure;

use crate::trouble;

/// The file behind a path, symbolic links followed: two names of one file share its lock, and a link isn't replaced by a file.
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

    /// The file whose lock stands for this one, which can't be locked itself because it is replaced.
    pub(crate) fn lock(&self) -> PathBuf {
        self.beside(".lock")
    }

    /// A name for a damaged file that nothing has yet.
    pub(crate) fn aside(&self) -> PathBuf {
        let names = (1_u64..).map(|n| self.beside(format!(".damaged-{n}")));
        let mut free = names.filter(|path| fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound));
        free.next().unwrap_or_else(|| self.beside(".damaged"))
    }

    /// What the names of temporary files begin with: `.NAME.`, then a word without a dot, then `.tmp`.
    pub(crate) fn temporary_prefix(&self) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(self.file.file_name().unwrap_or_default());
        prefix.push(".");
        prefix
    }

    /// Whether there is a file.
    ///
    /// Anything else is refused before it is opened: to open a pipe would wait for somebody to write to it.
    pub(crate) fn exists(&self) -> Result<bool, Failure> {
        match fs::metadata(&self.file) {
            Ok(found) if found.is_file() => Ok(true),
            Ok(_) => Err(trouble::say(&self.file, "this is no file", "choose another path")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(trouble::io("look at", &self.file, &error)),
        }
    }

    /// Makes the folder if there is none; those that have to be made belong to this user alone.
    pub(crate) fn make_folder(&self) -> Result<(), Failure> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.folder()).map_err(|error| trouble::io("make the folder of", &self.file, &error))
    }

    fn beside(&self, suffix: impl AsRef<OsStr>) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }
}
