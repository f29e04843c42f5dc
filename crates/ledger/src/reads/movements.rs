//! A learner's movements: every transfer with its reason, oldest first, by pages.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::ids::{LotId, OutcomeId, RequestId, TransferId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::account_of;
use crate::store::Ledger;
use crate::tables::{hundredths, parsed};

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementView {
    /// The transfer.
    pub transfer_id: TransferId,
    /// The moment it entered the ledger.
    pub recorded_at: DateTime<Utc>,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// issue, hold, release or settle.
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
    /// Why, in Chinese, where a decision explains it.
    pub explanation_zh: Option<String>,
    /// Why, in English.
    pub explanation_en: Option<String>,
    /// The document that the decision's rules rest on.
    pub document_number: Option<String>,
}

#[derive(QueryableByName)]
struct MovementRow {
    #[diesel(sql_type = SqlUuid)]
    transfer_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    effective_on: NaiveDate,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    from_account: String,
    #[diesel(sql_type = Text)]
    to_account: String,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = SqlUuid)]
    lot_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    outcome_id: Uuid,
    #[diesel(sql_type = Text)]
    institution_code: String,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = Text)]
    entry_code: String,
    #[diesel(sql_type = Text)]
    entry_title: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    explanation_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    explanation_en: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    document_number: Option<String>,
}

impl TryFrom<MovementRow> for MovementView {
    type Error = LedgerError;

    fn try_from(row: MovementRow) -> Result<Self, LedgerError> {
        Ok(Self {
            transfer_id: TransferId::from_uuid(row.transfer_id),
            recorded_at: row.recorded_at,
            effective_on: row.effective_on,
            kind: row.kind,
            from_account: row.from_account,
            to_account: row.to_account,
            unit: parsed(&row.unit, "lots.unit")?,
            amount: hundredths(row.amount, "transfers.amount")?,
            lot_id: LotId::from_uuid(row.lot_id),
            outcome_id: OutcomeId::from_uuid(row.outcome_id),
            institution_code: row.institution_code,
            institution_name: row.institution_name,
            entry_code: row.entry_code,
            entry_title: row.entry_title,
            request_id: row.request_id.map(RequestId::from_uuid),
            explanation_zh: row.explanation_zh,
            explanation_en: row.explanation_en,
            document_number: row.document_number,
        })
    }
}

/// Movements of the learner that the grant is for, oldest first, behind `after`.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant.
pub fn movements(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    after: Option<TransferId>,
    limit: u32,
) -> Result<Vec<MovementView>, LedgerError> {
    ledger.read(|conn| {
        let (account, only) = account_of(conn, grant)?;
        let mut page = |after: Uuid, limit: u32| -> Result<Vec<MovementRow>, LedgerError> {
            Ok(diesel::sql_query(include_str!("../sql/movements.sql"))
                .bind::<Array<SqlUuid>, _>(account.member_ids())
                .bind::<Nullable<SqlUuid>, _>(only)
                .bind::<SqlUuid, _>(after)
                .bind::<BigInt, _>(i64::from(limit))
                .load(conn)?)
        };
        let rows = page(after.map_or(Uuid::nil(), TransferId::as_uuid), limit)?;
        // Behind the last movement there is an empty page, behind nothing at all no account.
        if only.is_some() && rows.is_empty() && page(Uuid::nil(), 1)?.is_empty() {
            return Err(LedgerError::NotFound);
        }
        rows.into_iter().map(MovementView::try_from).collect()
    })
}
