//! The folder of what outlives the server: the database, the queues, the master key and the demo company's key.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// A data folder, locked by this process until dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The operating system gives the lock back even if the process is killed.
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is absent, and locks it. Fails if another server has it locked.
    pub fn open(path: &Path) -> Result<Self> {
        let place = path.display();
        fs::create_dir_all(path).with_context(|| format!("the data folder {place} cannot be made"))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .with_context(|| format!("the data folder {place} cannot be written to"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "the data folder {place} is in use by another server; stop that one, or choose another \
                 folder with --data"
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("the data folder {place} cannot be locked"));
            }
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("greenroom.db")
    }

    pub fn queues(&self) -> PathBuf {
        self.path.join("queue.db")
    }

    pub fn master_key(&self) -> PathBuf {
        self.path.join("master.key")
    }

    pub fn demo(&self) -> PathBuf {
        self.path.join("demo.json")
    }
}

/// Writes a file that only its owner may read. The file is there wholly or not at all, even after a kill.
pub fn write_private(path: &Path, content: &str) -> Result<()> {
    let write = || {
        let unfinished = path.with_extension("new");
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&unfinished)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
