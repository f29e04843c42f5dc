//! The books for independent checking: every transfer of a slice, a page at a time, in one snapshot.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{ExportBooks, Grant};
use creditbank_domain::calendar::first_moment;
use creditbank_domain::ids::{
    CorrectionId, HoldId, InstitutionId, LotId, OutcomeId, RequestId, TransferId,
};
use creditbank_domain::learner_no::LearnerNo;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::learners::{self, Account, AccountRow};
use crate::tables::{audit_events, hundredths, parsed};

/// Which part of the books is taken out; everything where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportSlice {
    /// One account.
    pub learner: Option<LearnerNo>,
    /// The lots that came from outcomes of one institution.
    pub institution: Option<InstitutionId>,
    /// From the beginning of this day of the bank on, by the moment recorded.
    pub from: Option<NaiveDate>,
    /// To the end of this day.
    pub to: Option<NaiveDate>,
}

/// A transfer with what an outsider needs to check it. Nothing personal but the learner's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedTransfer {
    /// The transfer.
    pub transfer_id: TransferId,
    /// Whose lot it moves.
    pub learner_no: LearnerNo,
    /// Who posted the outcome behind the lot.
    pub institution_code: String,
    /// The catalogue entry achieved.
    pub entry_code: String,
    /// What is counted.
    pub unit: Unit,
    /// issue, hold, release, settle, expire, withdraw or reverse.
    pub kind: String,
    /// The account that gave.
    pub from_account: String,
    /// The account that took.
    pub to_account: String,
    /// How much moved.
    pub amount: Hundredths,
    /// The moment it entered the ledger.
    pub recorded_at: DateTime<Utc>,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// The lot.
    pub lot_id: LotId,
    /// The outcome behind the lot.
    pub outcome_id: OutcomeId,
    /// The conversion request behind it.
    pub request_id: Option<RequestId>,
    /// The direct hold behind it.
    pub hold_id: Option<HoldId>,
    /// The correction behind it.
    pub correction_id: Option<CorrectionId>,
}

#[derive(QueryableByName)]
struct ExportRow {
    #[diesel(sql_type = SqlUuid)]
    transfer_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    learner_id: Uuid,
    #[diesel(sql_type = Text)]
    institution_code: String,
    #[diesel(sql_type = Text)]
    entry_code: String,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    from_account: String,
    #[diesel(sql_type = Text)]
    to_account: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    effective_on: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    lot_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    outcome_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    hold_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    correction_id: Option<Uuid>,
}

impl ExportRow {
    fn of(self, learner_no: LearnerNo) -> Result<ExportedTransfer, LedgerError> {
        let row = self;
        Ok(ExportedTransfer {
            transfer_id: TransferId::from_uuid(row.transfer_id),
            learner_no,
            institution_code: row.institution_code,
            entry_code: row.entry_code,
            unit: parsed(&row.unit, "lots.unit")?,
            kind: row.kind,
            from_account: row.from_account,
            to_account: row.to_account,
            amount: hundredths(row.amount, "transfers.amount")?,
            recorded_at: row.recorded_at,
            effective_on: row.effective_on,
            lot_id: LotId::from_uuid(row.lot_id),
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            request_id: row.request_id.map(RequestId::from_uuid),
            hold_id: row.hold_id.map(HoldId::from_uuid),
            correction_id: row.correction_id.map(CorrectionId::from_uuid),
        })
    }
}

/// Enough that the way to the database does not count, few enough that what they have can be held.
const LEARNERS: &str = "fetch forward 500 from learners_exported";

/// A reader of a pipe may think for a while; the snapshot is not held for ever.
const PATIENCE: &str = "set local idle_in_transaction_session_timeout to '1h'";

