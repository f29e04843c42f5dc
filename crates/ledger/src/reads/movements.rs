//! A learner's movements: every transfer with its reason and the sums after it, oldest first, by
//! pages.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CorrectionId, HoldId, LotId, OutcomeId, RequestId, TransferId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::movement_rows::MovementRow;
use crate::error::LedgerError;
use crate::reads::{account_of, has_part};
use crate::store::Ledger;

/// What a learner has of one unit, account by account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Can be used; also what is over its last day, until it is moved.
    pub available: Hundredths,
    /// Reserved.
    pub held: Hundredths,
    /// Given for something.
    pub used: Hundredths,
    /// Lapsed.
    pub expired: Hundredths,
    /// Taken back by corrections.
    pub withdrawn: Hundredths,
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementView {
    /// The transfer.
    pub transfer_id: TransferId,
    /// The moment it entered the ledger.
    pub recorded_at: DateTime<Utc>,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// issue, hold, release, settle, expire, withdraw or reverse.
    pub kind: String,
    /// The account that gave.
    pub from_account: String,
    /// The account that took.
    pub to_account: String,
    /// What is counted.
    pub unit: Unit,
    /// How much moved.
    pub amount: Hundredths,
    /// The lot.
    pub lot_id: LotId,
    /// The outcome behind the lot.
    pub outcome_id: OutcomeId,
    /// Who posted the outcome.
    pub institution_code: String,
    /// What that institution is called.
    pub institution_name: String,
    /// The catalogue entry achieved.
    pub entry_code: String,
    /// What it is called.
    pub entry_title: String,
    /// The conversion request behind it.
    pub request_id: Option<RequestId>,
    /// The direct hold behind it.
    pub hold_id: Option<HoldId>,
    /// What that hold is for.
    pub purpose: Option<String>,
    /// The correction behind it.
    pub correction_id: Option<CorrectionId>,
    /// The coded reason of the correction, or of what a decision cut or refused.
    pub reason: Option<String>,
    /// Why, in Chinese.
    pub explanation_zh: Option<String>,
    /// Why, in English.
    pub explanation_en: Option<String>,
    /// The document that the decision's rules or the correction rest on.
    pub document_number: Option<String>,
    /// What there is of the unit after it.
    pub after: Sums,
}

/// A stretch of the books.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stretch {
    /// Behind this moment and, within it, this transfer.
    pub(super) behind: Option<(DateTime<Utc>, Uuid)>,
    /// Before this moment.
    pub(super) before: Option<DateTime<Utc>>,
    /// How many at most.
    pub(super) limit: u32,
}

/// Movements of the learner that the grant is for, in the order of the books (the moment recorded,
/// then the transfer's id), behind `after`.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant; refused with
/// `CURSOR_UNKNOWN` where `after` is no movement that it shows.
pub fn movements(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    after: Option<TransferId>,
    limit: u32,
) -> Result<Vec<MovementView>, LedgerError> {
    ledger.read(grant, |conn| {
        let (account, only) = account_of(conn, grant)?;
        let learner = account.member_ids();
        let learner = learner.as_slice();
        let behind = match after {
            None => None,
            Some(after) => match place_of(conn, learner, only, after)? {
                None if is_shown(conn, learner, only)? => return Err(cursor_unknown()),
                None => return Err(LedgerError::NotFound),
                found => found,
            },
        };
        let stretch = Stretch {
            behind,
            before: None,
            limit,
        };
        let rows = list(conn, learner, only, stretch)?;
        // Behind the last movement there is an empty page, behind nothing at all no account.
        if after.is_none() && rows.is_empty() && !is_shown(conn, learner, only)? {
            return Err(LedgerError::NotFound);
        }
        Ok(rows)
    })
}

/// The movements of a stretch.
pub(super) fn list(
    conn: &mut PgConnection,
    learner: &[Uuid],
    only: Option<Uuid>,
    stretch: Stretch,
) -> Result<Vec<MovementView>, LedgerError> {
    let (moment, transfer) = stretch.behind.unzip();
    let rows: Vec<MovementRow> = diesel::sql_query(include_str!("../sql/movements.sql"))
        .bind::<Array<SqlUuid>, _>(learner)
        .bind::<Nullable<SqlUuid>, _>(only)
        .bind::<Nullable<Timestamptz>, _>(moment)
        .bind::<Nullable<SqlUuid>, _>(transfer)
        .bind::<Nullable<Timestamptz>, _>(stretch.before)
        .bind::<BigInt, _>(i64::from(stretch.limit))
        .load(conn)?;
    rows.into_iter().map(MovementView::try_from).collect()
}

/// Whether a grant shows anything of an account: the whole of it even where nothing moved yet.
pub(super) fn is_shown(
    conn: &mut PgConnection,
    learner: &[Uuid],
    only: Option<Uuid>,
) -> Result<bool, LedgerError> {
    only.map_or(Ok(true), |institution| has_part(conn, learner, institution))
}

/// Where in the books a transfer stands, if it is one that may be seen.
fn place_of(
    conn: &mut PgConnection,
    learner: &[Uuid],
    only: Option<Uuid>,
    transfer: TransferId,
) -> Result<Option<(DateTime<Utc>, Uuid)>, LedgerError> {
    #[derive(QueryableByName)]
    struct PlaceRow {
        #[diesel(sql_type = Timestamptz)]
        recorded_at: DateTime<Utc>,
    }
    let found: Option<PlaceRow> = diesel::sql_query(
        "select t.recorded_at from transfers t \
         join lots l using (learner_id, lot_id) \
         join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id \
         where t.learner_id = any($1) and t.transfer_id = $2 \
             and ($3 is null or o.institution_id = $3)",
    )
    .bind::<Array<SqlUuid>, _>(learner)
    .bind::<SqlUuid, _>(transfer.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(only)
    .get_result(conn)
    .optional()?;
    Ok(found.map(|row| (row.recorded_at, transfer.as_uuid())))
}

fn cursor_unknown() -> LedgerError {
    LedgerError::Refused(Fault::new(
        "CURSOR_UNKNOWN",
        "cursor 应为本账户上一页返回的 next_cursor",
        "a cursor is the next_cursor of the page before, of the same account",
    ))
}
