//! `rule_sets` and `articulation_rules`: read and written together.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::conversion::{Cap, Document, RuleSet};
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use creditbank_domain::words::words;
use creditbank_rulebook::{Resolved, RuleDocument, RuleSetIdentity};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::rule_set_documents::{self, StoredDocument};
use crate::tables::{articulation_rules, hundredths, parsed, rule_set_programmes};

#[derive(QueryableByName)]
struct RuleSetRow {
    #[diesel(sql_type = SqlUuid)]
    rule_set_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Text)]
    document_title: String,
    #[diesel(sql_type = BigInt)]
    programme_share_hundredths: i64,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    proposed_by: String,
    #[diesel(sql_type = Text)]
    state: String,
}

words!(
    /// Where a rule set stands.
    RuleSetState, "a state of a rule set", {
        /// Written down; nobody has been asked yet.
        Draft => "draft",
        /// Put to the vote.
        Proposed => "proposed",
        /// In force from its first day on.
        Approved => "approved",
        /// No request is made out under it any more.
        Retired => "retired",
    }
);

/// A rule set and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct StoredRuleSet {
    pub(crate) rule_set: RuleSet,
    /// What it was compiled from; nothing for the older ones.
    pub(crate) document: Option<RuleDocument>,
    pub(crate) proposed_by: String,
    pub(crate) state: RuleSetState,
}

const SELECT: &str = "select r.rule_set_id, r.institution_id, r.code, r.version, \
     r.document_number, d.title as document_title, r.programme_share_hundredths, r.valid_from, \
     r.valid_to, r.proposed_by, r.state from rule_sets r join documents d using (document_number)";

fn with_rules(
    conn: &mut PgConnection,
    row: Option<RuleSetRow>,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let Some(row) = row else {
        return Ok(None);
    };
    let (state, proposed_by) = (
        parsed(&row.state, "rule_sets.state")?,
        row.proposed_by.clone(),
    );
    let id = RuleSetId::from_uuid(row.rule_set_id);
    let (rule_set, document) = match rule_set_documents::find(conn, id)? {
        Some(stored) => (of_document(&row, &stored)?, Some(stored.document)),
        None => (of_rows(conn, row)?, None),
    };
    Ok(Some(StoredRuleSet {
        rule_set,
        document,
        proposed_by,
        state,
    }))
}

fn of_document(row: &RuleSetRow, stored: &StoredDocument) -> Result<RuleSet, LedgerError> {
    let identity = RuleSetIdentity {
        id: RuleSetId::from_uuid(row.rule_set_id),
        version: row.version,
        receiving: InstitutionId::from_uuid(row.institution_id),
    };
    let compiled = stored.document.compile(&stored.resolved, identity);
    compiled.map_err(|_| LedgerError::Corrupt("rule_set_documents.content"))
}

/// A set from before there were documents: rules of one source and one course, and one cap.
fn of_rows(conn: &mut PgConnection, row: RuleSetRow) -> Result<RuleSet, LedgerError> {
    let id = RuleSetId::from_uuid(row.rule_set_id);
    let (rules, titles) = articulation_rules::list(conn, id, row.valid_from)?;
    let share = hundredths(row.programme_share_hundredths, "rule_sets.share")?;
    Ok(RuleSet {
        id,
        code: row.code,
        version: row.version,
        receiving: InstitutionId::from_uuid(row.institution_id),
        programmes: BTreeSet::new(),
        document: Document {
            number: row.document_number,
            title: row.document_title,
        },
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        parts: Vec::new(),
        caps: vec![Cap::of_programme(share)],
        titles,
        rules,
    })
}

/// What names a rule set in an answer, without what it says.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct CitedRuleSet {
    #[diesel(sql_type = Text)]
    pub(crate) code: String,
    #[diesel(sql_type = Integer)]
    pub(crate) version: i32,
    #[diesel(sql_type = Text)]
    pub(crate) document_number: String,
}

pub(crate) fn find_cited(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Option<CitedRuleSet>, LedgerError> {
    Ok(diesel::sql_query(
        "select code, version, document_number from rule_sets where rule_set_id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(conn)
    .optional()?)
}

pub(crate) fn find(
    conn: &mut PgConnection,
    id: RuleSetId,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let row: Option<RuleSetRow> = diesel::sql_query(format!("{SELECT} where r.rule_set_id = $1"))
        .bind::<SqlUuid, _>(id.as_uuid())
        .get_result(conn)
        .optional()?;
    with_rules(conn, row)
}

/// The latest version of a code, approved or not.
pub(crate) fn find_latest(
    conn: &mut PgConnection,
    institution: InstitutionId,
    code: &str,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let row: Option<RuleSetRow> = diesel::sql_query(format!(
        "{SELECT} where r.institution_id = $1 and r.code = $2 order by r.version desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(code)
    .get_result(conn)
    .optional()?;
    with_rules(conn, row)
}

/// Keeps a draft with what it says.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    rule_set: &RuleSet,
    document: &RuleDocument,
    resolved: &Resolved,
    drafted_by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into rule_sets (rule_set_id, institution_id, code, version, state, \
             document_number, programme_share_hundredths, valid_from, valid_to, proposed_by, \
             created_at) \
         values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(rule_set.id.as_uuid())
    .bind::<SqlUuid, _>(rule_set.receiving.as_uuid())
    .bind::<Text, _>(&rule_set.code)
    .bind::<Integer, _>(rule_set.version)
    .bind::<Text, _>(&rule_set.document.number)
    .bind::<BigInt, _>(rule_set.programme_share().get())
    .bind::<Date, _>(rule_set.valid_from)
    .bind::<Nullable<Date>, _>(rule_set.valid_to)
    .bind::<Text, _>(drafted_by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    rule_set_programmes::insert_all(tx, rule_set)?;
    rule_set_documents::insert(tx, rule_set.id, document, resolved)
}

/// Puts a draft to the vote; false where it is no draft.
pub(crate) fn propose(tx: &mut Tx<'_>, id: RuleSetId) -> Result<bool, LedgerError> {
    let updated = diesel::sql_query(
        "update rule_sets set state = 'proposed' where rule_set_id = $1 and state = 'draft'",
    )
    .bind::<SqlUuid, _>(id.as_uuid())
    .execute(tx.conn())?;
    Ok(updated == 1)
}

/// Approves a proposed set; false where it is not proposed.
pub(crate) fn approve(
    tx: &mut Tx<'_>,
    id: RuleSetId,
    approved_by: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let updated = diesel::sql_query(
        "update rule_sets set state = 'approved', approved_by = $2, approved_at = $3 \
         where rule_set_id = $1 and state = 'proposed'",
    )
    .bind::<SqlUuid, _>(id.as_uuid())
    .bind::<Text, _>(approved_by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(updated == 1)
}

/// Retires an approved set; false where it is not approved.
pub(crate) fn retire(
    tx: &mut Tx<'_>,
    id: RuleSetId,
    retired_by: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let updated = diesel::sql_query(
        "update rule_sets set state = 'retired', retired_by = $2, retired_at = $3 \
         where rule_set_id = $1 and state = 'approved'",
    )
    .bind::<SqlUuid, _>(id.as_uuid())
    .bind::<Text, _>(retired_by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(updated == 1)
}

/// Locks a rule set, so that votes on it take turns.
pub(crate) fn lock(tx: &mut Tx<'_>, id: RuleSetId) -> Result<(), LedgerError> {
    diesel::sql_query("select from rule_sets where rule_set_id = $1 for update")
        .bind::<SqlUuid, _>(id.as_uuid())
        .execute(tx.conn())?;
    Ok(())
}
