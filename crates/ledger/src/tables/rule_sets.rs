//! `rule_sets` and `articulation_rules`: read and written together.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::conversion::{
    ArticulationRule, BookedGrade, Cap, Condition, Document, Effect, Gives, RuleSet, Source,
};
use creditbank_domain::ids::{EntryId, InstitutionId, RuleSetId};
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::{hundredths, level, parsed};

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

/// A rule as `articulation_rules` keeps it: one entry gives one course.
#[derive(QueryableByName, Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleRow {
    #[diesel(sql_type = Text)]
    pub(crate) code: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) source_entry_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) target_entry_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) source_title: String,
    #[diesel(sql_type = Text)]
    pub(crate) target_title: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) target_hundredths: i64,
    #[diesel(sql_type = Text)]
    pub(crate) minimum_grade: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) level_framework: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub(crate) level_value: Option<i16>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) earned_within_months: Option<i32>,
}

impl TryFrom<RuleRow> for ArticulationRule {
    type Error = LedgerError;

    /// One credit outcome of an entry gives one whole course, and has at least its credits.
    fn try_from(row: RuleRow) -> Result<Self, LedgerError> {
        let months = row.earned_within_months.map(u32::try_from).transpose();
        let credits = hundredths(row.target_hundredths, "articulation_rules.target")?;
        let source = Source {
            entries: vec![EntryId::from_uuid(row.source_entry_id)],
            categories: Vec::new(),
            issuers: Vec::new(),
            unit: Unit::Credit,
            minimum_grade: parsed(&row.minimum_grade, "articulation_rules.minimum_grade")?,
            level_floor: level(row.level_framework, row.level_value),
            earned_within_months: months
                .map_err(|_| LedgerError::Corrupt("articulation_rules.earned_within_months"))?,
            at_least: Some(credits),
        };
        Ok(Self {
            code: row.code,
            condition: Condition::Source(source),
            effects: vec![Effect {
                course: EntryId::from_uuid(row.target_entry_id),
                title: row.target_title,
                credits,
                gives: Gives::Course,
                books: BookedGrade::AsEarned,
            }],
        })
    }
}

/// What the entries that rules name are called.
pub(crate) fn titles_of(rules: &[RuleRow]) -> BTreeMap<EntryId, String> {
    let sources = rules.iter().map(|rule| {
        let entry = EntryId::from_uuid(rule.source_entry_id);
        (entry, rule.source_title.clone())
    });
    sources.collect()
}

/// A rule set and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct StoredRuleSet {
    pub(crate) rule_set: RuleSet,
    pub(crate) proposed_by: String,
    pub(crate) approved: bool,
}

const SELECT: &str = "select r.rule_set_id, r.institution_id, r.code, r.version, \
     r.document_number, d.title as document_title, r.programme_share_hundredths, r.valid_from, \
     r.valid_to, r.proposed_by, r.state from rule_sets r join documents d using (document_number)";

fn with_rules(
    conn: &mut PgConnection,
    rows: Vec<RuleSetRow>,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    // What an entry is called on the day the rule set begins: the same for every decision by it.
    let title = |entry: &str| {
        format!(
            "(select v.title from catalogue_versions v where v.entry_id = {entry} \
              order by (v.valid_from <= $2) desc, \
                       case when v.valid_from <= $2 then $2 - v.valid_from \
                            else v.valid_from - $2 end \
              limit 1)"
        )
    };
    let (source, target) = (title("r.source_entry_id"), title("r.target_entry_id"));
    let rules: Vec<RuleRow> = diesel::sql_query(format!(
        "select r.code, r.source_entry_id, r.target_entry_id, {source} as source_title, \
             {target} as target_title, \
             r.target_hundredths, r.minimum_grade, r.level_framework, r.level_value, \
             r.earned_within_months \
         from articulation_rules r where r.rule_set_id = $1",
    ))
    .bind::<SqlUuid, _>(row.rule_set_id)
    .bind::<Date, _>(row.valid_from)
    .load(conn)?;
    let titles = titles_of(&rules);
    let mut rules = rules
        .into_iter()
        .map(ArticulationRule::try_from)
        .collect::<Result<Vec<_>, LedgerError>>()?;
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    let share = hundredths(row.programme_share_hundredths, "rule_sets.share")?;
    let rule_set = RuleSet {
        id: RuleSetId::from_uuid(row.rule_set_id),
        code: row.code,
        version: row.version,
        receiving: InstitutionId::from_uuid(row.institution_id),
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
    };
    let approved = row.state == "approved";
    Ok(Some(StoredRuleSet {
        rule_set,
        proposed_by: row.proposed_by,
        approved,
    }))
}

