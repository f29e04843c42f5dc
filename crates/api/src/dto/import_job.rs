//! Import jobs, as clients send and see them.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::fault::Fault;
use creditbank_domain::import_job::{
    ApprovalVerdict, ImportJobState, LinesTogether, QuestionsWanted,
};
use creditbank_ledger::flows::{ApprovalOrder, ImportMode, NewImportJob};
use creditbank_ledger::reads::{ImportJobView, ImportSettingsView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::import_mapping::mapping_of;
use super::person::LearnerBody;
use crate::desk::ImportDesk;
use crate::extract::{PART_BYTES_MAX, cut};
use crate::problem::{FaultView, Place, Placed, PlacedFault};

/// A file that is to come, and what is to be done with it.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::import_job()))]
pub(crate) struct JobBody {
    /// What you call the file.
    #[validate(length(min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    pub(crate) file_name: String,
    /// Its size, at most 2 GiB.
    #[schema(minimum = 1, maximum = 2147483648_u64)]
    pub(crate) byte_count: u64,
    /// SHA-256 of its bytes, as 64 hexadecimal digits: by it a file is recognised that was handed in
    /// before, and one that arrives otherwise is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 64, max_length = 64)]
    pub(crate) sha256: Option<String>,
    /// `true` says what would happen and posts nothing.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// `each`: good lines post and bad ones come back. `all_or_nothing`: every line posts or none, of
    /// at most 19,999.
    #[serde(default = "each")]
    #[schema(
        default = "each", example = "each",
        extensions(("x-words" = json!(LinesTogether::WORDS))),
    )]
    pub(crate) lines: String,
    /// What it asks where nobody has said it: `all` (what columns, grade and level words and
    /// course codes mean), `columns` or `none`. What is not asked is rejected.
    #[serde(default = "all")]
    #[schema(
        default = "all", example = "all",
        extensions(("x-words" = json!(QuestionsWanted::WORDS))),
    )]
    pub(crate) questions: String,
    /// Which column is what; absent to recognise the header row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) mapping: Option<Map<String, Value>>,
    /// Whose transcript it is, for the export of one person, which has no column for it. Kept sealed
    /// with the job, and shown to nobody. With such a column in the file too the job fails
    /// (`LEARNER_NAMED_TWICE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) learner: Option<LearnerBody>,
    /// `true` does it again although it was done before.
    #[serde(default)]
    pub(crate) again: bool,
}

fn each() -> String {
    LinesTogether::Each.as_str().to_owned()
}

fn all() -> String {
    QuestionsWanted::All.as_str().to_owned()
}

impl JobBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(
        &self,
        desk: &dyn ImportDesk,
        today: NaiveDate,
    ) -> Result<NewImportJob, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let digest = self.sha256.as_deref().map(digest).transpose();
        let sha256 = placed.take("sha256", digest);
        let lines = placed.take("lines", self.lines.parse::<LinesTogether>());
        let questions = placed.take("questions", self.questions.parse::<QuestionsWanted>());
        let mapping = self.mapping.clone().map(|said| mapping_of(desk, said));
        let mapping = placed.take_all(mapping.transpose());
        let learner = self.learner.as_ref();
        let learner = learner.map(|said| said.read(&root.child("learner"), today));
        let learner = placed.take_all(learner.transpose());
        let (Some(sha256), Some(lines), Some(questions), Some((mapping, learner))) =
            (sha256, lines, questions, mapping.zip(learner))
        else {
            return Err(placed.into_faults());
        };
        Ok(NewImportJob {
            file_name: self.file_name.clone(),
            byte_count: self.byte_count,
            sha256,
            mode: if self.dry_run {
                ImportMode::DryRun
            } else {
                ImportMode::Post
            },
            mapping,
            learner,
            lines,
            questions,
            again: self.again,
        })
    }
}

fn digest(text: &str) -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        Fault::new(
            "SHA256_MALFORMED",
            "sha256 应为 64 位十六进制数字",
            "a sha256 is 64 hexadecimal digits",
        )
    })?;
    Ok(bytes)
}

/// Says nothing more than the address does.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct CancelBody {}

