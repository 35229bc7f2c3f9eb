//! Messages as SQS's standard queues keep them, in SQLite.
//!
//! A message is delivered at least once: its receiver has it for the visibility time-out and deletes it when done;
//! otherwise it is received again, by the same receiver or another. Of several groups, the one of which fewest messages
//! are being processed comes first, as in SQS's fair queues, so that one group's backlog does not delay the others. A
//! message that was sent is on the disk before its sender is answered.
//!
//! First-in-first-out queues and the making and changing of queues are not imitated.

use std::{path::Path, pin::pin, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use runtime::Clock;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, named_params, params};
use serde_json::{Map, Value};
use tokio::{
    sync::{Mutex, Notify},
    task,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::QueueName;

/// Longest time for which a message can be invisible since it was received, however often it is postponed.
const INVISIBLE_MAX: Duration = Duration::from_hours(12);

/// Time between two looks for messages that are past their retention. A message may live a minute longer unnoticed.
const RETENTION_CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Longest time between two looks of a receiver that waits: the clock may have been set, or the machine have slept.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub body: String,
    /// The group among which the queue is fair; messages without one are a group of their own.
    pub group_id: Option<String>,
    /// Time before the message can be received.
    pub delay: Duration,
    /// The sender's own attributes, in SQS's notation.
    pub attributes: Map<String, Value>,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub message_id: String,
    /// The name of this reception, by which the message is deleted or postponed.
    pub receipt_handle: String,
    pub body: String,
    pub group_id: Option<String>,
    /// The sender's own attributes, in SQS's notation.
    pub attributes: Map<String, Value>,
    /// Milliseconds since 1970, like the next one.
    pub sent_at_ms: i64,
    pub first_received_at_ms: i64,
    /// Number of receptions, this one included.
    pub receive_count: u32,
}

impl Message {
    /// The attributes that SQS itself gives a message.
    pub(crate) fn system_attributes(&self) -> impl Iterator<Item = (&'static str, String)> {
        let attributes = [
            ("SenderId", Some("local".to_owned())),
            ("SentTimestamp", Some(self.sent_at_ms.to_string())),
            ("ApproximateReceiveCount", Some(self.receive_count.to_string())),
            ("ApproximateFirstReceiveTimestamp", Some(self.first_received_at_ms.to_string())),
            ("MessageGroupId", self.group_id.clone()),
        ];
        attributes.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The checksum by which clients tell that a body arrived as it was sent.
pub(crate) fn md5_of_body(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// The numbers of messages in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Messages that can be received.
    pub visible: u64,
    /// Messages that were received, and neither deleted since nor visible again.
    pub in_flight: u64,
    /// Messages that were sent with a delay that is not over.
    pub delayed: u64,
}

/// The outcome of [`Queues::postpone`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Postponed {
    /// The message is invisible for the requested time.
    Done,
    /// The message had become visible again.
    NotInFlight,
    /// The message would be invisible for more than 12 hours since it was received.
    TooLong,
    /// The message is deleted, was received again since, or never existed.
    Unknown,
}

/// The messages of every queue, shared by clones.
#[derive(Clone)]
pub struct Queues(Arc<Shared>);

struct Shared {
    /// The database, to be used on threads that may block.
    database: Arc<Mutex<Database>>,
    /// Notified of everything that may make a message visible.
    changed: Notify,
    clock: Clock,
}

struct Database {
    connection: Connection,
    retention_checked_at_ms: i64,
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        group_id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        sent_at_ms INTEGER NOT NULL,
        visible_at_ms INTEGER NOT NULL,
        first_received_at_ms INTEGER,
        last_received_at_ms INTEGER,
        receive_count INTEGER NOT NULL DEFAULT 0,
        receipt_handle TEXT,
        postponed INTEGER NOT NULL DEFAULT FALSE,
        came_from TEXT,
        attributes TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_group
        ON messages (queue, group_id, visible_at_ms, receive_count, postponed);
    CREATE INDEX IF NOT EXISTS messages_by_time ON messages (queue, visible_at_ms);
    CREATE UNIQUE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt_handle);
";

/// The groups that have messages to receive: first the one of which fewest are being processed, then the one that has
/// waited longest. A message that was postponed is in flight but not being processed. The groups are found by jumping
/// from one to the next in the index, so that a backlog costs nothing.
const GROUPS: &str = "
    WITH RECURSIVE
    names (name) AS (
        SELECT MIN(group_id) FROM messages WHERE queue = :queue
        UNION ALL
        SELECT (SELECT MIN(group_id) FROM messages WHERE queue = :queue AND group_id > name)
        FROM names WHERE name IS NOT NULL
    ),
    groups (name, oldest, processing) AS (
        SELECT
            name,
            (SELECT MIN(visible_at_ms) FROM messages WHERE queue = :queue AND group_id = name),
            (
                SELECT COUNT(*) FROM messages
                WHERE queue = :queue AND group_id = name AND visible_at_ms > :now
                    AND receive_count > 0 AND NOT postponed
            )
        FROM names WHERE name IS NOT NULL
    )
    SELECT name FROM groups WHERE oldest <= :now ORDER BY processing, oldest
";

/// The oldest messages of a group.
const OLDEST: &str = "
    SELECT id, receive_count FROM messages INDEXED BY messages_by_group
    WHERE queue = :queue AND group_id = :group AND visible_at_ms <= :now
    ORDER BY visible_at_ms
    LIMIT :count_max
";

/// Limits of one reception.
#[derive(Clone)]
pub struct ReceiveOptions {
    /// Most messages.
    pub count_max: u32,
    /// Time for which they are invisible to other receivers.
    pub visibility_timeout: Duration,
    /// The most messages of a group, by its name; none for a group that has to wait.
    pub of_group_max: Arc<dyn Fn(&str) -> u32 + Send + Sync>,
}

impl ReceiveOptions {
    /// Limits for a receiver that takes as much of a group as there is.
    pub fn new(count_max: u32, visibility_timeout: Duration) -> Self {
        Self { count_max, visibility_timeout, of_group_max: Arc::new(|_| u32::MAX) }
    }
}

impl Queues {
    /// Empty queues in memory.
    pub fn memory(clock: Clock) -> Result<Self> {
        Self::on(Connection::open_in_memory()?, clock)
    }

