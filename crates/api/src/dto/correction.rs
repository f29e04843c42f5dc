//! Corrections, withdrawals and reversals, as clients send and see them.

use chrono::NaiveDate;
use creditbank_domain::calendar::parse_day;
use creditbank_domain::correction::{Change, Corrected, CorrectionReason};
use creditbank_domain::grade::Attempt;
use creditbank_domain::text::{DocumentNumber, SourceRef};
use creditbank_ledger::flows::{self, CorrectionOrder, ReversalOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::outcome::{StatedBody, read_stated};
use super::outcome_view::{LotView, OutcomeView};
use super::person::LearnerBody;
use super::progress::ProgressBody;
use crate::problem::{Place, Placed, PlacedFault};

/// Says that an outcome was otherwise than posted; what is absent stays as it was.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::correction()))]
pub(crate) struct CorrectionBody {
    /// Your own record id of the outcome, as it was posted.
    #[schema(min_length = 1, max_length = 200, example = "CJ2024-0048213")]
    pub(crate) source_ref: String,
    /// Why, and the document it rests on.
    pub(crate) because: BecauseBody,
    /// Whose it is, where it was posted to somebody else.
    pub(crate) learner: Option<LearnerBody>,
    /// The result that counts.
    #[schema(min_length = 1, max_length = 20, example = "58.00")]
    pub(crate) grade: Option<String>,
    /// Which try at it this was.
    #[schema(example = "first", extensions(("x-words" = json!(Attempt::ALL.map(Attempt::as_str)))))]
    pub(crate) attempt: Option<String>,
    /// The day it was achieved, in China.
    #[schema(format = Date, example = "2024-07-01")]
    pub(crate) awarded_on: Option<String>,
    /// All the amounts that you give, where they were others.
    #[validate(length(max = 4))]
    #[schema(max_items = 4)]
    pub(crate) stated: Option<Vec<StatedBody>>,
    /// How far the learner came, all of it, where it was otherwise.
    pub(crate) progress: Option<ProgressBody>,
}

/// Says that an outcome never should have been posted.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::withdrawal()))]
pub(crate) struct WithdrawalBody {
    /// Your own record id of the outcome, as it was posted.
    #[schema(min_length = 1, max_length = 200, example = "CJ2024-0048213")]
    pub(crate) source_ref: String,
    /// Why, and the document it rests on.
    pub(crate) because: BecauseBody,
}

/// Takes an earlier entry back by authority.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::reversal()))]
pub(crate) struct ReversalBody {
    /// Why, and the document it rests on.
    pub(crate) because: BecauseBody,
}

/// Why something is taken back.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BecauseBody {
    /// Why.
    #[schema(example = "GRADE_APPEAL", extensions(("x-words" = json!(CorrectionReason::WORDS))))]
    pub(crate) reason: String,
    /// The number of the document; without personal data.
    #[schema(min_length = 1, max_length = 100, example = "教务更正〔2024〕3号")]
    pub(crate) document_number: String,
}

impl BecauseBody {
    fn read(&self, at: &Place) -> Result<(CorrectionReason, DocumentNumber), Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let reason = self.reason.parse::<CorrectionReason>();
        let reason = placed.take("reason", reason);
        let document = DocumentNumber::new(&self.document_number);
        let document = placed.take("document_number", document);
        reason.zip(document).ok_or_else(|| placed.into_faults())
    }
}

impl CorrectionBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self, today: NaiveDate) -> Result<CorrectionOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let source_ref = placed.take("source_ref", SourceRef::new(&self.source_ref));
        let because = placed.take_all(self.because.read(&root.child("because")));
        let learner = self.learner.as_ref();
        let learner = learner.map(|body| body.read(&root.child("learner"), today));
        let learner = placed.take_all(learner.transpose());
        let grade = placed.take("grade", self.grade.as_deref().map(str::parse).transpose());
        let attempt = self.attempt.as_deref().map(str::parse).transpose();
        let attempt = placed.take("attempt", attempt);
        let awarded_on = self.awarded_on.as_deref().map(parse_day).transpose();
        let awarded_on = placed.take("awarded_on", awarded_on);
        let stated = self.stated.as_deref();
        let stated = stated.map(|stated| read_stated(stated, &root.child("stated")));
        let stated = placed.take_all(stated.transpose());
        let progress = self.progress.as_ref();
        let progress = progress.map(|body| body.read(&root.child("progress")));
        let progress = placed.take_all(progress.transpose());
        let (Some(source_ref), Some((reason, document)), Some(learner)) =
            (source_ref, because, learner)
        else {
            return Err(placed.into_faults());
        };
        let (Some(grade), Some(attempt), Some(awarded_on), Some(stated), Some(progress)) =
            (grade, attempt, awarded_on, stated, progress)
        else {
            return Err(placed.into_faults());
        };
        let to = Corrected {
            learner,
            grade,
            attempt,
            awarded_on,
            stated,
            progress,
        };
        Ok(CorrectionOrder {
            source_ref,
            change: Change::Correct(to),
            reason,
            document,
        })
    }
}

impl WithdrawalBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<CorrectionOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let source_ref = placed.take("source_ref", SourceRef::new(&self.source_ref));
        let because = placed.take_all(self.because.read(&root.child("because")));
        match (source_ref, because) {
            (Some(source_ref), Some((reason, document))) => Ok(CorrectionOrder {
                source_ref,
                change: Change::Withdraw,
                reason,
                document,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

impl ReversalBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<ReversalOrder, Vec<PlacedFault>> {
        let (reason, document) = self.because.read(&Place::root().child("because"))?;
        Ok(ReversalOrder { reason, document })
    }
}

/// What a correction came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::correction_view()))]
pub(crate) struct CorrectionView {
    /// Its id; send it to have it undone.
    pub(crate) correction_id: Uuid,
    /// Whose outcome it was.
    #[schema(example = "7KQ4M2XW9PDJ")]
    pub(crate) learner_no: String,
    /// The outcome that stands no longer; absent where a withdrawal was undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome_id: Option<Uuid>,
    /// The outcome that stands instead; absent where it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) successor: Option<OutcomeView>,
    /// Every lot that was withdrawn, those of grants that fell among them.
    pub(crate) withdrawn: Vec<LotView>,
    /// The conversions that rested on the outcome and were judged again.
    pub(crate) conversions: Vec<RevisedConversionView>,
}

/// A conversion that was judged again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RevisedConversionView {
    /// The request.
    pub(crate) request_id: Uuid,
    /// Credits that it granted.
    #[schema(example = "6.00")]
    pub(crate) granted_before: String,
    /// Credits that it grants now.
    #[schema(example = "0.00")]
    pub(crate) granted_now: String,
}

impl From<&flows::CorrectionView> for CorrectionView {
    fn from(view: &flows::CorrectionView) -> Self {
        let conversions = view.conversions.iter();
        Self {
            correction_id: view.correction_id.as_uuid(),
            learner_no: view.learner_no.to_string(),
            outcome_id: view.outcome_id.map(|id| id.as_uuid()),
            successor: view.successor.as_ref().map(OutcomeView::from),
            withdrawn: view.withdrawn.iter().map(LotView::from).collect(),
            conversions: conversions
                .map(|revised| RevisedConversionView {
                    request_id: revised.request_id.as_uuid(),
                    granted_before: revised.granted_before.to_string(),
                    granted_now: revised.granted_now.to_string(),
                })
                .collect(),
        }
    }
}
