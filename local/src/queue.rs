//! Queues as SQS's standard queues behave, in a database file or in memory.
//!
//! A message is delivered at least once: whoever receives it holds it for its visibility time-out and deletes it when
//! done, or gets it again, or another does. Of several groups, the one of which fewest messages are held comes first,
//! as in SQS's fair queues, so that one group's backlog does not delay the others. What was sent is on the disk before
//! the sender hears of it.
//!
//! Not imitated: message attributes, queues that are first-in-first-out, and making or changing queues.

use std::{path::Path, pin::pin, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use api::Clock;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, named_params, params};
use tokio::{
    sync::{Mutex, Notify},
    task,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

/// How long a message is kept. As in `template.yaml`, and the most that SQS allows.
const RETENTION: Duration = Duration::from_hours(14 * 24);

/// How long a message can be invisible since it was received, whoever postpones it how often.
pub const INVISIBLE_MAX: Duration = Duration::from_hours(12);

/// How often messages that are too old are looked for. Nobody notices a message that lives a minute longer.
const RETENTION_CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Whoever waits for a message looks again after this time at the latest: the clock may have been set, or the machine
/// have slept.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

const ACCOUNT: &str = "000000000000";

/// A queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// What is to be delivered.
    Deliveries,
    /// What could not be.
    DeadLetters,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 2] = [Self::Deliveries, Self::DeadLetters];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::DeadLetters => "dead-letters",
        }
    }

    /// The queue of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.name() == name)
    }

    /// Its ARN, in an account and a region that are made up.
    pub fn arn(self) -> String {
        format!("arn:aws:sqs:local:{ACCOUNT}:{}", self.name())
    }

    /// Its URL on a server.
    pub fn url(self, server: &str) -> String {
        format!("{server}/{ACCOUNT}/{}", self.name())
    }

    /// How long whoever received a message holds it, unless told otherwise. As in `template.yaml`.
    pub fn visibility_timeout(self) -> Duration {
        match self {
            Self::Deliveries => Duration::from_secs(360),
            Self::DeadLetters => Duration::from_secs(30),
        }
    }

    /// How long a message is kept.
    pub fn retention(self) -> Duration {
        RETENTION
    }

    /// Where a message goes that was received so many times and never deleted. As in `template.yaml`.
    pub fn redrive(self) -> Option<(Self, u32)> {
        match self {
            Self::Deliveries => Some((Self::DeadLetters, 1_000)),
            Self::DeadLetters => None,
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// What it says.
    pub body: String,
    /// The group among which the queue is fair; messages without one are a group of their own.
    pub group_id: Option<String>,
    /// How long nobody receives it.
    pub delay: Duration,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Names the message.
    pub message_id: String,
    /// Names this receipt of it: what to delete or to postpone it by.
    pub receipt_handle: String,
    /// What it says.
    pub body: String,
    /// Its group.
    pub group_id: Option<String>,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at_ms: i64,
    /// When it was first received, in milliseconds since 1970.
    pub first_received_at_ms: i64,
    /// How many times it was received, this time included.
    pub receive_count: u32,
}

/// The checksum by which clients tell that a body arrived as it was sent.
pub fn digest(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// What a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Can be received.
    pub visible: u64,
    /// Were received, and neither deleted since nor visible again.
    pub in_flight: u64,
    /// Were sent with a delay that is not over.
    pub delayed: u64,
}

/// What became of a message that was to be postponed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Postponed {
    /// It is invisible for the time asked for.
    Done,
    /// It had become visible again.
    NotInFlight,
    /// It would be invisible for more than [`INVISIBLE_MAX`] since it was received.
    TooLong,
    /// It is deleted, was received by somebody else since, or never existed.
    Unknown,
}

/// All queues. Clones are the same queues.
#[derive(Clone)]
pub struct Queues(Arc<Shared>);

struct Shared {
    /// Whoever works on it does so on a thread that may block.
    database: Arc<Mutex<Database>>,
    /// Told of everything that may make a message visible.
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
        came_from TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_group
        ON messages (queue, group_id, visible_at_ms, receive_count, postponed);
    CREATE INDEX IF NOT EXISTS messages_by_time ON messages (queue, visible_at_ms);
    CREATE UNIQUE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt_handle);
";

