//! Rule sets as those who keep them see them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::ids::RuleSetId;
use creditbank_rulebook::{Rival, RuleDocument};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::rule_set_programmes;
use crate::tables::rule_sets::{self, RuleSetState};

/// A rule set in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetView {
    /// Its id.
    pub rule_set_id: RuleSetId,
    /// The receiving institution's code.
    pub receiving: String,
    /// Its code, the same over all versions.
    pub code: String,
    /// Counts up from 1.
    pub version: i32,
    /// Where it stands.
    pub state: RuleSetState,
    /// The codes of the programmes that it is for; every one where none is named.
    pub programmes: Vec<String>,
    /// The document it rests on.
    pub document_number: String,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// Who drafted and proposed it.
    pub proposed_by: String,
    /// How many approve it.
    pub approvals: i64,
    /// When it was approved.
    pub approved_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    rule_set_id: Uuid,
    #[diesel(sql_type = Text)]
    receiving: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Array<Text>)]
    programmes: Vec<String>,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    proposed_by: String,
    #[diesel(sql_type = BigInt)]
    approvals: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    approved_at: Option<DateTime<Utc>>,
}

/// Every version of every rule set, by institution, code and version.
///
/// # Errors
/// [`LedgerError::Unavailable`] without a database.
pub fn list_rule_sets(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
) -> Result<Vec<RuleSetView>, LedgerError> {
    let rows: Vec<Row> = ledger.read(grant, |conn| {
        let rows = diesel::sql_query(
            "select r.rule_set_id, i.code as receiving, r.code, r.version, r.state, \
                 array(select p.code from rule_set_programmes n \
                     join programmes p using (programme_id) \
                     where n.rule_set_id = r.rule_set_id order by p.code) as programmes, \
                 r.document_number, r.valid_from, r.valid_to, r.proposed_by, r.approved_at, \
                 (select count(*) from rule_set_votes v \
                  where v.rule_set_id = r.rule_set_id and v.vote = 'approve') as approvals \
             from rule_sets r join institutions i using (institution_id) \
             order by i.code, r.code, r.version",
        )
        .load(conn)?;
        Ok(rows)
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(RuleSetView {
                rule_set_id: RuleSetId::from_uuid(row.rule_set_id),
                receiving: row.receiving,
                code: row.code,
                version: row.version,
                state: row.state.parse()?,
                programmes: row.programmes,
                document_number: row.document_number,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                proposed_by: row.proposed_by,
                approvals: row.approvals,
                approved_at: row.approved_at,
            })
        })
        .collect()
}

/// A rule set's document, and the approved sets that stand in its way.
#[derive(Debug, Clone)]
pub struct RuleDocumentView {
    /// What it says.
    pub document: RuleDocument,
    /// The approved sets of other codes for the same programmes.
    pub rivals: Vec<Rival>,
}

/// What a rule set says, and what stands in its way.
///
/// # Errors
/// [`LedgerError::NotFound`], also for a set from before there were documents.
pub fn rule_document(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
) -> Result<RuleDocumentView, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let stored = rule_sets::find(conn, id)?.ok_or(LedgerError::NotFound)?;
        let document = stored.document.ok_or(LedgerError::NotFound)?;
        Ok(RuleDocumentView {
            document,
            rivals: rule_set_programmes::list_rivals(conn, &stored.rule_set)?,
        })
    })
}
