//! The folder of what outlives the server: the database, the queues, the master key and the demo company's key.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use rusqlite::{Connection, ErrorCode, OpenFlags};

/// A data folder, locked by this process until dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The operating system gives the lock back even if the process is killed.
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is absent, and locks it. Fails if another server has it locked, if its data are damaged,
    /// and if one of its keys is missing beside them.
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
        let folder = Self { path: path.to_owned(), _lock: lock };
        folder.check()?;
        Ok(folder)
    }

    /// Fails if a key is missing beside the data that need it, or if the data are damaged.
    fn check(&self) -> Result<()> {
        let ways_on = format!(
            "put back a copy, remove the folder {} to begin anew, or choose another with --data",
            self.path.display()
        );
        for data in [self.database(), self.queues()].iter().filter(|data| data.exists()) {
            // Both files are written before the data.
            let needed = [
                (self.master_key(), "secrets that are kept cannot be read"),
                (self.demo(), "there would be a new demo company"),
            ];
            for (file, loss) in needed {
                let (name, data) = (file.display(), data.display());
                ensure!(file.exists(), "{name} is missing beside {data}, and without it {loss}; {ways_on}");
            }
            let finding = damage(data).with_context(|| format!("{} is not a usable database", data.display()))?;
            if let Some(finding) = finding {
                bail!("{} is damaged ({finding}); {ways_on}", data.display());
            }
        }
        Ok(())
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

    /// A text that was sealed under the master key, by which another key is noticed.
    pub fn master_key_check(&self) -> PathBuf {
        self.path.join("master.check")
    }

    pub fn demo(&self) -> PathBuf {
        self.path.join("demo.json")
    }
}

/// The first damage that a look at all pages of a database finds.
fn damage(database: &Path) -> rusqlite::Result<Option<String>> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    match connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)) {
        Ok(finding) => Ok(Some(finding).filter(|finding: &String| finding != "ok")),
        // The damage is where the tables are described, so that the look ends there.
        Err(rusqlite::Error::SqliteFailure(error, finding)) if error.code == ErrorCode::DatabaseCorrupt => {
            Ok(Some(finding.unwrap_or_else(|| error.to_string())))
        }
        Err(error) => Err(error),
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