    /// The queues that a file keeps, which is created if absent. Only one server may use a file at a time; the caller
    /// sees to that.
    ///
    /// The receivers of an earlier server ended with it, so their messages are visible again. Those that were postponed
    /// stay invisible.
    pub fn file(path: &Path, clock: Clock) -> Result<Self> {
        let open = || {
            let connection = Connection::open(path)?;
            create_tables(&connection)?;
            connection.execute(
                "UPDATE messages SET visible_at_ms = ?1
                 WHERE visible_at_ms > ?1 AND receive_count > 0 AND NOT postponed",
                [clock().epoch_ms()],
            )?;
            Self::on(connection, clock)
        };
        open().with_context(|| format!("{} is not a usable database", path.display()))
    }

    fn on(connection: Connection, clock: Clock) -> Result<Self> {
        // In this mode a commit is one synchronous write, and a killed process loses nothing.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        create_tables(&connection)?;
        let database = Arc::new(Mutex::new(Database { connection, retention_checked_at_ms: 0 }));
        Ok(Self(Arc::new(Shared { database, changed: Notify::new(), clock })))
    }

    /// Sends messages, all or none, and returns their ids.
    pub async fn send(&self, queue: QueueName, messages: Vec<NewMessage>) -> Result<Vec<String>> {
        let now = self.now_ms();
        let ids = self
            .write(move |transaction| {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO messages (queue, group_id, message_id, body, sent_at_ms, visible_at_ms, attributes)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                )?;
                let mut ids = Vec::new();
                for message in messages {
                    let id = Uuid::new_v4().to_string();
                    let (group_id, visible_at_ms) = (message.group_id.unwrap_or_default(), after(now, message.delay));
                    let attributes =
                        (!message.attributes.is_empty()).then(|| Value::Object(message.attributes).to_string());
                    insert.execute(params![
                        queue.as_str(),
                        group_id,
                        id,
                        message.body,
                        now,
                        visible_at_ms,
                        attributes
                    ])?;
                    ids.push(id);
                }
                Ok(ids)
            })
            .await?;
        self.0.changed.notify_waiters();
        Ok(ids)
    }

    /// Receives messages, all of one group so that a batch is as slow as its own group only, and waits for the first for
    /// as long as `wait`.
    pub async fn receive(&self, queue: QueueName, options: ReceiveOptions, wait: Duration) -> Result<Vec<Message>> {
        let until = Instant::now() + wait;
        loop {
            let (now, options) = (self.now_ms(), options.clone());
            let messages = self.write(move |transaction| receive_next(transaction, queue, &options, now)).await?;
            let left = until.saturating_duration_since(Instant::now());
            if !messages.is_empty() || left.is_zero() {
                return Ok(messages);
            }
            // Another receiver may be first, hence the loop.
            if let Ok(visible) = timeout(left, self.visible(queue)).await {
                visible?;
            }
        }
    }