/// Whose transfers belong to a slice: where $1 are accounts, theirs; where $2 is an institution,
/// those for whom it posted something. What is merged stands under the survivor's number.
const LEARNERS_OF: &str = "declare learners_exported no scroll cursor for \
     select l.learner_id, coalesce(s.learner_no, l.learner_no) as learner_no from learners l \
     left join learner_aliases a on a.absorbed_id = l.learner_id \
     left join learners s on s.learner_id = a.survivor_id \
     where ($1 is null or l.learner_id = any($1)) \
         and ($2 is null or l.learner_id in (select learner_id from outcomes \
             where institution_id = $2)) \
     order by coalesce(a.survivor_id, l.learner_id), l.learner_id";

/// Gives the transfers of a slice to `each`, a page at a time, learner by learner and for each in the
/// order of the books, until it breaks off. Leaves an audit event. How many were given.
///
/// # Errors
/// [`LedgerError::NotFound`] where nobody has that number, [`LedgerError::Unavailable`] where the
/// database does not answer.
pub fn export_transfers(
    ledger: &Ledger,
    grant: &Grant<ExportBooks>,
    slice: &ExportSlice,
    now: DateTime<Utc>,
    each: &mut dyn FnMut(Vec<ExportedTransfer>) -> ControlFlow<()>,
) -> Result<u64, LedgerError> {
    let learner = write_down(ledger, grant, slice, now)?;
    let institution = slice.institution.map(InstitutionId::as_uuid);
    ledger.read_snapshot(grant, |conn| {
        conn.batch_execute(PATIENCE)?;
        diesel::sql_query(LEARNERS_OF)
            .bind::<Nullable<Array<SqlUuid>>, _>(learner.as_deref())
            .bind::<Nullable<SqlUuid>, _>(institution)
            .execute(conn)?;
        let mut given: u64 = 0;
        loop {
            let rows: Vec<AccountRow> = diesel::sql_query(LEARNERS).load(conn)?;
            if rows.is_empty() {
                return Ok(given);
            }
            let accounts: Vec<Account> = rows
                .into_iter()
                .map(Account::try_from)
                .collect::<Result<_, _>>()?;
            let page = page(conn, &accounts, slice)?;
            given = given.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            if each(page).is_break() {
                return Ok(given);
            }
        }
    })
}

fn page(
    conn: &mut PgConnection,
    accounts: &[Account],
    slice: &ExportSlice,
) -> Result<Vec<ExportedTransfer>, LedgerError> {
    let numbers: BTreeMap<Uuid, LearnerNo> = accounts
        .iter()
        .map(|account| (account.learner_id.as_uuid(), account.learner_no))
        .collect();
    let learners: Vec<Uuid> = numbers.keys().copied().collect();
    let end = slice.to.map(|day| day.succ_opt().unwrap_or(day));
    let rows: Vec<ExportRow> = diesel::sql_query(include_str!("../sql/export_transfers.sql"))
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Nullable<SqlUuid>, _>(slice.institution.map(InstitutionId::as_uuid))
        .bind::<Nullable<Timestamptz>, _>(slice.from.map(first_moment))
        .bind::<Nullable<Timestamptz>, _>(end.map(first_moment))
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let number = numbers.get(&row.learner_id).copied();
            row.of(number.ok_or(LedgerError::Corrupt("transfers.learner_id"))?)
        })
        .collect()
}

/// The audit event of an export, and whose accounts it is about.
fn write_down(
    ledger: &Ledger,
    grant: &Grant<ExportBooks>,
    slice: &ExportSlice,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Uuid>>, LedgerError> {
    ledger.write(grant, |tx| {
        let learner = match slice.learner {
            None => None,
            Some(number) => {
                let account = learners::find_by_number(tx.conn(), number)?;
                Some(account.ok_or(LedgerError::NotFound)?)
            }
        };
        let institution = slice.institution.map(InstitutionId::as_uuid);
        let subject = match (&learner, institution) {
            (Some(found), _) => ("learner", Some(found.account.learner_id.as_uuid())),
            (None, Some(institution)) => ("institution", Some(institution)),
            (None, None) => ("bank", None),
        };
        let figures = json!({ "institution": institution, "from": slice.from, "to": slice.to });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(learner.map(|found| found.members().iter().map(|id| id.as_uuid()).collect()))
    })
}
