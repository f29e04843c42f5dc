//! How the database server is set, for whoever checks a configuration.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::Ledger;

/// Settings of the server that the bank cares about, as `SHOW` has them.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DatabaseSettings {
    /// For example `150004`.
    #[diesel(sql_type = BigInt)]
    pub version_number: i64,
    /// `on`, or what was acknowledged may be lost in a crash.
    #[diesel(sql_type = Text)]
    pub fsync: String,
    /// `on`, for the same reason.
    #[diesel(sql_type = Text)]
    pub synchronous_commit: String,
    /// What messages are written in; deadlocks are told by theirs.
    #[diesel(sql_type = Text)]
    pub lc_messages: String,
    /// `lz4` makes the log smaller.
    #[diesel(sql_type = Text)]
    pub wal_compression: String,
    /// How much log there may be between two checkpoints, in megabytes.
    #[diesel(sql_type = BigInt)]
    pub max_wal_megabytes: i64,
    /// The pause between two checkpoints, in seconds.
    #[diesel(sql_type = BigInt)]
    pub checkpoint_seconds: i64,
    /// Connections of the whole server.
    #[diesel(sql_type = BigInt)]
    pub connections_max: i64,
    /// Who logged in.
    #[diesel(sql_type = Text)]
    pub login: String,
    /// Whether that login can put the application's role off and be somebody whom neither rights
    /// nor row-level security hold: a superuser, the owner of the tables.
    #[diesel(sql_type = Bool)]
    pub login_leaves_wall: bool,
}

/// The server's settings. Public: whoever has the connection could ask for them.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn database_settings(ledger: &Ledger) -> Result<DatabaseSettings, LedgerError> {
    ledger.read(Sight::PUBLIC, |conn| {
        let row = diesel::sql_query(
            "select current_setting('server_version_num')::bigint as version_number, \
                 current_setting('fsync') as fsync, \
                 current_setting('synchronous_commit') as synchronous_commit, \
                 current_setting('lc_messages') as lc_messages, \
                 current_setting('wal_compression') as wal_compression, \
                 pg_size_bytes(current_setting('max_wal_size')) / 1048576 as max_wal_megabytes, \
                 extract(epoch from current_setting('checkpoint_timeout')::interval)::bigint \
                     as checkpoint_seconds, \
                 current_setting('max_connections')::bigint as connections_max, \
                 session_user::text as login, \
                 exists ( \
                     select from pg_roles r \
                     where r.rolname = session_user and ( \
                         r.rolsuper or r.rolbypassrls or exists ( \
                             select from pg_class c \
                             where c.oid = to_regclass('public.transfers') \
                                 and pg_has_role(r.oid, c.relowner, 'member') \
                         ) \
                     ) \
                 ) as login_leaves_wall",
        )
        .get_result(conn)?;
        Ok(row)
    })
}
