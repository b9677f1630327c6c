//! Where a backup is written: aside first, in a folder of its own beside the place that it will
//! have, so that a process that is killed leaves nothing that looks like a backup.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::series::Name;
use super::{BackupError, Manifest, at};

const LOCK: &str = ".masthead-backup.lock";
const ASIDE: &str = ".masthead-backup.partial";

/// The name that the copy will have: in a folder that of the series, else the one that was given.
///
/// # Errors
/// [`BackupError`]: the folder is not there, the name does not end as it must, or is taken.
pub fn target(to: &Path, name: &Name, extension: &'static str) -> Result<PathBuf, BackupError> {
    let path = if to.is_dir() {
        to.join(name.text())
    } else if to.extension().is_some_and(|end| end == extension) {
        to.to_owned()
    } else if to.extension().is_some() && folder_of(to).is_dir() {
        return Err(BackupError::OtherName(extension, to.to_owned()));
    } else {
        // A folder, by its name; one that should be mounted there, say.
        return Err(BackupError::NoFolder(to.to_owned()));
    };
    let folder = folder_of(&path);
    if !folder.is_dir() {
        return Err(BackupError::NoFolder(folder.to_owned()));
    }
    for taken in [
        path.clone(),
        Manifest::beside(&path),
        Manifest::secret_beside(&path),
    ] {
        if taken.exists() {
            return Err(BackupError::Exists(taken));
        }
    }
    Ok(path)
}

pub fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

pub fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// SHA-256 of a file.
///
/// # Errors
/// [`BackupError::File`].
pub fn digest(path: &Path) -> Result<String, BackupError> {
    let mut file = File::open(path).map_err(at(path))?;
    let mut hash = Sha256::new();
    pump(&mut file, &mut io::sink(), &mut hash).map_err(at(path))?;
    Ok(hex::encode(hash.finalize()))
}

/// Copies all that is read, and takes its digest on the way.
///
/// # Errors
/// Those of reading and writing.
pub fn pump(
    from: &mut impl io::Read,
    to: &mut impl io::Write,
    hash: &mut Sha256,
) -> io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut length = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(n) => {
                hash.update(&buffer[..n]);
                to.write_all(&buffer[..n])?;
                length += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A small file, whole.
///
/// # Errors
/// [`BackupError::File`].
pub fn small(path: &Path) -> Result<String, BackupError> {
    let mut text = String::new();
    let file = File::open(path).map_err(at(path))?;
    file.take(4_096)
        .read_to_string(&mut text)
        .map_err(at(path))?;
    Ok(text)
}

/// Opens a file that only its owner reads, new.
///
/// # Errors
/// Those of the system; `AlreadyExists` if it is there.
pub fn create_private(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

/// Opens a file for its owner to write, makes it where it is not there, and locks it; what is in
/// it stays. The lock goes with the file's handle, or with the process however it ends.
///
/// # Errors
/// [`BackupError::UnderWay`], with what is named as `busy`, if another process has the lock; or
/// [`BackupError::File`].
pub fn locked(path: &Path, busy: &Path) -> Result<File, BackupError> {
    let mut options = private();
    options.create(true).truncate(false);
    let file = options.open(path).map_err(at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::UnderWay(busy.to_owned())),
        Err(TryLockError::Error(error)) => Err(BackupError::File(path.to_owned(), error)),
    }
}

/// How a file is opened that only its owner reads.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Makes what happened in a folder outlast a power cut.
///
/// # Errors
/// Those of the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder aside. It is this process's alone as long as it holds the lock; what another one has
/// left in it is rubbish.
#[derive(Debug)]
pub struct Workshop {
    folder: PathBuf,
    aside: PathBuf,
    // Unlocked when it is dropped, or the process ends however it does.
    _lock: File,
}

impl Workshop {
    /// # Errors
    /// [`BackupError::UnderWay`], or [`BackupError::File`].
    pub fn open(target: &Path) -> Result<Self, BackupError> {
        let folder = folder_of(target).to_owned();
        let lock_path = folder.join(LOCK);
        let lock = locked(&lock_path, &folder)?;
        let aside = folder.join(ASIDE);
        discard(&aside).map_err(at(&aside))?;
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(&aside).map_err(at(&aside))?;
        Ok(Self {
            folder,
            aside,
            _lock: lock,
        })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.aside.join(name)
    }

    /// Writes a small file, for its owner only.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), BackupError> {
        let path = self.path(name);
        let write = |path: &Path| {
            let mut file = create_private(path)?;
            file.write_all(content)?;
            file.sync_all()
        };
        write(&path).map_err(at(&path))
    }

    /// Puts all into place, the copy last: where there is a copy, there is what belongs to it.
    ///
    /// # Errors
    /// [`BackupError::Exists`], or [`BackupError::File`].
    pub fn settle(self, target: &Path, with_secret: bool) -> Result<(), BackupError> {
        let copy = self.path("copy");
        File::open(&copy)
            .and_then(|file| file.sync_all())
            .map_err(at(&copy))?;
        let secret = with_secret.then(|| ("secret", Manifest::secret_beside(target)));
        let files = [
            Some(("manifest", Manifest::beside(target))),
            secret,
            Some(("copy", target.to_owned())),
        ];
        let mut settled = Vec::new();
        for (name, path) in files.into_iter().flatten() {
            // Before the next one, so that no order of the disk's own shows a copy alone.
            let put = link(&self.path(name), &path).and_then(|()| sync_folder(&self.folder));
            if let Err(error) = put {
                for path in settled {
                    let _gone = fs::remove_file(path);
                }
                return Err(match error.kind() {
                    io::ErrorKind::AlreadyExists => BackupError::Exists(path),
                    _ => BackupError::File(path, error),
                });
            }
            settled.push(path);
        }
        Ok(())
    }
}

/// Renames without overwriting.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    tempfile::TempPath::try_from_path(from)?
        .persist_noclobber(to)
        .map_err(|error| error.error)
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if let Err(error) = discard(&self.aside) {
            tracing::warn!(folder = %self.aside.display(), %error, "could not be removed; the next backup tries again");
        }
    }
}

fn discard(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
