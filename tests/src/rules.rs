//! Rule sets for tests: written as documents, put to the vote, approved.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Actor, Grant, KeepRegister, Subject, authorize};
use creditbank_domain::catalogue::Level;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::ids::RuleSetId;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{Vote, draft_rule_set, propose_rule_set, vote_on_rule_set};
use creditbank_rulebook::{RuleDocument, parse};

/// The plainest kind of rule set: one credit outcome of an entry gives one whole course.
#[derive(Debug, Clone)]
pub struct PlainRules {
    pub receiving: InstitutionCode,
    pub code: String,
    pub document_number: String,
    /// Of a programme, in percent.
    pub programme_share: Hundredths,
    pub valid_from: NaiveDate,
    pub rules: Vec<PlainRule>,
}

/// A rule of such a set.
#[derive(Debug, Clone)]
pub struct PlainRule {
    pub code: String,
    pub source_owner: InstitutionCode,
    pub source: CourseCode,
    pub target: CourseCode,
    pub target_credits: Hundredths,
    pub minimum_grade: MinimumGrade,
    pub level_floor: Option<Level>,
    pub earned_within_months: Option<u32>,
}

impl PlainRules {
    /// What somebody would have written.
    ///
    /// # Panics
    /// Where that is no rule document.
    #[must_use]
    pub fn document(&self) -> RuleDocument {
        document(&self.text()).unwrap()
    }

    fn text(&self) -> String {
        let mut courses = String::new();
        let mut rules = String::new();
        let mut seen = Vec::new();
        for rule in &self.rules {
            if !seen.contains(&&rule.target) {
                seen.push(&rule.target);
                let (code, credits) = (&rule.target, rule.target_credits);
                let line = "  - {code: \"CODE\", title: \"课程CODE\", credits: ";
                let line = line.replace("CODE", code.as_str());
                writeln!(courses, "{line}{credits}}}").unwrap();
            }
            let (owner, source) = (&rule.source_owner, &rule.source);
            write!(
                rules,
                "  - code: \"{}\"\n    when:\n      entries: [\"{owner}/{source}\"]\n      \
                 minimum_grade: {}\n      amount_at_least: {}\n",
                rule.code, rule.minimum_grade, rule.target_credits
            )
            .unwrap();
            if let Some(Level { framework, value }) = &rule.level_floor {
                let level = format!("{{framework: {framework}, at_least: {value}}}");
                writeln!(rules, "      level: {level}").unwrap();
            }
            if let Some(months) = rule.earned_within_months {
                writeln!(rules, "      earned_within_months: {months}").unwrap();
            }
            writeln!(rules, "    gives: [{{course: \"{}\"}}]", rule.target).unwrap();
        }
        let Self {
            receiving,
            code,
            document_number,
            programme_share,
            valid_from,
            ..
        } = self;
        format!(
            "format: 1\nreceiving: \"{receiving}\"\ncode: \"{code}\"\n\
             document: {{number: \"{document_number}\", title: 通知}}\n\
             valid_from: {valid_from}\napproval: {{people: 2}}\n\
             courses:\n{courses}caps:\n  - {{code: PROGRAMME, shape: programme, \
             most: {{percent: {programme_share}}}}}\nrules:\n{rules}"
        )
    }
}

/// Reads a document as somebody wrote it.
///
/// # Errors
/// Every fault, a line each.
pub fn document(text: &str) -> Result<RuleDocument, String> {
    parse(text.as_bytes()).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

/// Drafts, proposes and approves a document.
///
/// # Panics
/// Where anything of that is refused.
pub fn put_in_force(ledger: &Ledger, document: &RuleDocument, now: DateTime<Utc>) -> RuleSetId {
    let id = put_to_the_vote(ledger, document, now);
    for approver in ["first approver", "second approver"] {
        let vote = (approver, Vote::Approve);
        vote_on_rule_set(ledger, &keeper(), id, vote, now)
            .unwrap()
            .unwrap();
    }
    id
}

/// Drafts and proposes a document.
///
/// # Panics
/// Where anything of that is refused.
pub fn put_to_the_vote(ledger: &Ledger, document: &RuleDocument, now: DateTime<Utc>) -> RuleSetId {
    let id = draft_rule_set(ledger, &keeper(), document, "proposer", now);
    let id = id.unwrap().unwrap();
    propose_rule_set(ledger, &keeper(), id, now)
        .unwrap()
        .unwrap();
    id
}

/// Who keeps the register.
///
/// # Panics
/// Never: the policy lets the operator.
#[must_use]
pub fn keeper() -> Grant<KeepRegister> {
    authorize(&Actor::operator(), Subject::Bank).unwrap()
}