/// A job and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_job_view()))]
pub(crate) struct JobView {
    /// Its id.
    pub(crate) job_id: Uuid,
    /// What the client calls the file; empty once it was removed with the bytes.
    #[schema(example = "成绩2024.csv")]
    pub(crate) file_name: String,
    /// Whether it posts nothing.
    pub(crate) dry_run: bool,
    /// How its lines stand together.
    #[schema(example = "each", extensions(("x-words" = json!(LinesTogether::WORDS))))]
    pub(crate) lines: String,
    /// What it asks where nobody has said it.
    #[schema(example = "all", extensions(("x-words" = json!(QuestionsWanted::WORDS))))]
    pub(crate) questions: String,
    /// Whether the learner was said beside the file; who that is, nobody is told here.
    pub(crate) learner_beside: bool,
    /// How a second person approves it, where the institution wants that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approval: Option<ApprovalView>,
    /// `receiving` (bytes are missing), `queued`, `awaiting_answers` (see
    /// `GET /v1/import-jobs/{job_id}/questions`), `awaiting_approval` (it was tried), `finished`,
    /// `failed` (the file as a whole was refused), `cancelled` or `declined`.
    #[schema(example = "queued", extensions(("x-words" = json!(ImportJobState::WORDS))))]
    pub(crate) state: String,
    /// Whether somebody works at it at this moment.
    pub(crate) under_way: bool,
    /// Whether its end was asked for.
    pub(crate) cancel_asked: bool,
    /// Whether it was handed in before, and is the answer to the same file.
    pub(crate) recognised: bool,
    /// How its file arrives.
    pub(crate) upload: UploadView,
    /// SHA-256 of its file, as announced until it is whole, as computed from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
    /// Whether the bytes of the file were removed after their time.
    pub(crate) purged: bool,
    /// The import that it works at, once it has begun: see `GET /v1/imports/{import_id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import_id: Option<Uuid>,
    /// How far it has come.
    pub(crate) progress: ProgressView,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<FaultView>,
    /// Until when it waits for answers or for a second person; then it ends as `failed`, with
    /// `IMPORT_UNANSWERED` or `IMPORT_UNAPPROVED`. Absent where it waits for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waits_until: Option<DateTime<Utc>>,
    /// When it was handed in.
    pub(crate) created_at: DateTime<Utc>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

/// How a second person approves a job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ApprovalView {
    /// The dry run that they are shown: see `GET /v1/imports/{import_id}` and its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trial_import_id: Option<Uuid>,
    /// What they say; absent until somebody says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(extensions(("x-words" = json!(ApprovalVerdict::WORDS))))]
    pub(crate) verdict: Option<String>,
}

/// How much of a file has arrived.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_upload_view()))]
pub(crate) struct UploadView {
    /// How many bytes are here: where the next part begins.
    pub(crate) received: u64,
    /// How many there will be.
    pub(crate) byte_count: u64,
    /// The largest part.
    pub(crate) part_bytes_max: u64,
}

impl UploadView {
    pub(crate) fn of(job: &ImportJobView) -> Self {
        Self {
            received: job.received,
            byte_count: job.byte_count,
            part_bytes_max: u64::try_from(PART_BYTES_MAX).unwrap_or(u64::MAX),
        }
    }
}

/// How far a job has come and how fast.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProgressView {
    /// How many bytes of the file lie behind.
    pub(crate) bytes_read: u64,
    /// How many of its lines do.
    pub(crate) lines_read: u64,
    /// Lines a second in the present turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lines_per_second: Option<u64>,
    /// Seconds until its end at that pace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds_left: Option<u64>,
}

impl From<&ImportJobView> for JobView {
    fn from(job: &ImportJobView) -> Self {
        Self {
            job_id: job.job_id.as_uuid(),
            file_name: job.file_name.clone(),
            dry_run: match job.mode {
                ImportMode::DryRun => true,
                ImportMode::Post => false,
            },
            lines: job.lines.to_string(),
            questions: job.questions.to_string(),
            learner_beside: job.learner_beside,
            approval: job.approval_needed.then(|| ApprovalView {
                trial_import_id: job.trial_import_id.map(|import| import.as_uuid()),
                verdict: job.verdict.map(|verdict| verdict.to_string()),
            }),
            state: job.state.to_string(),
            under_way: job.under_way,
            cancel_asked: job.cancel_asked,
            recognised: job.recognised,
            upload: UploadView::of(job),
            sha256: job.sha256.map(hex::encode),
            purged: job.purged,
            import_id: job.import_id.map(|import| import.as_uuid()),
            progress: ProgressView {
                bytes_read: job.pace.bytes_read,
                lines_read: job.pace.lines_read,
                lines_per_second: job.pace.lines_per_second().filter(|_| job.under_way),
                seconds_left: job.pace.seconds_left().filter(|_| job.under_way),
            },
            failure: job.failure.as_ref().map(|failure| FaultView {
                code: failure.code.clone().into(),
                zh: failure.zh.clone(),
                en: failure.en.clone(),
            }),
            waits_until: job.waits_until,
            created_at: job.created_at,
            ended_at: job.ended_at,
        }
    }
}

/// A page of jobs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::import_jobs_view()))]
pub(crate) struct JobsView {
    /// The jobs, newest first.
    pub(crate) jobs: Vec<JobView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl JobsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[ImportJobView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.job_id.as_uuid());
        Self {
            jobs: page.iter().map(JobView::from).collect(),
            next_cursor,
        }
    }
}

/// What a second person says of a job that was tried.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::import_approval()))]
pub(crate) struct ApprovalBody {
    /// `approve`: post it. `decline`: do not.
    #[schema(example = "approve", extensions(("x-words" = json!(ApprovalVerdict::WORDS))))]
    pub(crate) verdict: String,
    /// Why; at most 500 characters, and nothing personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub(crate) note: Option<String>,
}

impl ApprovalBody {
    /// What it means, or everything that is wrong with it.
    pub(crate) fn read(&self) -> Result<ApprovalOrder, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        match placed.take("verdict", self.verdict.parse::<ApprovalVerdict>()) {
            Some(verdict) => Ok(ApprovalOrder {
                verdict,
                note: self.note.clone(),
            }),
            None => Err(placed.into_faults()),
        }
    }
}

/// What an institution wants of its imports.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::import_settings()))]
pub(crate) struct SettingsView {
    /// Whether a second person has to approve what is posted.
    pub(crate) approval_required: bool,
}

impl From<&ImportSettingsView> for SettingsView {
    fn from(settings: &ImportSettingsView) -> Self {
        Self {
            approval_required: settings.approval_required,
        }
    }
}
