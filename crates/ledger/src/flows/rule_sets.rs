//! Rule sets: proposed by one, approved by another, in force from their day.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::catalogue::Level;
use creditbank_domain::conversion::{ArticulationRule, Cap, RuleSet, RuleSetFault};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use creditbank_domain::text::{CourseCode, InstitutionCode};
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::register::institution_id;
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::rule_sets::RuleRow;
use crate::tables::{audit_events, catalogue, programmes, rule_sets};

/// A rule set to be proposed.
#[derive(Debug, Clone)]
pub struct NewRuleSet {
    /// Who grants under it.
    pub receiving: InstitutionCode,
    /// Its code, the same over all versions.
    pub code: String,
    /// The registered document that it rests on.
    pub document_number: String,
    /// The most of a programme that conversions may fill, in percent: `35.00`.
    pub programme_share: Hundredths,
    /// First day it may be used.
    pub valid_from: NaiveDate,
    /// Last day, open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// Its rules.
    pub rules: Vec<NewRule>,
}

/// A rule of a set to be proposed.
#[derive(Debug, Clone)]
pub struct NewRule {
    /// Its code within the set.
    pub code: String,
    /// Who owns the source entry.
    pub source_owner: InstitutionCode,
    /// The source entry.
    pub source: CourseCode,
    /// The receiving institution's course that is granted.
    pub target: CourseCode,
    /// The credits of that course.
    pub target_credits: Hundredths,
    /// What the learner must have reached.
    pub minimum_grade: MinimumGrade,
    /// The lowest level that is good enough.
    pub level_floor: Option<Level>,
    /// How old the outcome may be at most.
    pub earned_within_months: Option<u32>,
}

fn refused(faults: &[RuleSetFault]) -> LedgerError {
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let all = all.join("; ");
    LedgerError::Refused(Fault::new(
        "RULE_SET_INVALID",
        format!("规则集有误,请改正后重新提交:{all}"),
        format!("the rule set is not sound; correct it: {all}"),
    ))
}

fn same_person() -> LedgerError {
    LedgerError::Refused(Fault::new(
        "RULE_SET_ONE_APPROVER",
        "规则集须由提出人以外的人批准",
        "a rule set is approved by somebody other than its proposer",
    ))
}

fn unknown(what: &str, key: &str) -> LedgerError {
    LedgerError::Refused(Fault::new(
        "RULE_SET_REFERENCE_UNKNOWN",
        format!("规则集引用的{what} {key} 未登记,请先登记"),
        format!("the rule set names {what} {key}, which is not registered; register it first"),
    ))
}

/// Proposes the next version of a rule set; the same content as its latest version is that one.
///
/// # Errors
/// [`LedgerError::Refused`] where the set is not sound or names what is not registered.
pub fn propose_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewRuleSet,
    proposed_by: &str,
    now: DateTime<Utc>,
) -> Result<RuleSetId, LedgerError> {
    ledger.write(|tx| {
        let receiving = institution_id(tx, &new.receiving)?;
        let latest = rule_sets::find_latest(tx.conn(), receiving, &new.code)?;
        let (mut rule_set, rules) = rule_set(tx, new, receiving)?;
        let faults = rule_set.check();
        if !faults.is_empty() {
            return Err(refused(&faults));
        }
        if let Some(latest) = latest {
            let earlier = latest.rule_set;
            rule_set.version = earlier.version;
            rule_set.titles.clone_from(&earlier.titles);
            // Titles are read from the catalogue when a set is loaded; they are not its content.
            for (rule, same) in rule_set.rules.iter_mut().zip(&earlier.rules) {
                for (effect, same) in rule.effects.iter_mut().zip(&same.effects) {
                    effect.title.clone_from(&same.title);
                }
            }
            if (RuleSet {
                id: earlier.id,
                ..rule_set.clone()
            }) == earlier
            {
                return Ok(earlier.id);
            }
            rule_set.version = earlier
                .version
                .checked_add(1)
                .ok_or(LedgerError::Corrupt("rule_sets.version"))?;
        }
        let share = new.programme_share;
        rule_sets::insert(tx, &rule_set, share, &rules, proposed_by, now)?;
        let subject = ("rule_set", Some(rule_set.id.as_uuid()));
        let figures = json!({
            "version": rule_set.version, "rules": rule_set.rules.len(), "by": proposed_by,
        });
        audit_events::insert(tx, grant, subject, &figures, now)?;
        Ok(rule_set.id)
    })
}

fn rule_set(
    tx: &mut Tx<'_>,
    new: &NewRuleSet,
    receiving: InstitutionId,
) -> Result<(RuleSet, Vec<RuleRow>), LedgerError> {
    let document = programmes::find_document(tx.conn(), &new.document_number)?
        .ok_or_else(|| unknown("document", &new.document_number))?;
    let mut rules = Vec::with_capacity(new.rules.len());
    for rule in &new.rules {
        let source_owner = institution_id(tx, &rule.source_owner)?;
        let find = |tx: &mut Tx<'_>, owner: InstitutionId, code: &CourseCode| {
            let versions = catalogue::list_by_codes(tx.conn(), &[code.as_str()])?;
            let owned = versions.into_iter().find(|owned| owned.owner_id == owner);
            owned
                .map(|owned| owned.version)
                .ok_or_else(|| unknown("catalogue entry", code.as_str()))
        };
        let target = find(tx, receiving, &rule.target)?;
        let months = rule.earned_within_months.map(i32::try_from).transpose();
        let source = find(tx, source_owner, &rule.source)?;
        rules.push(RuleRow {
            code: rule.code.clone(),
            source_entry_id: source.entry_id.as_uuid(),
            source_title: source.title,
            target_entry_id: target.entry_id.as_uuid(),
            target_title: target.title,
            target_hundredths: rule.target_credits.get(),
            minimum_grade: rule.minimum_grade.to_string(),
            level_framework: rule.level_floor.as_ref().map(|it| it.framework.clone()),
            level_value: rule.level_floor.as_ref().map(|it| it.value),
            earned_within_months: months.map_err(|_| LedgerError::Corrupt("months"))?,
        });
    }
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    let all = rules.iter().cloned().map(ArticulationRule::try_from);
    let rule_set = RuleSet {
        id: RuleSetId::from_uuid(new_id()),
        code: new.code.clone(),
        version: 1,
        receiving,
        document,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        parts: Vec::new(),
        caps: vec![Cap::of_programme(new.programme_share)],
        titles: rule_sets::titles_of(&rules),
        rules: all.collect::<Result<_, _>>()?,
    };
    Ok((rule_set, rules))
}

/// Approves a proposed rule set; approving what is approved changes nothing.
///
/// # Errors
/// [`LedgerError::Refused`] where its proposer approves it, [`LedgerError::NotFound`].
pub fn approve_rule_set(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    id: RuleSetId,
    approved_by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(|tx| {
        let stored = rule_sets::find(tx.conn(), id)?.ok_or(LedgerError::NotFound)?;
        if stored.approved {
            return Ok(());
        }
        if stored.proposed_by == approved_by {
            return Err(same_person());
        }
        if rule_sets::approve(tx, id, approved_by, now)? {
            let subject = ("rule_set", Some(id.as_uuid()));
            audit_events::insert(
                tx,
                grant,
                subject,
                &json!({ "state": "approved", "by": approved_by }),
                now,
            )?;
        }
        Ok(())
    })
}
