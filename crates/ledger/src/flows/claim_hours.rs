//! An activity is claimed: the table in force on its day says what it is worth, and that is posted
//! as an outcome of the institution, through the one way in.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::{Amount, Hundredths};
use creditbank_domain::authz::{Grant, PostOutcomes};
use creditbank_domain::completion::Progress;
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{Attempt, Grade};
use creditbank_domain::hour_table::{ActivityFacts, HourDecision, HourTable, hours, in_force};
use creditbank_domain::ids::LearnerId;
use creditbank_domain::institution::Institution;
use creditbank_domain::outcome::{EntryRef, LearnerRef, ReportedOutcome, StatedAmount};
use creditbank_domain::text::SourceRef;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::hour_tables::table_of;
use crate::flows::learner_groups::Groups;
use crate::flows::open_import::refuse_unless_active;
use crate::flows::post_outcomes::{Origin, PostAnswer, PostedOutcome, post_reports};
use crate::flows::resolve_learners;
use crate::store::{Ledger, Tx};
use crate::tables::hour_claims::{self, HourClaimRow, NewHourClaim};
use crate::tables::{audit_events, hour_tables, hundredths, institutions};

/// What an institution says that somebody did.
#[derive(Debug, Clone)]
pub struct HourClaim {
    /// The institution's own record id.
    pub source_ref: SourceRef,
    /// Who did it.
    pub learner: LearnerRef,
    /// The catalogue entry under which it is recorded: one that gives what is stated, and more
    /// than once.
    pub entry: EntryRef,
    /// Whose table decides.
    pub authority: String,
    /// Which of its tables.
    pub table: String,
    /// What was done.
    pub facts: ActivityFacts,
}

/// What a claim came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedHours {
    /// The outcome with its lot.
    pub outcome: PostedOutcome,
    /// True where it was claimed before, with the same content.
    pub already_posted: bool,
    /// The version of the table that decided.
    pub table_id: Uuid,
    /// The row that fits.
    pub row: String,
    /// What the row gives.
    pub by_row: Hundredths,
    /// What was left of it under the caps.
    pub given: Hundredths,
    /// The arithmetic in Chinese.
    pub explanation_zh: String,
    /// The arithmetic in English.
    pub explanation_en: String,
}

/// Claims hours for one activity. Claims of one learner under one authority take turns, so that a
/// cap holds whoever else claims.
///
/// # Errors
/// [`LedgerError::Refused`] where no table is in force, no row fits, a cap leaves nothing, or the
/// outcome cannot be posted; [`LedgerError::Conflict`] where the source reference has other content.
pub fn claim_hours(
    ledger: &Ledger,
    grant: &Grant<PostOutcomes>,
    claim: &HourClaim,
    now: DateTime<Utc>,
) -> Result<ClaimedHours, LedgerError> {
    ledger.write(grant, |tx| {
        let institution: Institution = institutions::find(tx.conn(), grant.institution()?)?
            .ok_or(LedgerError::NotFound)?
            .try_into()?;
        refuse_unless_active(&institution)?;
        let found = resolve_learners::find_or_open(tx, &institution, &claim.learner, now)?;
        let account =
            found.ok_or_else(|| LedgerError::Refused(resolve_learners::learner_unknown()))?;
        hour_claims::take_turn(tx, account.learner_id, &claim.authority)?;
        let groups = Groups::of(tx.conn(), &[account.learner_id])?;
        let source = claim.source_ref.as_str();
        if let Some(there) = hour_claims::find_by_source(tx.conn(), institution.id, source)? {
            let survivor = groups.survivor(LearnerId::from_uuid(there.learner_id));
            return replayed(
                tx,
                &institution,
                claim,
                survivor == account.learner_id,
                &there,
                now,
            );
        }
        let (table_id, table) = table_in_force(tx, claim)?;
        let members = groups.members(&[account.learner_id]);
        let earlier = hour_claims::list_standing(tx.conn(), &members, &claim.authority)?;
        let decided = hours(&table, &claim.facts, &earlier).map_err(|refusal| {
            let mut fault = Fault::of_reason(refusal.code, &refusal.en);
            fault.zh = Fault::of_reason(refusal.code, &refusal.zh).zh;
            LedgerError::Refused(fault)
        })?;
        let answer = post(tx, &institution, claim, decided.given, now)?;
        let PostAnswer::Posted(outcome) = answer else {
            // Somebody posted under the reference since we looked, not as a claim.
            return Err(LedgerError::Conflict(not_a_claim(source)));
        };
        let new = NewHourClaim {
            learner_id: account.learner_id,
            outcome_id: outcome.outcome_id,
            institution_id: institution.id,
            source_ref: source.to_owned(),
            table_id,
            authority: claim.authority.clone(),
            row_code: decided.row.clone(),
            activity: claim.facts.activity.clone(),
            done_on: claim.facts.done_on,
            facts: facts_of(claim),
            by_row: decided.by_row.get(),
            given: decided.given.hundredths().get(),
            explanation: (decided.zh.clone(), decided.en.clone()),
        };
        hour_claims::insert(tx, &new, now)?;
        let figures = json!({ "row": decided.row, "given": decided.given.to_string() });
        let subject = ("hour_claim", Some(outcome.outcome_id.as_uuid()));
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(claimed(outcome, table_id, decided))
    })
}

