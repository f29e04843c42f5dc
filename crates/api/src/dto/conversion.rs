//! Requests for conversions and decisions about them, as clients send them.

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::OutcomeId;
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{ConversionOrder, DecisionOrder, NotAccepted, OrderedLearner};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::consent::BasisBody;
use super::person::{IdentifierBody, LearnerBody};
use crate::problem::{Place, Placed, PlacedFault};

const CODE_CHARACTERS_MAX: usize = 80;
const TEXT_CHARACTERS_MAX: usize = 500;

/// Asks that outcomes of one learner or a cohort be converted into credits of a programme.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::conversion()))]
pub(crate) struct ConversionBody {
    /// The code of the institution that should grant the credits.
    #[schema(min_length = 1, max_length = 40, example = "10357")]
    pub(crate) receiving_institution: String,
    /// That institution's code of the programme.
    #[schema(min_length = 1, max_length = 80, example = "EE-2024")]
    pub(crate) programme: String,
    /// The code of the rule set that is to decide, where several are for the programme; absent for
    /// the one that names the programme, else the institution's general one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80, example = "R-EE")]
    pub(crate) rule_set: Option<String>,
    /// The learners.
    #[validate(length(min = 1, max = 1000), nested)]
    #[schema(min_items = 1, max_items = 1000)]
    pub(crate) learners: Vec<OrderedLearnerBody>,
    /// By what right the receiving institution is to see the outcomes. Where it is absent, a
    /// request rests on the learner's consent to that where there is one, and is else taken for the
    /// learner's own application (`contract`): whoever sends it states that the learner applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub(crate) basis: Option<BasisBody>,
}

/// One learner of a request, by number, by one identifier or by several; exactly one of the three.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderedLearnerBody {
    /// The bank's number.
    #[schema(max_length = 40, example = "7KQ4-M2XW-9PDJ")]
    pub(crate) learner_no: Option<String>,
    /// A number of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<IdentifierBody>,
    /// Several numbers of one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 8)]
    pub(crate) identifiers: Option<Vec<IdentifierBody>>,
    /// The outcomes to convert; absent or empty for every outcome with credit that the requesting
    /// institution posted.
    #[validate(length(max = 200))]
    #[serde(default)]
    #[schema(max_items = 200)]
    pub(crate) outcomes: Vec<Uuid>,
}

/// A decision about a request or all open requests of a cohort.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::decision()))]
pub(crate) struct DecisionBody {
    /// What is decided.
    pub(crate) decision: DecisionWord,
    /// Why it is refused, or what is missing, for the applicant to read; required with `refuse` and
    /// `ask`, and with nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub(crate) text: Option<String>,
    /// Outcomes of the request that are not accepted, or not in full, against the proposal; with
    /// `as_the_rules_say` only. The rules then find the best use of the others.
    #[validate(length(max = 200), nested)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub(crate) not_accepted: Vec<NotAcceptedBody>,
}

/// An outcome that a reviewer does not accept, or not in full.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotAcceptedBody {
    /// The outcome.
    pub(crate) outcome_id: Uuid,
    /// Why not.
    #[schema(
        max_length = 40, example = "EVIDENCE_MISMATCH",
        extensions(("x-words" = json!(reviewers_reasons()))),
    )]
    pub(crate) reason: String,
    /// Why, for the applicant to read.
    #[schema(min_length = 1, max_length = 500, example = "证书编号与成果记录不一致")]
    pub(crate) text: String,
    /// The most credits that may be granted on it all the same; absent for none. Never more than
    /// the rules give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20, example = "3.00")]
    pub(crate) accepted: Option<String>,
}

/// Why an outcome may not be accepted.
fn reviewers_reasons() -> Vec<&'static str> {
    let reasons = ReasonCode::ALL.iter().filter(|it| it.is_for_reviewers());
    reasons.map(|it| it.as_str()).collect()
}

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecisionWord {
    /// Every line as the rules say.
    AsTheRulesSay,
    /// Nothing is granted.
    Refuse,
    /// Nothing is decided yet: the applicant has to answer first, and the clock stands still.
    Ask,
}

/// An order with the learners that could be read, and what is wrong with the others.
pub(crate) struct ReadOrder {
    pub(crate) order: ConversionOrder,
    /// One element for each learner of the body.
    pub(crate) unreadable: Vec<Option<Vec<PlacedFault>>>,
}

