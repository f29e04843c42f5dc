//! What can go wrong in the ledger, and the one place that reads diesel's errors.

use creditbank_domain::authz::Denied;
use creditbank_domain::fault::Fault;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Keys that two writers may claim at one moment; the one who comes second runs again and sees
/// what the first one did. (Two random learner numbers that met will not meet again.)
const RACES: [&str; 5] = [
    "learner_numbers_pkey",
    "corrections_outcome_id_key",
    "corrections_undoes_key",
    "corrections_reversed_request_key",
    "corrections_reversed_hold_key",
];

/// How messages begin that say that the connection died under a statement: diesel has a kind for
/// it only before one is sent.
const CONNECTION_DIED: [&str; 3] = [
    "server closed the connection unexpectedly",
    "no connection to the server",
    "terminating connection",
];

/// Why a flow or a read did not answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no such thing, or it is somebody else's.
    #[error("there is no such thing")]
    NotFound,
    /// The grant does not cover it.
    #[error("the grant does not cover this")]
    Denied(#[source] Denied),
    /// A rule refuses it; nothing was changed.
    #[error("refused: {0}")]
    Refused(Fault),
    /// It contradicts what is there; nothing was changed.
    #[error("conflict: {0}")]
    Conflict(Fault),
    /// There is no room for it now; nothing was changed.
    #[error("no room: {0}")]
    NoRoom(Fault),
    /// Somebody has changed it since it was read; nothing was changed.
    #[error("version {seen} was read, and {now} stands by now")]
    Stale {
        /// The version that the caller has seen.
        seen: u32,
        /// The one that stands.
        now: u32,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The answer was rendered as a refusal, so the transaction was rolled back.
    #[error("the answer is a refusal")]
    RolledBack,
    /// Somebody else changed the same learner's lots at the same moment; the flow runs again.
    #[error("another write came first")]
    Contended,
    /// The database cannot be reached or has no connection left.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The configured identity key is not the one that sealed this bank.
    #[error("the identity key is not the one this bank was sealed with")]
    WrongIdentityKey,
    /// The identity key is not 64 hexadecimal digits.
    #[error("an identity key is 64 hexadecimal digits")]
    MalformedIdentityKey,
    /// A stored value breaks a rule: a bug, here or of whoever wrote it.
    #[error("corrupt: {0}")]
    Corrupt(&'static str),
    /// The migrations could not be applied.
    #[error("the migrations could not be applied")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database refused a statement.
    #[error("the database refused a statement")]
    Database(#[source] DieselError),
}

impl From<DieselError> for LedgerError {
    /// Demanded by diesel's transaction closure; the only conversion of its kind.
    fn from(source: DieselError) -> Self {
        match source {
            DieselError::NotFound => Self::NotFound,
            // The second: what the dead connection of an earlier statement could not even send.
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            ) => Self::Unavailable(Box::new(source)),
            // Diesel has no kind for a lock that was waited for too long; told by its text.
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, ref fields)
                if fields.message() == "canceling statement due to lock timeout"
                    || CONNECTION_DIED
                        .iter()
                        .any(|died| fields.message().starts_with(died)) =>
            {
                Self::Unavailable(Box::new(source))
            }
            other => Self::Database(other),
        }
    }
}

impl From<Denied> for LedgerError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl LedgerError {
    /// What there is to say about one of several things, where the others can go on without it.
    pub(crate) fn about_one(self) -> Result<Fault, Self> {
        match self {
            Self::Refused(fault) | Self::Conflict(fault) | Self::NoRoom(fault) => Ok(fault),
            Self::Stale { seen, now } => Ok(Fault::new(
                "VERSION_STALE",
                format!("申请已变动:您看到的是第 {seen} 版,现为第 {now} 版,请重新查看"),
                format!("it has moved on: version {seen} was seen, {now} stands; look again"),
            )),
            Self::NotFound => Ok(Fault::new(
                "NOT_FOUND",
                "没有该申请,或不属于本机构",
                "there is no such request for this institution",
            )),
            other => Err(other),
        }
    }

    /// True where the same flow may succeed if it runs again at once.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Contended => true,
            Self::Database(DieselError::DatabaseError(kind, fields)) => match kind {
                DatabaseErrorKind::SerializationFailure => true,
                DatabaseErrorKind::UniqueViolation => fields
                    .constraint_name()
                    .is_some_and(|name| RACES.contains(&name)),
                // Diesel has no kind for deadlocks, so this one is told by its text.
                DatabaseErrorKind::Unknown => fields.message() == "deadlock detected",
                _ => false,
            },
            _ => false,
        }
    }

    /// True where the database is away rather than refusing.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// The coded reason for people, where there is one.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Refused(fault) | Self::Conflict(fault) | Self::NoRoom(fault) => Some(fault),
            _ => None,
        }
    }
}
