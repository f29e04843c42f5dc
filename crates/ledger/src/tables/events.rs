//! `events`, `event_audiences` and `event_backlog`: what is told, to whom, and what waits for it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::sequencer::Standing;

/// Something to be told: an event before it has its number.
#[derive(QueryableByName)]
pub(crate) struct Untold {
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) subject_id: Uuid,
}

/// What a search for the untold takes in.
pub(crate) enum Scope<'a> {
    /// What was committed since the last round, as far as this one's snapshot shows it.
    Since(&'a Standing),
    /// Whatever has no event, by the transaction numbers.
    Everything,
    /// Whatever has no event, by the moments: the transaction numbers are of several clusters.
    EverythingByMoment,
}

/// The values of `$1` to `$5`.
struct Bounds<'a> {
    lower: i64,
    upper: i64,
    ended: &'a [i64],
    snapshot: Option<&'a str>,
    by_moment: bool,
}

impl<'a> Scope<'a> {
    fn bounds(&self) -> Bounds<'a> {
        match self {
            Self::Since(standing) => Bounds {
                lower: standing.lower,
                upper: standing.upper,
                ended: &standing.ended,
                snapshot: Some(&standing.snapshot),
                by_moment: false,
            },
            Self::Everything | Self::EverythingByMoment => Bounds {
                lower: 0,
                upper: 0,
                ended: &[],
                snapshot: None,
                by_moment: matches!(self, Self::EverythingByMoment),
            },
        }
    }
}

/// The first ones that were committed since the last round, in the order in which they are told.
pub(crate) fn list_untold(
    conn: &mut PgConnection,
    standing: &Standing,
    limit: i64,
) -> Result<Vec<Untold>, LedgerError> {
    let bounds = Scope::Since(standing).bounds();
    let query = concat!(
        include_str!("../sql/untold.sql"),
        "select kind, learner_id, subject_id from told order by position limit $6"
    );
    Ok(diesel::sql_query(query)
        .bind::<BigInt, _>(bounds.lower)
        .bind::<BigInt, _>(bounds.upper)
        .bind::<Array<BigInt>, _>(bounds.ended)
        .bind::<Nullable<Text>, _>(bounds.snapshot)
        .bind::<Bool, _>(bounds.by_moment)
        .bind::<BigInt, _>(limit)
        .load(conn)?)
}

/// Numbers everything in the scope, puts it into the backlog and keeps the snapshot: one statement,
/// so that the snapshot kept is the one that was searched. Gives how much it was.
pub(crate) fn fill_backlog(
    tx: &mut Tx<'_>,
    scope: &Scope<'_>,
    last_seq: i64,
    now: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct FilledRow {
        #[diesel(sql_type = BigInt)]
        filled: i64,
    }
    let bounds = scope.bounds();
    let query = concat!(
        include_str!("../sql/untold.sql"),
        ", filled as ( \
             insert into event_backlog (seq, kind, learner_id, subject_id) \
             select $6 + position, kind, learner_id, subject_id from told order by position \
             returning seq \
         ) \
         update sequencer set \
             last_snapshot = coalesce($4::text::pg_snapshot, pg_current_snapshot()), \
             round_at = $7, \
             system_identifier = (select system_identifier from pg_control_system()) \
         returning (select count(*) from filled) as filled"
    );
    let row: FilledRow = diesel::sql_query(query)
        .bind::<BigInt, _>(bounds.lower)
        .bind::<BigInt, _>(bounds.upper)
        .bind::<Array<BigInt>, _>(bounds.ended)
        .bind::<Nullable<Text>, _>(bounds.snapshot)
        .bind::<Bool, _>(bounds.by_moment)
        .bind::<BigInt, _>(last_seq)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())?;
    Ok(row.filled)
}

/// The first ones of the backlog, in the order of their numbers, which begin behind `last_seq`.
pub(crate) fn list_backlog(
    conn: &mut PgConnection,
    last_seq: i64,
    limit: i64,
) -> Result<Vec<Untold>, LedgerError> {
    Ok(diesel::sql_query(
        "select kind, learner_id, subject_id from event_backlog where seq > $1 \
         order by seq limit $2",
    )
    .bind::<BigInt, _>(last_seq)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// Takes from the backlog what is told by now.
pub(crate) fn shorten_backlog(tx: &mut Tx<'_>, last_seq: i64) -> Result<(), LedgerError> {
    diesel::sql_query("delete from event_backlog where seq <= $1")
        .bind::<BigInt, _>(last_seq)
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets the backlog: what is in it is found again as untold.
pub(crate) fn clear_backlog(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    diesel::sql_query("delete from event_backlog").execute(tx.conn())?;
    Ok(())
}

/// Writes events with the numbers behind `last_seq`, and whom they concern. Gives the last number.
///
/// # Errors
/// [`LedgerError::Corrupt`] where a subject is gone: a number would stay without its event.
pub(crate) fn tell(tx: &mut Tx<'_>, last_seq: i64, untold: &[Untold]) -> Result<i64, LedgerError> {
    #[derive(QueryableByName)]
    struct WrittenRow {
        #[diesel(sql_type = BigInt)]
        written: i64,
    }
    let seqs: Vec<i64> = (last_seq.saturating_add(1)..).take(untold.len()).collect();
    let kinds: Vec<&str> = untold.iter().map(|one| one.kind.as_str()).collect();
    let learners: Vec<Uuid> = untold.iter().map(|one| one.learner_id).collect();
    let subjects: Vec<Uuid> = untold.iter().map(|one| one.subject_id).collect();
    let row: WrittenRow = diesel::sql_query(include_str!("../sql/tell_events.sql"))
        .bind::<Array<BigInt>, _>(&seqs)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Array<SqlUuid>, _>(subjects)
        .get_result(tx.conn())?;
    if usize::try_from(row.written) != Ok(untold.len()) {
        return Err(LedgerError::Corrupt("the subject of an event"));
    }
    Ok(seqs.last().copied().unwrap_or(last_seq))
}
