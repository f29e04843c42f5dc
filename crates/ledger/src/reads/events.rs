//! The change feed: what happened in the ledger, in the order of commits, by pages.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadEvents, Subject, View};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{InstitutionId, LotId, OutcomeId, RequestId};
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::{count, hundredths, parsed, sequencer};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventView {
    /// Its number: from 1, without a gap over the whole bank.
    pub seq: u64,
    /// `lot.issued` and so on, `outcome.recorded`, or the kind of a notice.
    pub kind: String,
    /// The transfer, outcome or notice that it tells of.
    pub subject_id: Uuid,
    /// Whose it is.
    pub learner_no: LearnerNo,
    /// The lot.
    pub lot_id: Option<LotId>,
    /// The outcome behind it.
    pub outcome_id: Option<OutcomeId>,
    /// The conversion request behind it.
    pub request_id: Option<RequestId>,
    /// The direct hold behind it.
    pub hold_id: Option<Uuid>,
    /// The correction behind it.
    pub correction_id: Option<Uuid>,
    /// What is counted.
    pub unit: Option<Unit>,
    /// How much moved.
    pub amount: Option<Hundredths>,
    /// Who posted the outcome.
    pub institution_code: Option<String>,
    /// The moment it entered the ledger.
    pub recorded_at: DateTime<Utc>,
    /// The day from which it counts.
    pub effective_on: Option<NaiveDate>,
    /// Amounts, days and codes of a notice, or why an outcome earned nothing.
    pub figures: Option<serde_json::Value>,
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Text)]
    learner_no: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    lot_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    outcome_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    hold_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    correction_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    unit: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    institution_code: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Date>)]
    effective_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    figures: Option<serde_json::Value>,
}

impl TryFrom<EventRow> for EventView {
    type Error = LedgerError;

    fn try_from(row: EventRow) -> Result<Self, LedgerError> {
        let unit = row.unit.map(|unit| parsed(&unit, "lots.unit"));
        let amount = row.amount.map(|it| hundredths(it, "transfers.amount"));
        Ok(Self {
            seq: count(row.seq, "events.seq")?,
            kind: row.kind,
            subject_id: row.subject_id,
            learner_no: parsed(&row.learner_no, "learners.learner_no")?,
            lot_id: row.lot_id.map(LotId::from_uuid),
            outcome_id: row.outcome_id.map(OutcomeId::from_uuid),
            request_id: row.request_id.map(RequestId::from_uuid),
            hold_id: row.hold_id,
            correction_id: row.correction_id,
            unit: unit.transpose()?,
            amount: amount.transpose()?,
            institution_code: row.institution_code,
            recorded_at: row.recorded_at,
            effective_on: row.effective_on,
            figures: row.figures,
        })
    }
}

/// Events behind `after` in their order: all of the bank's, or those that concern the institution
/// that the grant is for.
///
/// # Errors
/// [`LedgerError::Conflict`] with `CURSOR_AHEAD` where there never was an event `after`: the bank
/// went back to an older copy. [`LedgerError::NotFound`] where the grant is for neither.
pub fn events(
    ledger: &Ledger,
    grant: &Grant<ReadEvents>,
    after: u64,
    limit: u32,
) -> Result<Vec<EventView>, LedgerError> {
    let only = match (grant.subject(), grant.view()) {
        (Subject::Bank, View::Whole) => None,
        (Subject::Institution(institution), _) => Some(institution),
        (Subject::Bank | Subject::Learner(_), _) => return Err(LedgerError::NotFound),
    };
    let after = i64::try_from(after).map_err(|_| LedgerError::Conflict(cursor_ahead()))?;
    ledger.read(grant, |conn| {
        let events = page_of_events(conn, after, only, limit)?;
        if events.is_empty() && after > sequencer::last_seq(conn)? {
            return Err(LedgerError::Conflict(cursor_ahead()));
        }
        Ok(events)
    })
}

/// The events behind one, of the whole bank or those that concern an institution.
pub(crate) fn page_of_events(
    conn: &mut PgConnection,
    after: i64,
    only: Option<InstitutionId>,
    limit: u32,
) -> Result<Vec<EventView>, LedgerError> {
    let rows: Vec<EventRow> = diesel::sql_query(include_str!("../sql/events.sql"))
        .bind::<BigInt, _>(after)
        .bind::<Nullable<SqlUuid>, _>(only.map(InstitutionId::as_uuid))
        .bind::<BigInt, _>(i64::from(limit))
        .load(conn)?;
    rows.into_iter().map(EventView::try_from).collect()
}

fn cursor_ahead() -> Fault {
    Fault::new(
        "CURSOR_AHEAD",
        "cursor 超出变更流末尾,数据库可能已恢复到较早的备份;请核对后从头读取",
        "the cursor is ahead of the feed: the bank may have gone back to an older copy; compare, \
         then read from the beginning",
    )
}
