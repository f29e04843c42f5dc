//! `articulation_rules`: the rules of sets from before there were documents. Only read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Unit;
use creditbank_domain::conversion::{
    ArticulationRule, BookedGrade, Condition, Effect, Gives, GradeFloor, Source,
};
use creditbank_domain::ids::{EntryId, RuleSetId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, SmallInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::tables::{hundredths, level, parsed};

/// A rule as `articulation_rules` keeps it: one entry gives one course.
#[derive(QueryableByName)]
struct RuleRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = SqlUuid)]
    source_entry_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    target_entry_id: Uuid,
    #[diesel(sql_type = Text)]
    source_title: String,
    #[diesel(sql_type = Text)]
    target_title: String,
    #[diesel(sql_type = BigInt)]
    target_hundredths: i64,
    #[diesel(sql_type = Text)]
    minimum_grade: String,
    #[diesel(sql_type = Nullable<Text>)]
    level_framework: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    level_value: Option<i16>,
    #[diesel(sql_type = Nullable<Integer>)]
    earned_within_months: Option<i32>,
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
            minimum_grade: GradeFloor::Plain(parsed(
                &row.minimum_grade,
                "articulation_rules.minimum_grade",
            )?),
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

/// The rules of a set that begins on a day, by code, and what the entries that they need are called.
pub(crate) fn list(
    conn: &mut PgConnection,
    rule_set: RuleSetId,
    valid_from: NaiveDate,
) -> Result<(Vec<ArticulationRule>, BTreeMap<EntryId, String>), LedgerError> {
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
             {target} as target_title, r.target_hundredths, r.minimum_grade, r.level_framework, \
             r.level_value, r.earned_within_months \
         from articulation_rules r where r.rule_set_id = $1 order by r.code collate \"C\"",
    ))
    .bind::<SqlUuid, _>(rule_set.as_uuid())
    .bind::<Date, _>(valid_from)
    .load(conn)?;
    let titles = rules.iter().map(|rule| {
        let entry = EntryId::from_uuid(rule.source_entry_id);
        (entry, rule.source_title.clone())
    });
    let titles = titles.collect();
    let rules = rules.into_iter().map(ArticulationRule::try_from);
    Ok((rules.collect::<Result<_, _>>()?, titles))
}