    /// Waits until a message is visible.
    pub async fn visible(&self, queue: QueueName) -> Result<()> {
        loop {
            // Enabled before the look, so that no change after it is missed.
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            let next: Option<i64> = self
                .on_database(move |database| {
                    let mut select = database
                        .connection
                        .prepare_cached("SELECT MIN(visible_at_ms) FROM messages WHERE queue = ?")?;
                    select.query_row([queue.as_str()], |row| row.get(0))
                })
                .await?;
            let left = next.map(|next| Duration::from_millis(next.saturating_sub(self.now_ms()).max(0).unsigned_abs()));
            let pause = match left {
                Some(Duration::ZERO) => return Ok(()),
                Some(left) => left.min(LOOK_INTERVAL),
                None => LOOK_INTERVAL,
            };
            tokio::select! {
                () = changed => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Deletes messages by their receipts. A message that is gone already is no error, nor is one that was received
    /// again since: it stays.
    pub async fn delete(&self, queue: QueueName, receipt_handles: Vec<String>) -> Result<()> {
        self.write(move |transaction| {
            let mut delete =
                transaction.prepare_cached("DELETE FROM messages WHERE queue = ? AND receipt_handle = ?")?;
            for receipt_handle in receipt_handles {
                delete.execute(params![queue.as_str(), receipt_handle])?;
            }
            Ok(())
        })
        .await
    }

    /// Makes a message that is in flight visible again in `timeout` from now.
    pub async fn postpone(&self, queue: QueueName, receipt_handle: String, timeout: Duration) -> Result<Postponed> {
        let now = self.now_ms();
        let postponed = self
            .write(move |transaction| {
                let message: Option<(i64, i64, i64)> = transaction
                    .prepare_cached(
                        "SELECT id, visible_at_ms, last_received_at_ms FROM messages
                         WHERE queue = ? AND receipt_handle = ?",
                    )?
                    .query_row(params![queue.as_str(), receipt_handle], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })
                    .optional()?;
                let Some((id, visible_at_ms, received_at_ms)) = message else { return Ok(Postponed::Unknown) };
                if visible_at_ms <= now {
                    return Ok(Postponed::NotInFlight);
                }
                if after(now, timeout) > after(received_at_ms, INVISIBLE_MAX) {
                    return Ok(Postponed::TooLong);
                }
                transaction
                    .prepare_cached("UPDATE messages SET visible_at_ms = ?, postponed = TRUE WHERE id = ?")?
                    .execute(params![after(now, timeout), id])?;
                Ok(Postponed::Done)
            })
            .await?;
        self.0.changed.notify_waiters();
        Ok(postponed)
    }

    pub async fn counts(&self, queue: QueueName) -> Result<Counts> {
        let now = self.now_ms();
        self.on_database(move |database| {
            database.connection.query_row(
                "SELECT COUNT(*) FILTER (WHERE visible_at_ms <= :now),
                        COUNT(*) FILTER (WHERE visible_at_ms > :now AND receive_count > 0),
                        COUNT(*) FILTER (WHERE visible_at_ms > :now AND receive_count = 0)
                 FROM messages WHERE queue = :queue",
                named_params! { ":queue": queue.as_str(), ":now": now },
                |row| Ok(Counts { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? }),
            )
        })
        .await
    }

    /// Deletes all messages of a queue.
    pub async fn purge(&self, queue: QueueName) -> Result<()> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM messages WHERE queue = ?", [queue.as_str()]).map(drop)
        })
        .await
    }

    /// Moves the messages of a queue to another, or each to the queue that it came from, as new messages, and returns
    /// how many were moved. Without a destination, messages stay that were sent to this queue in the first place.
    pub async fn redrive(&self, from: QueueName, to: Option<QueueName>) -> Result<usize> {
        let now = self.now_ms();
        let moved = self
            .write(move |transaction| {
                let mut select = transaction.prepare(
                    "SELECT id, COALESCE(:to, came_from) FROM messages
                     WHERE queue = :from AND COALESCE(:to, came_from) IS NOT NULL AND visible_at_ms <= :now",
                )?;
                let found: Vec<(i64, String)> = select
                    .query_map(
                        named_params! { ":from": from.as_str(), ":to": to.map(QueueName::as_str), ":now": now },
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )?
                    .collect::<rusqlite::Result<_>>()?;
                let mut update = transaction.prepare(
                    "UPDATE messages SET queue = ?, message_id = ?, sent_at_ms = ?, visible_at_ms = ?,
                        first_received_at_ms = NULL, receive_count = 0, receipt_handle = NULL, came_from = NULL
                     WHERE id = ?",
                )?;
                for (id, queue) in &found {
                    update.execute(params![queue, Uuid::new_v4().to_string(), now, now, id])?;
                }
                Ok(found.len())
            })
            .await?;
        self.0.changed.notify_waiters();
        Ok(moved)
    }

    fn now_ms(&self) -> i64 {
        (self.0.clock)().epoch_ms()
    }

    /// Works in a transaction, which from time to time also deletes what is past its retention.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let now = self.now_ms();
        self.on_database(move |database| {
            let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if now.saturating_sub(database.retention_checked_at_ms) >= ms(RETENTION_CHECK_INTERVAL) {
                database.retention_checked_at_ms = now;
                transaction.execute(
                    "DELETE FROM messages WHERE sent_at_ms < ?",
                    [now.saturating_sub(ms(QueueName::RETENTION))],
                )?;
            }
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
        .await
    }

    async fn on_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        // Locked before a thread is taken, so that waiting takes none.
        let mut database = self.0.database.clone().lock_owned().await;
        // Given back here and not by the thread, which may be slow to end: by the next look, messages that were received
        // are in their receiver's hands.
        let (done, _database) = task::spawn_blocking(move || (work(&mut database), database)).await?;
        Ok(done?)
    }
}

