//! The tests of a document, decided by its own rules.

mod compared;

use std::collections::BTreeMap;

use creditbank_domain::conversion::{
    Candidate, Decision, History, LotState, PastGrant, PastSource, Programme, RuleSet, decide,
};
use creditbank_domain::fault::Fault;
use creditbank_domain::grading::SchemeGrade;
use creditbank_domain::ids::{LotId, OutcomeId, ProgrammeId};

use crate::check::soundness;
use crate::document::{DocumentTest, RuleDocument, TestGrant, TestOutcome, TestState};
use crate::fault::DocumentFault;
use crate::references::{stand_in, stand_in_entry, stand_in_institution};

/// What became of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The test's name.
    pub name: String,
    /// What was decided otherwise than expected, each with both; nothing where the test passes.
    pub faults: Vec<DocumentFault>,
}

impl Trial {
    /// True where everything was decided as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Decides every test of the document, in their order.
///
/// The planner bounds what a single decision costs, and reading bounds how many there are.
///
/// # Errors
/// What makes the rule set unsound, which a document that was read never is.
pub fn run_tests(document: &RuleDocument) -> Result<Vec<Trial>, Vec<DocumentFault>> {
    let rule_set = soundness(document)?;
    let tests = document.tests.iter().enumerate();
    Ok(tests
        .map(|(nth, test)| Trial {
            name: test.name.clone(),
            faults: run(document, &rule_set, nth, test),
        })
        .collect())
}

fn run(
    document: &RuleDocument,
    rule_set: &RuleSet,
    nth: usize,
    test: &DocumentTest,
) -> Vec<DocumentFault> {
    match decided(document, rule_set, test) {
        Ok(decision) => compared::compared(document, nth, test, &decision),
        Err(_) => {
            let fault = Fault::new(
                "RULES_TEST_OVERFLOW",
                "测试中的数量过大,无法计算",
                "the amounts of the test are too large to be added up",
            );
            vec![document.places.fault(&format!("/tests/{nth}"), fault)]
        }
    }
}

fn decided(
    document: &RuleDocument,
    rule_set: &RuleSet,
    test: &DocumentTest,
) -> Result<Decision, creditbank_domain::amount::AmountError> {
    let candidates: Vec<Candidate> = { test.outcomes.iter() }
        .map(|outcome| candidate(document, outcome))
        .collect();
    let programme = Programme {
        id: ProgrammeId::from_uuid(stand_in("programme", &test.name)),
        institution: rule_set.receiving,
        title: test.name.clone(),
        total_credits: test.programme_credits,
    };
    let own = |code| stand_in_entry(&document.own(code));
    let history = History {
        grants: test
            .history
            .iter()
            .enumerate()
            .map(|(nth, grant)| past(document, nth, grant))
            .collect(),
        courses: test.has.iter().map(own).collect(),
    };
    decide(&candidates, rule_set, &programme, &history, test.today)
}

/// Every outcome has one lot; both have an id made of the name that the test gives it.
pub(super) fn outcome_id(id: &str) -> OutcomeId {
    OutcomeId::from_uuid(stand_in("outcome", id))
}

fn candidate(document: &RuleDocument, outcome: &TestOutcome) -> Candidate {
    let scheme = outcome
        .grading
        .as_ref()
        .and_then(|code| document.scheme(code));
    let issuer = outcome.issuer.as_ref().unwrap_or(&outcome.entry.owner);
    Candidate {
        lot_id: LotId::from_uuid(stand_in("lot", &outcome.id)),
        outcome_id: outcome_id(&outcome.id),
        entry_id: stand_in_entry(&outcome.entry),
        title: outcome.entry.to_string(),
        category: outcome.category,
        issuer: stand_in_institution(issuer),
        unit: outcome.unit,
        level: outcome.level.clone(),
        grade: outcome.grade,
        counts_as: Vec::new(),
        graded: scheme
            .map(|scheme| SchemeGrade::of(outcome.grade, scheme, &[], outcome.awarded_on)),
        awarded_on: outcome.awarded_on,
        issued: outcome.amount,
        state: match outcome.state {
            TestState::Usable => LotState::Usable(outcome.amount),
            TestState::Held => LotState::HeldElsewhere,
            TestState::Used => LotState::Used,
            TestState::Expired => LotState::Expired,
            TestState::Withdrawn => LotState::Withdrawn,
        },
    }
}

fn past(document: &RuleDocument, nth: usize, grant: &TestGrant) -> PastGrant {
    let sources = grant.rests_on.iter().enumerate();
    let sources = sources.map(|(source, past)| PastSource {
        outcome_id: past.outcome.as_ref().map_or_else(
            || OutcomeId::from_uuid(stand_in("past", &format!("{nth}/{source}"))),
            |id| outcome_id(id),
        ),
        category: past.category,
        issuer: stand_in_institution(&past.issuer),
        awarded_on: past.awarded_on,
    });
    PastGrant {
        course: stand_in_entry(&document.own(&grant.course)),
        granted: grant.granted,
        sources: sources.collect(),
    }
}

/// What tests call their outcomes, by the ids that they got.
pub(super) fn names(test: &DocumentTest) -> BTreeMap<OutcomeId, &str> {
    let outcomes = test.outcomes.iter();
    outcomes
        .map(|outcome| (outcome_id(&outcome.id), outcome.id.as_str()))
        .collect()
}
