//! What files mean, as clients see it: what a job asks, what is answered, what is kept.

use creditbank_domain::amount::Unit;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::import_job::QuestionsWanted;
use creditbank_ledger::flows::ImportAnswer;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::person::LearnerBody;
use crate::desk::ImportDesk;
use crate::extract::name_cursor;
use crate::problem::{FaultView, Place, Placed, PlacedFault};

/// What a job asks before a line of its file is read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_questions()))]
pub(crate) struct QuestionsView {
    /// Counted from 1: an answer may lead to more questions.
    pub(crate) round: u32,
    /// The name under which the answer is kept as a mapping.
    #[schema(example = "layout:0b5a…")]
    pub(crate) layout: String,
    /// When it asked.
    pub(crate) asked_at: DateTime<Utc>,
    /// What it asks; absent once it is answered, for it holds values out of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) questions: Option<AskedView>,
}

/// The questions.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AskedView {
    /// Why no line can be read yet; absent where only words or codes are unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<FaultView>,
    /// The columns in their order.
    pub(crate) columns: Vec<ColumnView>,
    /// Words in grade columns that are no grades.
    pub(crate) grade_words: Vec<WordView>,
    /// Course codes for which the institution has no entry.
    pub(crate) courses: Vec<WordView>,
    /// Words for levels that mean none, beside courses that have one.
    #[serde(default)]
    pub(crate) level_words: Vec<LevelWordView>,
}

/// A word for a level that is not known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LevelWordView {
    /// As it stands in the file.
    #[schema(example = "三级")]
    pub(crate) text: String,
    /// In how many lines.
    pub(crate) lines: u64,
    /// The first of them.
    pub(crate) first_line: u64,
    /// Courses that it stands beside, at most three.
    pub(crate) courses: Vec<String>,
}

/// A column of the file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ColumnView {
    /// What stands above it.
    #[schema(example = "KCH")]
    pub(crate) heading: String,
    /// The field that it is taken for; null where that is not known.
    #[schema(required, example = "course_code")]
    pub(crate) field: Option<String>,
    /// Its first different values, at most three.
    pub(crate) samples: Vec<String>,
}

/// A word or a code that is not known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct WordView {
    /// As it stands in the file.
    pub(crate) text: String,
    /// In how many lines.
    pub(crate) lines: u64,
    /// The first of them.
    pub(crate) first_line: u64,
}

impl TryFrom<reads::QuestionsView> for QuestionsView {
    type Error = serde_json::Error;

    fn try_from(view: reads::QuestionsView) -> Result<Self, serde_json::Error> {
        Ok(Self {
            round: view.round,
            layout: view.layout,
            asked_at: view.asked_at,
            questions: view.questions.map(serde_json::from_value).transpose()?,
        })
    }
}

/// What is said of a job's questions.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::import_answer()))]
pub(crate) struct LayoutAnswerBody {
    /// A part of a mapping: `columns`, `grade_words`, `level_words`, `courses` … It is laid over
    /// what was said before, name by name, and kept for the next file of this layout. A field's columns are a
    /// heading, a list of headings, or `{"columns": [...], "separator": "-"}`, which is what is kept.
    // No `Map`, which takes null for one without members.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) mapping: BTreeMap<String, Value>,
    /// Whose transcript it is, where the job asks for it (`LEARNER_COLUMN_MISSING`); kept as if it
    /// had come with the file. Where a column or the job names one already, it is refused
    /// (`LEARNER_NAMED_TWICE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) learner: Option<LearnerBody>,
    /// What the job goes on to ask; with `none` the lines of what is still unknown are rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "none", extensions(("x-words" = json!(QuestionsWanted::WORDS))))]
    pub(crate) questions: Option<String>,
}

