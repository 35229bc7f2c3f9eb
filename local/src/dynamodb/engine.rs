//! The embedded DynamoDB engine and its endpoint.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use dynoxide::{Database, server};
use rusqlite::Connection;
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};

/// Longest wait of [`Engine::stop`] for requests that are running: they take milliseconds. Half of a request that a
/// client has sent is not waited for any longer.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// A running engine that answers DynamoDB's HTTP protocol, on a thread of its own.
///
/// Dropping it stops it without waiting; its data, if in memory, is gone then.
pub struct Engine {
    address: SocketAddr,
    thread: Handle,
    database: Arc<EngineDatabase>,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

/// The engine's database, and a connection past the engine to what it gives no access to.
struct EngineDatabase {
    database: Database,
    connection: Mutex<Connection>,
    /// SQLite's version of the data: another after each commit of the engine's.
    version: AtomicI64,
    committed: Arc<Notify>,
}

impl EngineDatabase {
    /// Wakes the task that waits for a commit, if there was one since the last call.
    fn notice_commits(&self) {
        let Ok(connection) = self.connection.try_lock() else { return };
        let version = connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut version| version.query_row([], |row| row.get(0)));
        if version.is_ok_and(|version: i64| self.version.swap(version, Ordering::Relaxed) != version) {
            self.committed.notify_one();
        }
    }
}

impl Engine {
    /// Starts an empty engine in memory, on a free port of this machine. Takes about a millisecond, so that
    /// each test can have its own.
    pub fn memory() -> Result<Self> {
        Self::memory_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?)
    }

    /// Starts an empty engine in memory that answers on `listener`.
    pub fn memory_on(listener: TcpListener) -> Result<Self> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        // A database with a name is the engine's own and yet reachable by the connection that adds the index.
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        Self::serve(open(&format!("file:engine-{number}?mode=memory&cache=shared"))?, listener)
    }

    /// Starts an engine that keeps its data in `file`, which is created if absent, and answers on `listener`.
    ///
    /// A write that was answered is on the disk: each is a synchronous commit. Only one engine may use a file at a
    /// time; the caller sees to that.
    pub fn file_on(file: &Path, listener: TcpListener) -> Result<Self> {
        let path = file.to_str().with_context(|| format!("{}: the name is not UTF-8", file.display()))?;
        let database = open(path).with_context(|| format!("{} is not a usable database", file.display()))?;
        Self::serve(database, listener)
    }

    fn serve(database: EngineDatabase, listener: TcpListener) -> Result<Self> {
        let served = database.database.clone();
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let database = Arc::new(database);
        // One thread: the engine works on one request at a time anyway, whatever the number of threads. Whenever it has
        // nothing left to do for the moment, it looks what was committed; an idle engine costs nothing.
        let idle = Arc::downgrade(&database);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_park(move || {
                if let Some(database) = idle.upgrade() {
                    database.notice_commits();
                }
            })
            .build()?;
        let thread = runtime.handle().clone();
        let (stop, stop_received) = oneshot::channel();
        let (stopped_sender, stopped) = oneshot::channel();
        thread::Builder::new().name("dynamodb".to_owned()).spawn(move || {
            // An error here means that the listener is gone; callers see it as a refused connection.
            let _: Result<(), String> = runtime.block_on(async {
                let listener =
                    tokio::net::TcpListener::from_std(listener).map_err(|error: io::Error| error.to_string())?;
                let shutdown = async {
                    // The error of an `Engine` that was dropped stops it as well.
                    let _ = stop_received.await;
                };
                server::serve_with_shutdown(listener, served, shutdown).await
            });
            // Ends the connections' tasks and with them the last handle of the database, so that it is closed before
            // `stop` returns.
            drop(runtime);
            let _ = stopped_sender.send(());
        })?;
        Ok(Self { address, thread, database, stop, stopped })
    }

    /// The address of the endpoint, as a client on this machine says it.
    pub fn url(&self) -> String {
        crate::url(self.address)
    }

    /// Stops accepting requests, waits up to a second for those that are running, and closes the data.
    pub async fn stop(self) {
        drop(self.database);
        let _ = self.stop.send(());
        // Nothing is lost by not waiting any longer: what was answered is committed.
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.stopped).await;
    }

    /// The way to the database past the endpoint.
    pub(crate) fn access(&self) -> Access {
        Access {
            thread: self.thread.clone(),
            database: Arc::downgrade(&self.database),
            committed: self.database.committed.clone(),
        }
    }
}

