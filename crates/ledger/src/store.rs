//! The handle to the database: a pool, the keys, and the only way to open a transaction.

use std::ops::DerefMut;
use std::sync::Arc;
use std::time::Duration;

use backon::{BlockingRetryable as _, ExponentialBuilder};
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::r2d2::Pool;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::LedgerError;
use crate::flows::IMPORT_BYTES_KEPT_MAX;
use crate::identity::{IdentityKey, IdentityKeys};
use crate::sight::Sight;

mod sessions;

use sessions::{Begin, Session, Sessions};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// How often a flow runs again when others keep coming first.
const RETRIES_MAX: usize = 6;

/// How long it waits before it does, at random up to twice that and doubling: two that met once
/// should not meet again.
const FIRST_PAUSE: Duration = Duration::from_millis(4);

/// How long a caller waits for a connection before it is told to come again.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);

/// Where the database is and with which keys personal data is sealed.
#[derive(Debug, Clone)]
pub struct LedgerSettings {
    /// A libpq address.
    pub database_url: String,
    /// Connections kept open.
    pub pool_size: u32,
    /// The bank's secret.
    pub identity_key: IdentityKey,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Open ones.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
}

struct Inner {
    pool: Pool<Sessions>,
    keys: Arc<IdentityKeys>,
    database_url: String,
}

/// The ledger. Cheap to clone; every call blocks its thread.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
    import_bytes_kept_max: u64,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

/// A connection inside a transaction; what writes take.
pub(crate) struct Tx<'a> {
    conn: &'a mut PgConnection,
    keys: &'a IdentityKeys,
}

impl<'a> Tx<'a> {
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        self.conn
    }

    pub(crate) const fn keys(&self) -> &'a IdentityKeys {
        self.keys
    }
}