impl LayoutAnswerBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(
        &self,
        desk: &dyn ImportDesk,
        today: NaiveDate,
    ) -> Result<ImportAnswer, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let wanted = self.questions.as_deref();
        let wanted = wanted.map(str::parse::<QuestionsWanted>).transpose();
        let questions = placed.take("questions", wanted);
        let mapping = placed.take_all(mapping_of(desk, self.mapping.clone()));
        let learner = self.learner.as_ref();
        let learner = learner.map(|said| said.read(&root.child("learner"), today));
        let learner = placed.take_all(learner.transpose());
        match (questions, mapping, learner) {
            (Some(questions), Some(mapping), Some(learner)) => Ok(ImportAnswer {
                mapping,
                questions,
                learner,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// The mapping in the member `mapping` as it is kept, or everything that is wrong with it at its place.
pub(super) fn mapping_of(
    desk: &dyn ImportDesk,
    members: impl IntoIterator<Item = (String, Value)>,
) -> Result<Value, Vec<PlacedFault>> {
    let mapping = Value::Object(members.into_iter().collect());
    let faults = desk.mapping_faults(&mapping);
    if let (true, Ok(kept)) = (faults.is_empty(), desk.check_mapping(&mapping)) {
        return Ok(kept);
    }
    let placed = faults.into_iter().map(|(names, fault)| {
        let mapping = Place::root().child("mapping");
        let place = names.iter().fold(mapping, |place, name| place.child(name));
        PlacedFault::at(&place, fault)
    });
    Err(placed.collect())
}

/// A mapping to keep.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::import_mapping()))]
pub(crate) struct MappingBody {
    /// The name of a layout, as a job's questions and this list have it, or one of your own.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: String,
    /// All that it says; what was kept before is replaced. A field's columns are a heading, a list
    /// of headings, or `{"columns": [...], "separator": "-"}`, which is what is kept.
    // No `Map`, which takes null for one without members.
    #[schema(value_type = Object)]
    pub(crate) mapping: BTreeMap<String, Value>,
}

impl MappingBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self, desk: &dyn ImportDesk) -> Result<Value, Vec<PlacedFault>> {
        mapping_of(desk, self.mapping.clone())
    }
}

/// A mapping that is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_mapping_view()))]
pub(crate) struct MappingView {
    /// The name of a layout, or one of your own.
    pub(crate) name: String,
    /// Counted from 1; earlier ones stay as they were.
    pub(crate) version: u32,
    /// What it says.
    #[schema(value_type = Object)]
    pub(crate) mapping: Value,
    /// Since when.
    pub(crate) saved_at: DateTime<Utc>,
}

impl From<&reads::MappingView> for MappingView {
    fn from(view: &reads::MappingView) -> Self {
        Self {
            name: view.kept.name.clone(),
            version: view.kept.version,
            mapping: view.mapping.clone(),
            saved_at: view.saved_at,
        }
    }
}

/// The mappings of an institution.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_mappings_view()))]
pub(crate) struct MappingsView {
    /// Each by its last version, by name.
    pub(crate) mappings: Vec<MappingView>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl MappingsView {
    /// At most `limit` of these, of which one more was fetched.
    pub(crate) fn page(kept: &[reads::MappingView], limit: u32) -> Self {
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let mappings: Vec<MappingView> = kept.iter().take(shown).map(MappingView::from).collect();
        let last = mappings.last().filter(|_| kept.len() > shown);
        Self {
            next_cursor: last.map(|last| name_cursor(&last.name)),
            mappings,
        }
    }
}

/// What an import came to, beside its counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SummaryView {
    /// The mapping by which its lines were read; absent where the known headings were enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mapping: Option<MappingUsedView>,
    /// How many lines each code rejected; a line may have several codes.
    pub(crate) rejected_by_code: Vec<CodeCount>,
    /// What the posted lines earned, by unit; of a dry run, what they would.
    pub(crate) credits: Vec<EarnedView>,
    /// What was found of the file's signature when the import began; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<SignatureView>,
}

/// What was found of a file's signature. Nothing is posted or refused because of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SignatureView {
    /// Whether whoever holds a certificate that the operator trusts signed the whole document, and
    /// what they signed is what was read.
    pub(crate) verified: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "SIGNER_UNKNOWN")]
    pub(crate) reason: Option<String>,
    /// The digest of the enclosed certificate that the operator trusts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate_sha256: Option<String>,
    /// When.
    pub(crate) checked_at: DateTime<Utc>,
}

/// A version of a mapping.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MappingUsedView {
    /// The name under which it is kept.
    pub(crate) name: String,
    /// Which version.
    pub(crate) version: u32,
}

/// How often a code was the answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CodeCount {
    /// The code.
    #[schema(example = "DATE_INVALID")]
    pub(crate) code: String,
    /// In how many lines.
    pub(crate) lines: u64,
}

/// What was earned of a unit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct EarnedView {
    /// The unit.
    #[schema(example = "credit", extensions(("x-words" = json!(Unit::ALL.map(Unit::as_str)))))]
    pub(crate) unit: String,
    /// How much.
    #[schema(example = "5004.00")]
    pub(crate) amount: String,
}

impl From<&reads::ImportSummary> for SummaryView {
    fn from(summary: &reads::ImportSummary) -> Self {
        let used = summary.mapping.as_ref().and_then(|it| it.mapping.as_ref());
        let rejected = summary.rejected_by_code.iter();
        let credits = summary.credits.iter();
        Self {
            mapping: used.map(|(kept, _)| MappingUsedView {
                name: kept.name.clone(),
                version: kept.version,
            }),
            rejected_by_code: rejected
                .map(|(code, lines)| CodeCount {
                    code: code.clone(),
                    lines: *lines,
                })
                .collect(),
            credits: credits
                .map(|(unit, hundredths)| EarnedView {
                    unit: unit.to_string(),
                    amount: hundredths.to_string(),
                })
                .collect(),
            signature: summary.signature.as_ref().map(|found| SignatureView {
                verified: found.reason.is_none(),
                reason: found.reason.clone(),
                certificate_sha256: found.certificate_sha256.map(hex::encode),
                checked_at: found.checked_at,
            }),
        }
    }
}