/// Receives the oldest messages of the first group that may have some. Those that were received too often become dead
/// letters instead.
fn receive_next(
    transaction: &Transaction<'_>,
    queue: QueueName,
    options: &ReceiveOptions,
    now: i64,
) -> rusqlite::Result<Vec<Message>> {
    let visible_at_ms = after(now, options.visibility_timeout);
    let groups: Vec<String> = transaction
        .prepare_cached(GROUPS)?
        .query_map(named_params! { ":queue": queue.as_str(), ":now": now }, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut allowed = groups.iter().map(|group| (group, options.count_max.min((options.of_group_max)(group))));
    let Some((group, count_max)) = allowed.find(|(_, count_max)| *count_max > 0) else {
        return Ok(Vec::new());
    };
    let next: Vec<(i64, u32)> = transaction
        .prepare_cached(OLDEST)?
        .query_map(
            named_params! { ":queue": queue.as_str(), ":group": group, ":now": now, ":count_max": count_max },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut update = transaction.prepare_cached(
        "UPDATE messages SET visible_at_ms = :visible_at_ms, receipt_handle = :receipt_handle, postponed = FALSE,
            receive_count = receive_count + 1, last_received_at_ms = :now,
            first_received_at_ms = COALESCE(first_received_at_ms, :now)
         WHERE id = :id
         RETURNING message_id, receipt_handle, body, group_id, attributes, sent_at_ms, first_received_at_ms, receive_count",
    )?;
    let mut messages = Vec::new();
    for (id, receive_count) in next {
        match queue.redrive() {
            Some((dead_letters, receive_count_max)) if receive_count >= receive_count_max => {
                transaction.execute(
                    "UPDATE messages SET queue = ?, came_from = queue, visible_at_ms = ?, receipt_handle = NULL
                     WHERE id = ?",
                    params![dead_letters.as_str(), now, id],
                )?;
            }
            Some(_) | None => {
                let receipt_handle = Uuid::new_v4().to_string();
                messages.push(update.query_row(
                    named_params! {
                        ":id": id, ":now": now, ":visible_at_ms": visible_at_ms, ":receipt_handle": receipt_handle,
                    },
                    message,
                )?);
            }
        }
    }
    Ok(messages)
}

/// Creates what is missing, and the column that files of earlier versions lack.
fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)?;
    let has_attributes = "SELECT COUNT(*) FROM pragma_table_info('messages') WHERE name = 'attributes'";
    if connection.query_row(has_attributes, [], |row| row.get::<_, i64>(0))? == 0 {
        connection.execute_batch("ALTER TABLE messages ADD COLUMN attributes TEXT")?;
    }
    Ok(())
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let (group_id, attributes): (String, Option<String>) = (row.get("group_id")?, row.get("attributes")?);
    Ok(Message {
        message_id: row.get("message_id")?,
        receipt_handle: row.get("receipt_handle")?,
        body: row.get("body")?,
        group_id: (!group_id.is_empty()).then_some(group_id),
        attributes: attributes.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        sent_at_ms: row.get("sent_at_ms")?,
        first_received_at_ms: row.get("first_received_at_ms")?,
        receive_count: row.get("receive_count")?,
    })
}

fn after(now: i64, duration: Duration) -> i64 {
    now.saturating_add(ms(duration))
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