/// The messages that are received next: the oldest of the group of which fewest are held. A message that was postponed
/// is in flight but held by nobody. All are of one group, so that a batch is as slow as its own group only. The groups
/// are found by jumping from one to the next in the index, so that a backlog costs nothing.
const NEXT: &str = "
    WITH RECURSIVE
    names (name) AS (
        SELECT MIN(group_id) FROM messages WHERE queue = :queue
        UNION ALL
        SELECT (SELECT MIN(group_id) FROM messages WHERE queue = :queue AND group_id > name)
        FROM names WHERE name IS NOT NULL
    ),
    groups (name, oldest, held) AS (
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
    SELECT id, receive_count FROM messages INDEXED BY messages_by_group
    WHERE
        queue = :queue
        AND group_id = (
            SELECT name FROM groups WHERE oldest <= :now AND held < :held_max ORDER BY held, oldest LIMIT 1
        )
        AND visible_at_ms <= :now
    ORDER BY visible_at_ms
    LIMIT :count_max
";

/// What is to be received.
#[derive(Debug, Clone, Copy)]
pub struct Receive {
    /// How many messages at most.
    pub count_max: u32,
    /// How long they are held.
    pub visibility_timeout: Duration,
    /// None of a group of which so many messages are held already.
    pub held_max: u32,
}

impl Queues {
    /// Empty queues in memory.
    pub fn memory(clock: Clock) -> Result<Self> {
        Self::on(Connection::open_in_memory()?, clock)
    }

    /// The queues that a file keeps, which is created if absent. Only one server may use a file at a time; the caller
    /// sees to that.
    ///
    /// Whoever held a message has ended with the server that it had received it from, so it is visible again. What was
    /// postponed stays so.
    pub fn file(path: &Path, clock: Clock) -> Result<Self> {
        let open = || {
            let connection = Connection::open(path)?;
            connection.execute_batch(SCHEMA)?;
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
        connection.execute_batch(SCHEMA)?;
        let database = Arc::new(Mutex::new(Database { connection, retention_checked_at_ms: 0 }));
        Ok(Self(Arc::new(Shared { database, changed: Notify::new(), clock })))
    }

    /// Sends messages, all or none, and gives their ids.
    pub async fn send(&self, queue: Queue, messages: Vec<NewMessage>) -> Result<Vec<String>> {
        let now = self.now_ms();
        let ids = self
            .write(move |transaction| {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO messages (queue, group_id, message_id, body, sent_at_ms, visible_at_ms)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )?;
                let mut ids = Vec::new();
                for message in messages {
                    let id = Uuid::new_v4().to_string();
                    let (group_id, visible_at_ms) = (message.group_id.unwrap_or_default(), after(now, message.delay));
                    insert.execute(params![queue.name(), group_id, id, message.body, now, visible_at_ms])?;
                    ids.push(id);
                }
                Ok(ids)
            })
            .await?;
        self.0.changed.notify_waiters();
        Ok(ids)
    }

    /// Receives messages, all of one group, and waits for the first for as long as `wait`.
    pub async fn receive(&self, queue: Queue, asked: Receive, wait: Duration) -> Result<Vec<Message>> {
        let until = Instant::now() + wait;
        loop {
            let now = self.now_ms();
            let messages = self.write(move |transaction| take(transaction, queue, asked, now)).await?;
            let left = until.saturating_duration_since(Instant::now());
            if !messages.is_empty() || left.is_zero() {
                return Ok(messages);
            }
            // Somebody else may take it first, hence the loop.
            if let Ok(seen) = timeout(left, self.visible(queue)).await {
                seen?;
            }
        }
    }

    /// Waits until there is a message that is visible.
    pub async fn visible(&self, queue: Queue) -> Result<()> {
        loop {
            // Listened to from before the look, so that nothing is missed after it.
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            let next: Option<i64> = self
                .on_database(move |database| {
                    let mut select = database
                        .connection
                        .prepare_cached("SELECT MIN(visible_at_ms) FROM messages WHERE queue = ?")?;
                    select.query_row([queue.name()], |row| row.get(0))
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

    /// Deletes messages by their receipts. One that is gone already is no error, nor one that was received again
    /// since: it stays.
    pub async fn delete(&self, queue: Queue, receipt_handles: Vec<String>) -> Result<()> {
        self.write(move |transaction| {
            let mut delete =
                transaction.prepare_cached("DELETE FROM messages WHERE queue = ? AND receipt_handle = ?")?;
            for receipt_handle in receipt_handles {
                delete.execute(params![queue.name(), receipt_handle])?;
            }
            Ok(())
        })
        .await
    }

    /// Makes a message that is in flight visible again in `timeout` from now.
    pub async fn postpone(&self, queue: Queue, receipt_handle: String, timeout: Duration) -> Result<Postponed> {
        let now = self.now_ms();
        let postponed = self
            .write(move |transaction| {
                let held: Option<(i64, i64, i64)> = transaction
                    .prepare_cached(
                        "SELECT id, visible_at_ms, last_received_at_ms FROM messages
                         WHERE queue = ? AND receipt_handle = ?",
                    )?
                    .query_row(params![queue.name(), receipt_handle], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()?;
                let Some((id, visible_at_ms, received_at_ms)) = held else { return Ok(Postponed::Unknown) };
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

    /// Counts what a queue holds.
    pub async fn counts(&self, queue: Queue) -> Result<Counts> {
        let now = self.now_ms();
        self.on_database(move |database| {
            database.connection.query_row(
                "SELECT COUNT(*) FILTER (WHERE visible_at_ms <= :now),
                        COUNT(*) FILTER (WHERE visible_at_ms > :now AND receive_count > 0),
                        COUNT(*) FILTER (WHERE visible_at_ms > :now AND receive_count = 0)
                 FROM messages WHERE queue = :queue",
                named_params! { ":queue": queue.name(), ":now": now },
                |row| Ok(Counts { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? }),
            )
        })
        .await
    }

    /// Deletes all messages of a queue.
    pub async fn purge(&self, queue: Queue) -> Result<()> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM messages WHERE queue = ?", [queue.name()]).map(drop)
        })
        .await
    }

    /// Moves the messages of a queue to another, or each to the queue that it came from, where they are new ones. Gives
    /// how many were moved: without a destination, those stay that were sent here in the first place.
    pub async fn redrive(&self, from: Queue, to: Option<Queue>) -> Result<usize> {
        let now = self.now_ms();
        let moved = self
            .write(move |transaction| {
                let mut select = transaction.prepare(
                    "SELECT id, COALESCE(:to, came_from) FROM messages
                     WHERE queue = :from AND COALESCE(:to, came_from) IS NOT NULL AND visible_at_ms <= :now",
                )?;
                let found: Vec<(i64, String)> = select
                    .query_map(
                        named_params! { ":from": from.name(), ":to": to.map(Queue::name), ":now": now },
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

    /// Deletes what is too old, from time to time, and writes.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let now = self.now_ms();
        self.on_database(move |database| {
            let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if now.saturating_sub(database.retention_checked_at_ms) >= ms(RETENTION_CHECK_INTERVAL) {
                database.retention_checked_at_ms = now;
                transaction
                    .execute("DELETE FROM messages WHERE sent_at_ms < ?", [now.saturating_sub(ms(RETENTION))])?;
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
        // Held before a thread is taken, so that those who wait hold no threads.
        let mut database = self.0.database.clone().lock_owned().await;
        // Given back here and not by the thread, which may be slow to end: by the next look, messages that were received
        // are in their receiver's hands.
        let (done, _database) = task::spawn_blocking(move || (work(&mut database), database)).await?;
        Ok(done?)
    }
}

/// Takes the next messages of a queue. Those that were received too often go where the queue says instead.
fn take(
    transaction: &Transaction<'_>,
    queue: Queue,
    Receive { count_max, visibility_timeout, held_max }: Receive,
    now: i64,
) -> rusqlite::Result<Vec<Message>> {
    let visible_at_ms = after(now, visibility_timeout);
    let next: Vec<(i64, u32)> = transaction
        .prepare_cached(NEXT)?
        .query_map(
            named_params! { ":queue": queue.name(), ":now": now, ":count_max": count_max, ":held_max": held_max },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut hold = transaction.prepare_cached(
        "UPDATE messages SET visible_at_ms = :visible_at_ms, receipt_handle = :receipt_handle, postponed = FALSE,
            receive_count = receive_count + 1, last_received_at_ms = :now,
            first_received_at_ms = COALESCE(first_received_at_ms, :now)
         WHERE id = :id
         RETURNING message_id, receipt_handle, body, group_id, sent_at_ms, first_received_at_ms, receive_count",
    )?;
    let mut messages = Vec::new();
    for (id, receive_count) in next {
        match queue.redrive() {
            Some((dead_letters, receive_count_max)) if receive_count >= receive_count_max => {
                transaction.execute(
                    "UPDATE messages SET queue = ?, came_from = queue, visible_at_ms = ?, receipt_handle = NULL
                     WHERE id = ?",
                    params![dead_letters.name(), now, id],
                )?;
            }
            Some(_) | None => {
                let receipt_handle = Uuid::new_v4().to_string();
                messages.push(hold.query_row(
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

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let group_id: String = row.get("group_id")?;
    Ok(Message {
        message_id: row.get("message_id")?,
        receipt_handle: row.get("receipt_handle")?,
        body: row.get("body")?,
        group_id: (!group_id.is_empty()).then_some(group_id),
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