pub(crate) fn find(
    conn: &mut PgConnection,
    id: RuleSetId,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let rows = diesel::sql_query(format!("{SELECT} where r.rule_set_id = $1"))
        .bind::<SqlUuid, _>(id.as_uuid())
        .load(conn)?;
    with_rules(conn, rows)
}

/// The approved rules of an institution on a day: the latest version among those in force.
pub(crate) fn find_in_force(
    conn: &mut PgConnection,
    institution: InstitutionId,
    day: NaiveDate,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let rows = diesel::sql_query(format!(
        "{SELECT} where r.institution_id = $1 and r.state = 'approved' and r.valid_from <= $2 \
         and (r.valid_to is null or r.valid_to >= $2) \
         order by r.valid_from desc, r.version desc, r.rule_set_id desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(day)
    .load(conn)?;
    with_rules(conn, rows)
}

/// The latest version of a code, approved or not.
pub(crate) fn find_latest(
    conn: &mut PgConnection,
    institution: InstitutionId,
    code: &str,
) -> Result<Option<StoredRuleSet>, LedgerError> {
    let rows = diesel::sql_query(format!(
        "{SELECT} where r.institution_id = $1 and r.code = $2 order by r.version desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Text, _>(code)
    .load(conn)?;
    with_rules(conn, rows)
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    rule_set: &RuleSet,
    programme_share: Hundredths,
    rules: &[RuleRow],
    proposed_by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into rule_sets (rule_set_id, institution_id, code, version, state, \
             document_number, programme_share_hundredths, valid_from, valid_to, proposed_by, \
             created_at) \
         values ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(rule_set.id.as_uuid())
    .bind::<SqlUuid, _>(rule_set.receiving.as_uuid())
    .bind::<Text, _>(&rule_set.code)
    .bind::<Integer, _>(rule_set.version)
    .bind::<Text, _>(&rule_set.document.number)
    .bind::<BigInt, _>(programme_share.get())
    .bind::<Date, _>(rule_set.valid_from)
    .bind::<Nullable<Date>, _>(rule_set.valid_to)
    .bind::<Text, _>(proposed_by)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    for rule in rules {
        insert_rule(tx, rule_set.id, rule)?;
    }
    Ok(())
}

fn insert_rule(
    tx: &mut Tx<'_>,
    rule_set: RuleSetId,
    rule: &RuleRow,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into articulation_rules (rule_set_id, code, source_entry_id, target_entry_id, \
             target_hundredths, minimum_grade, level_framework, level_value, \
             earned_within_months) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<SqlUuid, _>(rule_set.as_uuid())
    .bind::<Text, _>(&rule.code)
    .bind::<SqlUuid, _>(rule.source_entry_id)
    .bind::<SqlUuid, _>(rule.target_entry_id)
    .bind::<BigInt, _>(rule.target_hundredths)
    .bind::<Text, _>(&rule.minimum_grade)
    .bind::<Nullable<Text>, _>(&rule.level_framework)
    .bind::<Nullable<SmallInt>, _>(rule.level_value)
    .bind::<Nullable<Integer>, _>(rule.earned_within_months)
    .execute(tx.conn())?;
    Ok(())
}

/// Approves a proposed set; false where it was approved before.
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