/// Applies the migrations that are missing and names them.
///
/// # Errors
/// [`LedgerError::Unavailable`] or [`LedgerError::Migration`].
pub fn migrate(database_url: &str) -> Result<Vec<String>, LedgerError> {
    use diesel::Connection as _;
    let mut conn = PgConnection::establish(database_url)
        .map_err(|error| LedgerError::Unavailable(Box::new(error)))?;
    // Two servers that start together take turns; the lock ends with the connection.
    conn.batch_execute("select pg_advisory_lock(4611686018427387904)")?;
    let applied = conn
        .run_pending_migrations(MIGRATIONS)
        .map_err(LedgerError::Migration)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

impl Ledger {
    /// Opens the pool and checks that the identity key is the bank's.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] without a database, [`LedgerError::WrongIdentityKey`].
    pub fn connect(settings: &LedgerSettings) -> Result<Self, LedgerError> {
        let keys = Arc::new(settings.identity_key.derive());
        let ledger = Self::open(&settings.database_url, settings.pool_size, keys)?;
        ledger.write(Sight::PUBLIC, crate::tables::key_checks::claim)?;
        Ok(ledger)
    }

    /// The same bank over connections of its own: for work that must never take one from those who
    /// post or read.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] without a database.
    pub fn beside(&self, pool_size: u32) -> Result<Self, LedgerError> {
        let keys = Arc::clone(&self.inner.keys);
        let beside = Self::open(&self.inner.database_url, pool_size, keys)?;
        Ok(beside.keeping_of_imports(self.import_bytes_kept_max))
    }

    /// The same ledger, which keeps at most so many bytes of each institution's files.
    #[must_use]
    pub fn keeping_of_imports(self, bytes_max: u64) -> Self {
        Self {
            import_bytes_kept_max: bytes_max,
            ..self
        }
    }

    pub(crate) const fn import_bytes_kept_max(&self) -> u64 {
        self.import_bytes_kept_max
    }

    fn open(
        database_url: &str,
        pool_size: u32,
        keys: Arc<IdentityKeys>,
    ) -> Result<Self, LedgerError> {
        let manager = Sessions::new(database_url, Arc::clone(&keys));
        let pool = Pool::builder()
            .max_size(pool_size)
            .min_idle(Some(1))
            .connection_timeout(CONNECTION_WAIT)
            .test_on_check_out(false)
            .build(manager)
            .map_err(|error| LedgerError::Unavailable(Box::new(error)))?;
        let database_url = database_url.to_owned();
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                keys,
                database_url,
            }),
            import_bytes_kept_max: IMPORT_BYTES_KEPT_MAX,
        })
    }

    /// How many connections there are: the width of the gate before them.
    #[must_use]
    pub fn pool_size(&self) -> u32 {
        self.inner.pool.max_size()
    }

    /// How the pool stands at this moment.
    #[must_use]
    pub fn connections(&self) -> Connections {
        let state = self.inner.pool.state();
        Connections {
            open: state.connections,
            idle: state.idle_connections,
        }
    }

    pub(crate) fn keys(&self) -> &IdentityKeys {
        &self.inner.keys
    }

    /// A stable name for a text that cannot be traced back without the bank's key: 32
    /// hexadecimal digits. Used where a source reference has to be derived from an identifier.
    #[must_use]
    pub fn pseudonym(&self, text: &str) -> String {
        self.inner.keys.pseudonym(text)
    }

    /// Runs a read on one connection, which sees what it is told here and nothing else.
    pub(crate) fn read<T>(
        &self,
        sight: impl Into<Sight>,
        work: impl FnOnce(&mut PgConnection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        work(self.session()?.seeing(sight.into())?)
    }

    /// Runs one statement that is told what it sees by a value of its own
    /// ([`telling`](crate::cached_sql::telling)): a round trip less.
    pub(crate) fn ask<T>(
        &self,
        sight: impl Into<Sight>,
        work: impl FnOnce(&mut PgConnection, &str) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let mut session = self.session()?;
        let (conn, told) = session.asking(sight.into());
        work(conn, &told)
    }

    /// Runs several reads that have to agree with each other: one snapshot for all of them.
    pub(crate) fn read_snapshot<T>(
        &self,
        sight: impl Into<Sight>,
        work: impl FnOnce(&mut PgConnection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let begin = Begin::Snapshot;
        self.session()?.transaction(begin, sight.into(), work)
    }

    fn session(&self) -> Result<impl DerefMut<Target = Session>, LedgerError> {
        let got = self.inner.pool.get();
        got.map_err(|error| LedgerError::Unavailable(Box::new(error)))
    }

    /// Runs a write in one transaction, again where another write came first, at most
    /// [`RETRIES_MAX`] times: so the work does no I/O of its own and changes nothing outside.
    pub(crate) fn write<T>(
        &self,
        sight: impl Into<Sight>,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let sight = sight.into();
        let keys = &self.inner.keys;
        let attempt = || {
            let work = |conn: &mut PgConnection| work(&mut Tx { conn, keys });
            self.session()?.transaction(Begin::Write, sight, work)
        };
        let again = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(FIRST_PAUSE)
            .with_max_times(RETRIES_MAX);
        match attempt.retry(again).when(LedgerError::is_transient).call() {
            Err(error) if error.is_transient() => {
                let busy = std::io::Error::other("another write kept coming first");
                Err(LedgerError::Unavailable(Box::new(busy)))
            }
            other => other,
        }
    }

    /// How many migrations the database lacks; proves on the way that it answers.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] where it does not.
    pub(crate) fn pending_migrations(&self) -> Result<usize, LedgerError> {
        self.read(Sight::PUBLIC, crate::tables::migrations::count_applied)
            .and_then(|applied| {
                use diesel::migration::MigrationSource as _;
                let known: Vec<Box<dyn diesel::migration::Migration<diesel::pg::Pg>>> =
                    MIGRATIONS.migrations().map_err(LedgerError::Migration)?;
                Ok(known.len().saturating_sub(applied))
            })
    }
}