/// Works on an engine's database without its endpoint, for as long as the engine runs.
#[derive(Clone)]
pub(crate) struct Access {
    thread: Handle,
    database: Weak<EngineDatabase>,
    committed: Arc<Notify>,
}

impl Access {
    /// Works on the engine's own thread, between two of its requests, so that the two connections never meet. No
    /// request is answered meanwhile: be quick.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database, &Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let database = self.database.clone();
        let result = self.thread.spawn(async move {
            let database = database.upgrade().context("the engine has stopped")?;
            let connection = database.connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&database.database, &connection)
        });
        result.await.context("the engine has stopped")?
    }

    /// Waits until something was committed since the last call. One caller may wait at a time.
    pub(crate) async fn committed(&self) {
        self.committed.notified().await;
    }
}

/// Opens a database, and gives it an index that the engine's own schema lacks: without it each write to a table with
/// a stream reads the whole stream to find the last number in it.
fn open(path: &str) -> Result<EngineDatabase> {
    let database = Database::new(path).map_err(|error| anyhow!("{error}"))?;
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS stream_records_by_number
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )?;
    // This connection only trims streams; records that it has removed may come back after a loss of power.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let (version, committed) = (AtomicI64::new(0), Arc::default());
    Ok(EngineDatabase { database, connection: Mutex::new(connection), version, committed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_a_stream_s_last_number_reads_no_stream() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.db");
        let _database = open(file.to_str().unwrap()).unwrap();
        let plan: String = Connection::open(&file)
            .unwrap()
            .query_row(
                // As the engine asks before each write.
                "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1
                 FROM _stream_records WHERE table_name = 'greenroom'",
                [],
                |row| row.get("detail"),
            )
            .unwrap();
        assert!(plan.contains("stream_records_by_number"), "{plan}");
    }

    #[tokio::test]
    async fn a_commit_is_noticed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let listener = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let file = Engine::file_on(&folder.path().join("engine.db"), listener()).unwrap();
        for engine in [Engine::memory().unwrap(), file] {
            let access = engine.access();
            let store = store::Store::at_endpoint("engine", &engine.url(), crate::http_client()).await;
            store.create_table().await.unwrap();
            // Only a commit that is never noticed takes longer.
            tokio::time::timeout(Duration::from_mins(2), access.committed()).await.expect("not noticed");
            // Neither reading nor a write past the engine is a commit of the engine's.
            for _ in 0..10 {
                store.warm_up().await.unwrap();
                access
                    .run(|_, connection| Ok(connection.execute("DELETE FROM _stream_records", []).map(drop)?))
                    .await
                    .unwrap();
            }
            let noticed = tokio::time::timeout(Duration::from_millis(50), access.committed()).await;
            assert!(noticed.is_err(), "noticed without a commit");
        }
    }

    #[tokio::test]
    async fn engines_in_memory_share_nothing() {
        let (one, other) = (Engine::memory().unwrap(), Engine::memory().unwrap());
        let store = |engine: &Engine| {
            let url = engine.url();
            async move { store::Store::at_endpoint("engine", &url, crate::http_client()).await }
        };
        store(&one).await.create_table().await.unwrap();
        assert!(store(&one).await.warm_up().await.is_ok());
        assert!(store(&other).await.warm_up().await.is_err());
    }

    #[tokio::test]
    async fn a_stopped_engine_has_let_go_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.db");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let engine = Engine::file_on(&file, listener).unwrap();
        let url = engine.url();
        store::Store::at_endpoint("engine", &url, crate::http_client()).await.create_table().await.unwrap();
        engine.stop().await;
        let left: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["engine.db"], "the write-ahead log was not taken in");
        assert!(std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
    }
}
