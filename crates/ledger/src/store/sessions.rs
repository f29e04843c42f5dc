//! Connections of the pool: each works with the application's few rights and sees what it was told.

use std::sync::Arc;

use diesel::RunQueryDsl as _;
use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, Error as PoolError, ManageConnection};
use diesel::result::Error as DieselError;
use diesel::sql_types::Integer;

use crate::error::LedgerError;
use crate::identity::IdentityKeys;
use crate::sight::Sight;

/// Every connection works with the application's few rights, whoever logged in. The statements are
/// short or set-based; compiling them costs more than it saves, a third of a second a batch. What
/// is looked up by key is looked up by index: with the server's own idea of a disc that turns, a
/// batch would read whole tables.
const AS_APPLICATION: &str = "set role creditbank_app; set timezone to 'UTC'; set jit to off; \
     set lock_timeout to '20s'; set random_page_cost to 1.1; \
     set idle_in_transaction_session_timeout to '60s'";

/// How a transaction begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Begin {
    /// It may write.
    Write,
    /// It reads one snapshot.
    Snapshot,
}

/// Makes connections for the pool.
pub(super) struct Sessions {
    manager: ConnectionManager<PgConnection>,
    keys: Arc<IdentityKeys>,
}

/// A connection, and what it was told outside of transactions.
pub(super) struct Session {
    conn: PgConnection,
    keys: Arc<IdentityKeys>,
    process: i32,
    told: Sight,
}

#[derive(diesel::QueryableByName)]
struct ProcessRow {
    #[diesel(sql_type = Integer)]
    process: i32,
}

impl Sessions {
    pub(super) fn new(database_url: &str, keys: Arc<IdentityKeys>) -> Self {
        Self {
            manager: ConnectionManager::new(database_url),
            keys,
        }
    }
}

impl ManageConnection for Sessions {
    type Connection = Session;
    type Error = PoolError;

    fn connect(&self) -> Result<Session, PoolError> {
        let mut conn = self.manager.connect()?;
        conn.batch_execute(AS_APPLICATION)
            .map_err(PoolError::QueryError)?;
        let row: ProcessRow = diesel::sql_query("select pg_backend_pid() as process")
            .get_result(&mut conn)
            .map_err(PoolError::QueryError)?;
        Ok(Session {
            conn,
            keys: Arc::clone(&self.keys),
            process: row.process,
            told: Sight::PUBLIC,
        })
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), PoolError> {
        self.manager.is_valid(&mut session.conn)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        self.manager.has_broken(&mut session.conn)
    }
}

impl Session {
    /// The connection for single statements. It is told only where it was last told another thing.
    pub(super) fn seeing(&mut self, sight: Sight) -> Result<&mut PgConnection, LedgerError> {
        if self.told != sight {
            let signed = self.signed(sight);
            self.conn
                .batch_execute(&format!("set creditbank.sees = '{signed}'"))?;
            self.told = sight;
        }
        Ok(&mut self.conn)
    }

    /// The connection for one statement that tells itself, and what it is to be told.
    pub(super) fn asking(&mut self, sight: Sight) -> (&mut PgConnection, String) {
        let signed = self.signed(sight);
        (&mut self.conn, signed)
    }

    /// Runs `work` in a transaction, which is told in the round trip that begins it.
    pub(super) fn transaction<T>(
        &mut self,
        begin: Begin,
        sight: Sight,
        work: impl FnOnce(&mut PgConnection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let how = match begin {
            Begin::Write => "",
            Begin::Snapshot => " isolation level repeatable read read only",
        };
        let signed = self.signed(sight);
        let sql = format!("begin{how}; set local creditbank.sees = '{signed}'");
        AnsiTransactionManager::begin_transaction_sql(&mut self.conn, &sql)?;
        let error = match work(&mut self.conn) {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(&mut self.conn)?;
                return Ok(value);
            }
            Err(error) => error,
        };
        match AnsiTransactionManager::rollback_transaction(&mut self.conn) {
            // What broke it is in the first error.
            Ok(()) | Err(DieselError::BrokenTransactionManager) => Err(error),
            Err(rollback) => Err(rollback.into()),
        }
    }

    fn signed(&self, sight: Sight) -> String {
        let text = sight.to_text();
        if text.is_empty() {
            return text;
        }
        let signature = self.keys.sign_sight(&text, self.process);
        format!("{text}|{signature}")
    }
}