fn claimed(outcome: PostedOutcome, table_id: Uuid, decided: HourDecision) -> ClaimedHours {
    ClaimedHours {
        outcome,
        already_posted: false,
        table_id,
        row: decided.row,
        by_row: decided.by_row,
        given: decided.given.hundredths(),
        explanation_zh: decided.zh,
        explanation_en: decided.en,
    }
}

/// The answer as it was, where the same is claimed again: the table and the caps of that moment.
fn replayed(
    tx: &mut Tx<'_>,
    institution: &Institution,
    claim: &HourClaim,
    same_learner: bool,
    there: &HourClaimRow,
    now: DateTime<Utc>,
) -> Result<ClaimedHours, LedgerError> {
    let said = facts_of(claim);
    let mut differs: Vec<String> = said
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| there.facts.get(name.as_str()) != Some(*value))
        .map(|(name, _)| name.clone())
        .collect();
    if !same_learner {
        differs.push("learner".to_owned());
    }
    if !differs.is_empty() {
        let list = differs.join(", ");
        return Err(LedgerError::Conflict(Fault::new(
            "SOURCE_REF_CONFLICT",
            format!("同一来源编号已申报且内容不同({list}),请撤销后重新申报"),
            format!(
                "this source reference was claimed with other content ({list}); withdraw it and claim anew"
            ),
        )));
    }
    let row = hour_tables::find(tx.conn(), there.table_id)?
        .ok_or(LedgerError::Corrupt("hour_claims.table_id"))?;
    let unit = table_of(&row)
        .map_err(|_| LedgerError::Corrupt("hour_tables.content"))?
        .unit;
    let given = hundredths(there.given, "hour_claims.given")?;
    let amount = Amount::new(unit, given).map_err(|_| LedgerError::Corrupt("hour_claims.given"))?;
    match post(tx, institution, claim, amount, now)? {
        PostAnswer::AlreadyPosted(outcome) => Ok(ClaimedHours {
            outcome,
            already_posted: true,
            table_id: there.table_id,
            row: there.row_code.clone(),
            by_row: hundredths(there.by_row, "hour_claims.by_row")?,
            given,
            explanation_zh: there.explanation_zh.clone(),
            explanation_en: there.explanation_en.clone(),
        }),
        _ => Err(LedgerError::Contended),
    }
}

fn table_in_force(tx: &mut Tx<'_>, claim: &HourClaim) -> Result<(Uuid, HourTable), LedgerError> {
    let mut tables = Vec::new();
    let mut ids = Vec::new();
    let rows = hour_tables::list(tx.conn(), &claim.authority, &claim.table)?;
    for row in rows.iter().filter(|row| row.state == "approved") {
        ids.push((row.version, row.table_id));
        tables.push(table_of(row).map_err(|_| LedgerError::Corrupt("hour_tables.content"))?);
    }
    let none = || {
        let (authority, table, day) = (&claim.authority, &claim.table, claim.facts.done_on);
        LedgerError::Refused(Fault::new(
            "HOUR_TABLE_NOT_IN_FORCE",
            format!("{day} 没有生效的学时表 {authority} {table}"),
            format!("no approved hour table {authority} {table} is in force on {day}"),
        ))
    };
    let table = in_force(&tables, claim.facts.done_on)
        .ok_or_else(none)?
        .clone();
    let id = ids
        .iter()
        .find(|(version, _)| u32::try_from(*version) == Ok(table.version));
    let (_, id) = id.ok_or(LedgerError::Corrupt("hour_tables.version"))?;
    Ok((*id, table))
}

fn post(
    tx: &mut Tx<'_>,
    institution: &Institution,
    claim: &HourClaim,
    amount: Amount,
    now: DateTime<Utc>,
) -> Result<PostAnswer, LedgerError> {
    let report = ReportedOutcome {
        source_ref: claim.source_ref.clone(),
        learner: claim.learner.clone(),
        entry: claim.entry.clone(),
        grade: Grade::Passed,
        attempt: Attempt::First,
        awarded_on: claim.facts.done_on,
        stated: vec![StatedAmount {
            unit: amount.unit(),
            hundredths: amount.hundredths(),
        }],
        stated_level: None,
        progress: Progress::default(),
    };
    let answers = post_reports(tx, institution.id, &[report], Origin::Api, now)?;
    match answers.into_iter().next() {
        Some(PostAnswer::Rejected(fault)) => Err(LedgerError::Refused(fault)),
        Some(answer) => Ok(answer),
        None => Err(LedgerError::Corrupt("a lost answer")),
    }
}

/// Everything that was decided by, so that the decision can be made again.
fn facts_of(claim: &HourClaim) -> Value {
    let facts = &claim.facts;
    json!({
        "authority": claim.authority,
        "table": claim.table,
        "profession": facts.profession,
        "activity": facts.activity,
        "class": facts.class,
        "rank": facts.rank,
        "of": facts.of,
        "size": facts.size.map(|(unit, size)| json!({ "unit": unit.as_str(), "count": size })),
        "done_on": facts.done_on,
        "entry": claim.entry.code.as_str(),
        "entry_owner": claim.entry.owner.as_ref().map(|owner| owner.as_str()),
    })
}

fn not_a_claim(source: &str) -> Fault {
    Fault::new(
        "SOURCE_REF_CONFLICT",
        format!("来源编号 {source} 已入账,但不是学时申报"),
        format!("{source} was posted, but not as a claim of hours"),
    )
}