impl ConversionBody {
    /// What it means. A learner that cannot be read does not keep the others waiting; a receiver
    /// or programme that cannot be read, or no readable learner at all, refuses the whole.
    pub(crate) fn read(&self, today: NaiveDate) -> Result<ReadOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let receiving = InstitutionCode::new(&self.receiving_institution);
        let receiving = placed.take("receiving_institution", receiving);
        let programme = bounded("programme", &self.programme, CODE_CHARACTERS_MAX);
        let programme = placed.take("programme", programme);
        let rule_set = self.rule_set.as_ref().and_then(|code| {
            placed.take("rule_set", bounded("rule set", code, CODE_CHARACTERS_MAX))
        });
        let basis = self.basis.as_ref();
        let basis = basis.and_then(|basis| placed.take("basis", basis.read()));
        let at = root.child("learners");
        let mut learners = Vec::new();
        let mut unreadable = Vec::new();
        for (index, body) in self.learners.iter().enumerate() {
            match body.read(&at.child(index), today) {
                Ok(learner) => {
                    learners.push(learner);
                    unreadable.push(None);
                }
                Err(faults) => unreadable.push(Some(faults)),
            }
        }
        if learners.is_empty() {
            let faults = unreadable.iter().flatten().flatten().cloned().collect();
            let _none = placed.take_all::<()>(Err(faults));
        }
        match (receiving, programme) {
            (Some(receiving), Some(programme)) if placed.is_empty() => {
                let order = ConversionOrder {
                    receiving,
                    programme,
                    rule_set,
                    learners,
                    basis,
                };
                Ok(ReadOrder { order, unreadable })
            }
            _ => Err(placed.into_faults()),
        }
    }
}

impl OrderedLearnerBody {
    fn read(&self, at: &Place, today: NaiveDate) -> Result<OrderedLearner, Vec<PlacedFault>> {
        let named = LearnerBody {
            learner_no: self.learner_no.clone(),
            identifier: self.identifier.clone(),
            identifiers: self.identifiers.clone(),
            name: None,
        };
        let learner = named.read(at, today)?;
        let mut outcomes: Vec<_> = self
            .outcomes
            .iter()
            .copied()
            .map(OutcomeId::from_uuid)
            .collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        Ok(OrderedLearner { learner, outcomes })
    }
}

impl DecisionBody {
    /// What it means.
    pub(crate) fn read(&self) -> Result<DecisionOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let order = match (self.decision, self.text.as_deref()) {
            (DecisionWord::AsTheRulesSay, None) => {
                let not_accepted = self.not_accepted(&root);
                placed
                    .take_all(not_accepted)
                    .map(|bars| match bars.as_slice() {
                        [] => DecisionOrder::AsTheRulesSay,
                        _ => DecisionOrder::Without(bars),
                    })
            }
            (DecisionWord::AsTheRulesSay, Some(_)) => {
                placed.refuse("text", text_without_refusal());
                None
            }
            (DecisionWord::Refuse | DecisionWord::Ask, _) if !self.not_accepted.is_empty() => {
                placed.refuse("not_accepted", not_accepted_alone());
                None
            }
            (word, text) => {
                let text = bounded("text", text.unwrap_or_default(), TEXT_CHARACTERS_MAX);
                placed.take("text", text).map(|text| match word {
                    DecisionWord::Ask => DecisionOrder::Ask { text },
                    DecisionWord::Refuse | DecisionWord::AsTheRulesSay => {
                        DecisionOrder::Refuse { text }
                    }
                })
            }
        };
        order.ok_or_else(|| placed.into_faults())
    }

    fn not_accepted(&self, root: &Place) -> Result<Vec<NotAccepted>, Vec<PlacedFault>> {
        let at = root.child("not_accepted");
        let mut read = Vec::new();
        let mut faults = Vec::new();
        for (index, body) in self.not_accepted.iter().enumerate() {
            let place = at.child(index);
            let mut placed = Placed::at(&place);
            let reason = placed.take("reason", body.reason.parse::<ReasonCode>());
            let text = placed.take("text", bounded("text", &body.text, TEXT_CHARACTERS_MAX));
            let accepted = match &body.accepted {
                None => Some(Hundredths::ZERO),
                Some(accepted) => placed.take("accepted", accepted.parse::<Hundredths>()),
            };
            match (reason, text, accepted) {
                (Some(reason), Some(text), Some(accepted)) => read.push(NotAccepted {
                    outcome_id: OutcomeId::from_uuid(body.outcome_id),
                    accepted,
                    reason,
                    text,
                }),
                _ => faults.extend(placed.into_faults()),
            }
        }
        if faults.is_empty() {
            Ok(read)
        } else {
            Err(faults)
        }
    }
}

fn not_accepted_alone() -> Fault {
    Fault::new(
        "NOT_ACCEPTED_WITHOUT_DECISION",
        "只有按规则决定时才列出不采认的成果",
        "outcomes are left out of a decision by the rules only",
    )
}

fn text_without_refusal() -> Fault {
    Fault::new(
        "TEXT_WITHOUT_REFUSAL",
        "只有拒绝时才填写说明",
        "a text comes with a refusal only",
    )
}
