//! What people are told, in both languages. The words name nobody: who it is about is behind the
//! ids, for those who may see it.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::fault::Fault;
use creditbank_ledger::flows::NoticesRead;
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::extract::cut;
use crate::problem::{Place, PlacedFault};

/// Something that somebody is told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NoticeView {
    /// Its id.
    pub(crate) notice_id: Uuid,
    /// What happened.
    #[schema(example = "request_decided")]
    pub(crate) kind: String,
    /// In Chinese.
    pub(crate) zh: String,
    /// In English.
    pub(crate) en: String,
    /// When.
    pub(crate) recorded_at: DateTime<Utc>,
    /// Whether you have marked it as read.
    pub(crate) read: bool,
    /// The conversion request that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<Uuid>,
    /// The lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lot_id: Option<Uuid>,
    /// The outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome_id: Option<Uuid>,
    /// Days, stages and codes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) figures: Option<serde_json::Value>,
}

impl From<&reads::NoticeView> for NoticeView {
    fn from(row: &reads::NoticeView) -> Self {
        let (zh, en) = words(&row.kind);
        Self {
            notice_id: row.subject_id,
            kind: row.kind.clone(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            recorded_at: row.recorded_at,
            read: row.is_read,
            request_id: row.request_id,
            lot_id: row.lot_id,
            outcome_id: row.outcome_id,
            figures: row.figures.clone(),
        }
    }
}

/// Something that is to be done soon, as long as it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct DueView {
    /// What is due.
    #[schema(
        extensions(("x-words" = json!([
            "review_due", "hold_ends", "vote_awaited", "import_answers_due", "import_approval_due"
        ]))),
    )]
    pub(crate) kind: String,
    /// In Chinese.
    pub(crate) zh: String,
    /// In English.
    pub(crate) en: String,
    /// The request, the rule set to be voted on, or the import job that waits.
    pub(crate) subject_id: Uuid,
    /// Until which day, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_on: Option<NaiveDate>,
}

impl From<&reads::DueItem> for DueView {
    fn from(row: &reads::DueItem) -> Self {
        let (zh, en) = words(row.kind);
        Self {
            kind: row.kind.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            subject_id: row.subject_id,
            due_on: row.due_on,
        }
    }
}

/// A page of what you are told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::notices_view()))]
pub(crate) struct NoticesView {
    /// How many you have not read; 1000 stands for that many and more.
    pub(crate) unread: u32,
    /// What you have to do soon.
    pub(crate) due: Vec<DueView>,
    /// The newest first, of half a year.
    pub(crate) notices: Vec<NoticeView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl NoticesView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(view: &reads::NoticesView, limit: u32) -> Self {
        let (page, next_cursor) = cut(&view.notices, limit, |row| row.subject_id);
        Self {
            unread: view.unread,
            due: view.due.iter().map(DueView::from).collect(),
            notices: page.iter().map(NoticeView::from).collect(),
            next_cursor,
        }
    }
}

/// Says what you have read: one notice, or one and everything before it.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::notice_mark()))]
pub(crate) struct MarkBody {
    /// This one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notice_id: Option<Uuid>,
    /// This one and everything that you were told before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) up_to: Option<Uuid>,
}

impl MarkBody {
    pub(crate) fn read(&self) -> Result<NoticesRead, Vec<PlacedFault>> {
        match (self.notice_id, self.up_to) {
            (Some(one), None) => Ok(NoticesRead::One(one)),
            (None, Some(up_to)) => Ok(NoticesRead::UpTo(up_to)),
            _ => {
                let fault = Fault::new(
                    "MARK_AMBIGUOUS",
                    "请写明 notice_id 或 up_to 之一",
                    "name a notice by notice_id or by up_to, one of the two",
                );
                Err(vec![PlacedFault::at(&Place::root(), fault)])
            }
        }
    }
}

/// What is left.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::unread_view()))]
pub(crate) struct UnreadView {
    /// How many you have not read; 1000 stands for that many and more.
    pub(crate) unread: u32,
}

impl From<&u32> for UnreadView {
    fn from(unread: &u32) -> Self {
        Self { unread: *unread }
    }
}

/// The words for a kind; one that is new says at least that something happened.
const fn known(kind: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        b"request_sent" => ("有新的转换申请", "a conversion request was sent"),
        b"request_moved_on" => ("申请进入下一环节", "a request moved on to its next stage"),
        b"request_asked" => (
            "审核人对申请提出问题",
            "a reviewer asked a question about a request",
        ),
        b"request_answered" => ("申请方已答复", "the applicant answered a question"),
        b"request_decided" => ("申请已作出决定", "a request was decided"),
        b"request_withdrawn" => ("申请已撤回", "a request was withdrawn"),
        b"request_lapsed" => (
            "申请逾期失效,预留已释放",
            "a request lapsed; its holds were released",
        ),
        b"request_overdue" => ("申请超过办理期限", "a request is overdue"),
        b"conversion_revised" => (
            "转换结果因更正而调整",
            "a conversion was revised after a correction",
        ),
        b"conversion_reversed" => ("转换已撤销", "a conversion was taken back"),
        b"hold_lapsed" => ("预留已到期释放", "a hold ended and was released"),
        b"outcome_posted" => ("有新的学习成果入账", "a learning outcome was posted"),
        b"outcome_corrected" => ("学习成果已更正", "a learning outcome was corrected"),
        b"outcome_withdrawn" => ("学习成果已撤销", "a learning outcome was withdrawn"),
        b"lot_expires_soon" => ("有学分即将到期", "credit is about to expire"),
        b"learners_merged" => ("两个账户已合并", "two accounts were merged"),
        b"learners_unmerged" => ("账户合并已撤销", "two accounts were separated again"),
        b"account_read" => ("有人查阅了您的账户", "somebody looked at your account"),
        b"review_due" => (
            "申请须在此日前审定",
            "a request has to be decided by this day",
        ),
        b"hold_ends" => (
            "申请的预留即将到期",
            "the holds of a request are about to end",
        ),
        b"import_answers_due" => (
            "导入任务有问题待答复,逾期任务即结束",
            "an import job asks about its file and ends on this day where nobody answers",
        ),
        b"import_approval_due" => (
            "导入任务待他人审核,逾期任务即结束",
            "an import job awaits a second person and ends on this day where nobody approves it",
        ),
        b"vote_awaited" => ("有规则集待您表决", "a rule set awaits your vote"),
        _ => return None,
    })
}

fn words(kind: &str) -> (&'static str, &'static str) {
    known(kind.as_bytes()).unwrap_or(("有新的变动", "something happened"))
}
