//! Movements as they come out of the database, and the words that say why each of them was made.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::ids::{CorrectionId, HoldId, LotId, OutcomeId, RequestId, TransferId};
use creditbank_domain::reason::ReasonCode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::movements::{MovementView, Sums};
use crate::error::LedgerError;
use crate::tables::{hundredths, parsed};

#[derive(QueryableByName)]
pub(super) struct MovementRow {
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
    document_number: Option<String>,
    #[diesel(embed)]
    cause: Cause,
    #[diesel(embed)]
    after: SumsRow,
}

/// What a movement rests on.
#[derive(QueryableByName)]
struct Cause {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    hold_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    purpose: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    correction_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    correction_kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    explanation_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    explanation_en: Option<String>,
    #[diesel(sql_type = Text)]
    grade: String,
    #[diesel(sql_type = Date)]
    version_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    expires_on: Option<NaiveDate>,
}

/// The sums of a unit.
#[derive(QueryableByName)]
pub(super) struct SumsRow {
    #[diesel(sql_type = BigInt)]
    available: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = BigInt)]
    expired: i64,
    #[diesel(sql_type = BigInt)]
    withdrawn: i64,
}

impl TryFrom<SumsRow> for Sums {
    type Error = LedgerError;

    fn try_from(row: SumsRow) -> Result<Self, LedgerError> {
        let sum = |value| hundredths(value, "a sum of transfers");
        Ok(Self {
            available: sum(row.available)?,
            held: sum(row.held)?,
            used: sum(row.used)?,
            expired: sum(row.expired)?,
            withdrawn: sum(row.withdrawn)?,
        })
    }
}

impl TryFrom<MovementRow> for MovementView {
    type Error = LedgerError;

    fn try_from(row: MovementRow) -> Result<Self, LedgerError> {
        let (explanation_zh, explanation_en) = row.cause.explanation(&row.kind).unzip();
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
            hold_id: row.cause.hold_id.map(HoldId::from_uuid),
            purpose: row.cause.purpose,
            correction_id: row.cause.correction_id.map(CorrectionId::from_uuid),
            reason: row.cause.reason,
            explanation_zh,
            explanation_en,
            document_number: row.document_number,
            after: row.after.try_into()?,
        })
    }
}

impl Cause {
    /// Why, in both languages: the decision's own words where there are some, else the correction,
    /// the purpose of the hold, the end of the lot, or how it was recognised.
    fn explanation(&self, kind: &str) -> Option<(String, String)> {
        let decided = self.explanation_zh.clone().zip(self.explanation_en.clone());
        decided
            .or_else(|| self.corrected())
            .or_else(|| self.held_for())
            .or_else(|| match kind {
                "issue" => Some(self.recognised()),
                "expire" => self.lapsed(),
                _ => None,
            })
    }

    fn corrected(&self) -> Option<(String, String)> {
        let (zh, en) = match self.correction_kind.as_deref()? {
            "correct" => ("更正", "corrected"),
            "withdraw" => ("撤销", "withdrawn"),
            "undo" => ("冲回更正", "a correction was undone"),
            "carry" => ("因其他更正而变动", "follows from another correction"),
            "reverse_conversion" => ("冲回转换", "the conversion was reversed"),
            "reverse_hold" => ("冲回预留", "the use of the hold was reversed"),
            other => (other, other),
        };
        let (because_zh, because_en) = words_of_reason(self.reason.as_deref()?);
        Some((format!("{zh}:{because_zh}"), format!("{en}: {because_en}")))
    }

    fn held_for(&self) -> Option<(String, String)> {
        let purpose = self.purpose.as_deref()?;
        Some((format!("用途:{purpose}"), format!("for {purpose}")))
    }

    fn recognised(&self) -> (String, String) {
        let (grade, from) = (&self.grade, self.version_from);
        (
            format!("成绩 {grade},按 {from} 起生效的目录版本认定"),
            format!(
                "recognised for grade {grade} under the catalogue version in force from {from}"
            ),
        )
    }

    fn lapsed(&self) -> Option<(String, String)> {
        let day = self.expires_on?;
        Some((
            format!("有效期至 {day},已过期"),
            format!("could be used until {day}"),
        ))
    }
}

/// The sentence of a stored reason; the code itself where it is of no list known here.
fn words_of_reason(code: &str) -> (&str, &str) {
    code.parse::<ReasonCode>().map_or((code, code), |reason| {
        let text = reason.text();
        (text.zh, text.en)
    })
}
