//! What a learner's outcomes would be granted, as clients see it.

use chrono::NaiveDate;
use creditbank_domain::conversion::{DecidedLine, Fit, MissingCourse};
use creditbank_domain::fault::Fault;
use creditbank_ledger::flows;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::{FaultView, Words};

/// The programmes in which the learner might convert, the best fit first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::outlooks_view()))]
pub(crate) struct OutlooksView {
    /// The day on which the requests would be sent.
    pub(crate) as_of: NaiveDate,
    /// One for each programme.
    pub(crate) outlooks: Vec<OutlookView>,
}

/// What would come of a request for a programme.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OutlookView {
    /// The receiving institution's code.
    #[schema(example = "90002")]
    pub(crate) institution: String,
    /// The programme's code.
    #[schema(example = "EE-2024")]
    pub(crate) programme: String,
    /// What it is called.
    pub(crate) title: String,
    /// The rule set that would decide.
    pub(crate) rule_set: String,
    /// Its version.
    pub(crate) rule_set_version: i32,
    /// The document it rests on.
    pub(crate) document_number: String,
    /// `match`: all that the rules could give; `maybe`: a part of it; `miss`: nothing.
    #[schema(example = "maybe", extensions(("x-words" = json!(["match", "maybe", "miss"]))))]
    pub(crate) fit: String,
    /// Granted already and now, of what is possible, in percent, rounded down.
    #[schema(example = "66.66")]
    pub(crate) percent: String,
    /// Credits granted already and that would be granted now.
    #[schema(example = "12.00")]
    pub(crate) granted: String,
    /// The most that the rules could ever grant the learner.
    #[schema(example = "18.00")]
    pub(crate) possible: String,
    /// True where no other way to use the outcomes grants more.
    pub(crate) proven: bool,
    /// The outcomes, line by line, as a decision has them.
    pub(crate) lines: Vec<OutlookLineView>,
    /// Courses that could be granted and would not be.
    pub(crate) missing: Vec<MissingCourseView>,
}

/// What would become of an outcome.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OutlookLineView {
    /// The outcome.
    pub(crate) outcome_id: Uuid,
    /// The rule that would be applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_code: Option<String>,
    /// Credits that the rule gives.
    #[schema(example = "6.00")]
    pub(crate) requested: String,
    /// Credits that would be given.
    #[schema(example = "3.70")]
    pub(crate) granted: String,
    /// What comes of it.
    #[schema(example = "cut", extensions(("x-words" = json!(["granted", "cut", "refused"]))))]
    pub(crate) verdict: String,
    /// Why it would be cut or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<FaultView>,
    /// Rule, document and arithmetic.
    pub(crate) explanation: Words,
    /// What would change the answer, where something would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<Words>,
}

/// A course that could be granted and would not be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MissingCourseView {
    /// What it is called.
    pub(crate) title: String,
    /// The credits that it has.
    #[schema(example = "6.00")]
    pub(crate) credits: String,
    /// The rule that would give it.
    pub(crate) rule_code: String,
    /// What is missing for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<Words>,
}

impl OutlooksView {
    pub(crate) fn new(outlooks: &[flows::OutlookView], as_of: NaiveDate) -> Self {
        Self {
            as_of,
            outlooks: outlooks.iter().map(OutlookView::from).collect(),
        }
    }
}

impl From<&flows::OutlookView> for OutlookView {
    fn from(view: &flows::OutlookView) -> Self {
        let outlook = &view.outlook;
        let fit = match outlook.fit {
            Fit::Match => "match",
            Fit::Maybe => "maybe",
            Fit::Miss => "miss",
        };
        let decision = &outlook.decision;
        Self {
            institution: view.institution_code.clone(),
            programme: view.programme_code.clone(),
            title: view.programme_title.clone(),
            rule_set: view.rule_set_code.clone(),
            rule_set_version: view.rule_set_version,
            document_number: view.document_number.clone(),
            fit: fit.to_owned(),
            percent: outlook.percent.to_string(),
            granted: outlook.granted.to_string(),
            possible: outlook.possible.to_string(),
            proven: decision.bound == decision.total && decision.complete,
            lines: decision.lines.iter().map(OutlookLineView::from).collect(),
            missing: outlook
                .missing
                .iter()
                .map(MissingCourseView::from)
                .collect(),
        }
    }
}

impl From<&DecidedLine> for OutlookLineView {
    fn from(line: &DecidedLine) -> Self {
        let reason = line.verdict.reason();
        Self {
            outcome_id: line.outcome_id.as_uuid(),
            rule_code: line.rule_code.clone(),
            requested: line.requested.to_string(),
            granted: line.granted.to_string(),
            verdict: line.verdict.as_str().to_owned(),
            reason: reason.map(|code| Fault::of_reason(code, "").into()),
            explanation: Words::from(&line.explanation),
            remedy: line.remedy.as_ref().map(Words::from),
        }
    }
}

impl From<&MissingCourse> for MissingCourseView {
    fn from(missing: &MissingCourse) -> Self {
        Self {
            title: missing.title.clone(),
            credits: missing.credits.to_string(),
            rule_code: missing.rule_code.clone(),
            remedy: missing.remedy.as_ref().map(Words::from),
        }
    }
}
