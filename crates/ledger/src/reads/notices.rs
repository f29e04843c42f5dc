//! What people are told: derived when they look, never written for each of them.
//!
//! An institution's and the bank's are what the sequencer addressed, in the order of the feed; a
//! learner's are what is the learner's own. Of both, half a year.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, ReadNotices, Role, Subject};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::PersonId;
use creditbank_domain::import_job::ImportJobState;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::inbox::{self, Kinds};
use crate::tables::{due_items, learners};

/// For how long somebody is told of something.
pub(crate) const TOLD_FOR: TimeDelta = TimeDelta::days(183);

/// How long before its end a job that waits is due.
const WAITS_TOLD: TimeDelta = TimeDelta::days(7);

/// As many unread ones are counted; beyond that it is that many and more.
pub const UNREAD_MAX: u32 = 1000;

/// Something that somebody is told.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeView {
    /// The notice, outcome or look.
    pub subject_id: Uuid,
    /// What happened.
    pub kind: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// The conversion request that it is about.
    pub request_id: Option<Uuid>,
    /// The lot.
    pub lot_id: Option<Uuid>,
    /// The outcome.
    pub outcome_id: Option<Uuid>,
    /// Days, stages and codes; nothing personal.
    pub figures: Option<serde_json::Value>,
    /// Whether the person has marked it as read.
    pub is_read: bool,
    /// Its number in the feed; 0 for a learner's.
    pub(crate) seq: i64,
}

/// Something that is to be done, as long as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// `review_due`, `hold_ends`, `vote_awaited`, `import_answers_due` or `import_approval_due`.
    pub kind: &'static str,
    /// The request, the rule set or the import job.
    pub subject_id: Uuid,
    /// Until which day, where there is one.
    pub due_on: Option<NaiveDate>,
}

/// A page of what somebody is told.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticesView {
    /// The newest first.
    pub notices: Vec<NoticeView>,
    /// How many are not read, at most [`UNREAD_MAX`].
    pub unread: u32,
    /// What is to be done soon.
    pub due: Vec<DueItem>,
}

/// Whose box it is.
pub(crate) enum Inbox {
    /// All zeros for the bank.
    Institution(Uuid, Kinds),
    /// The accounts of one learner.
    Learner(Vec<Uuid>),
}

impl Inbox {
    pub(crate) fn of(
        conn: &mut PgConnection,
        grant: &Grant<ReadNotices>,
    ) -> Result<Self, LedgerError> {
        match grant.subject() {
            Subject::Bank => Ok(Self::Institution(Uuid::nil(), kinds(grant))),
            Subject::Institution(id) => Ok(Self::Institution(id.as_uuid(), kinds(grant))),
            Subject::Learner(number) => {
                let found = learners::find_by_number(conn, number)?.ok_or(LedgerError::NotFound)?;
                let members = found.members().iter().map(|id| id.as_uuid()).collect();
                Ok(Self::Learner(members))
            }
        }
    }

    /// The newest ones behind one, where it is named.
    pub(crate) fn list(
        &self,
        conn: &mut PgConnection,
        (person, since): (Option<PersonId>, DateTime<Utc>),
        (after, limit): (Option<Uuid>, u32),
    ) -> Result<Vec<NoticeView>, LedgerError> {
        match self {
            Self::Institution(id, kinds) => {
                let before = after.map(|after| inbox::seq_of(conn, after)).transpose()?;
                let before = before.map(|found| found.ok_or(LedgerError::NotFound));
                let page = (before.transpose()?.unwrap_or(i64::MAX), limit);
                inbox::of_institution(conn, (*id, kinds), (person, since), page)
            }
            Self::Learner(members) => {
                inbox::of_learner(conn, members, (person, since), (after, limit))
            }
        }
    }
}

/// What concerns somebody in the roles that they act in.
fn kinds(grant: &Grant<ReadNotices>) -> Kinds {
    let mut kinds = Kinds::default();
    for role in &grant.actor().roles {
        let (deciding, sending, any): (&[_], &[_], &[_]) = match role {
            Role::Reviewer => (
                &[
                    "request_sent",
                    "request_moved_on",
                    "request_answered",
                    "request_withdrawn",
                    "request_overdue",
                    "conversion_revised",
                    "conversion_reversed",
                ],
                &[],
                &[],
            ),
            Role::SchoolOfficer => (
                &[],
                &[
                    "request_moved_on",
                    "request_asked",
                    "request_decided",
                    "request_lapsed",
                    "conversion_revised",
                    "conversion_reversed",
                ],
                &["hold_lapsed"],
            ),
            Role::Registrar | Role::Checker => (
                &[],
                &[],
                &[
                    "outcome_corrected",
                    "outcome_withdrawn",
                    "learners_merged",
                    "learners_unmerged",
                ],
            ),
            Role::InstitutionAdmin => (&["request_overdue", "request_lapsed"], &[], &[]),
            Role::Secretariat => (&[], &[], &["request_overdue", "request_lapsed"]),
            Role::CommitteeMember
            | Role::Regulator
            | Role::Auditor
            | Role::Employer
            | Role::Learner
            | Role::Helper
            | Role::Operator => (&[], &[], &[]),
        };
        kinds.deciding.extend(deciding);
        kinds.sending.extend(sending);
        kinds.any.extend(any);
    }
    kinds
}

/// A page of what the caller is told, how many they have not read, and what they have to do soon.
///
/// # Errors
/// [`LedgerError::NotFound`] where a page is asked for behind something that nobody was told.
pub fn notices(
    ledger: &Ledger,
    grant: &Grant<ReadNotices>,
    page: (Option<Uuid>, u32),
    now: DateTime<Utc>,
) -> Result<NoticesView, LedgerError> {
    let looker = (grant.actor().person, now - TOLD_FOR);
    ledger.read_snapshot(grant, |conn| {
        let inbox = Inbox::of(conn, grant)?;
        let notices = inbox.list(conn, looker, page)?;
        let unread = unread(conn, &inbox, looker)?;
        let due = match &inbox {
            Inbox::Institution(id, _) => due(conn, grant, *id, now)?,
            Inbox::Learner(_) => Vec::new(),
        };
        Ok(NoticesView {
            notices,
            unread,
            due,
        })
    })
}

pub(crate) fn unread(
    conn: &mut PgConnection,
    inbox: &Inbox,
    looker: (Option<PersonId>, DateTime<Utc>),
) -> Result<u32, LedgerError> {
    let all = inbox.list(conn, looker, (None, UNREAD_MAX))?;
    let unread = all.iter().filter(|notice| !notice.is_read).count();
    Ok(u32::try_from(unread).unwrap_or(UNREAD_MAX))
}

fn due(
    conn: &mut PgConnection,
    grant: &Grant<ReadNotices>,
    institution: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<DueItem>, LedgerError> {
    let actor = grant.actor();
    let is = |role| actor.roles.contains(&role);
    let mut due = Vec::new();
    if is(Role::Reviewer) {
        let tomorrow = bank_day(now + TimeDelta::days(1));
        due.extend(due_items::reviews(conn, institution, tomorrow)?);
    }
    if is(Role::SchoolOfficer) {
        let soon = now + TimeDelta::days(3);
        due.extend(due_items::holds(conn, institution, soon)?);
    }
    let waits = [
        (ImportJobState::AwaitingAnswers, "import_answers_due"),
        (ImportJobState::AwaitingApproval, "import_approval_due"),
    ];
    let before = now + WAITS_TOLD;
    if is(Role::Registrar) {
        for wait in waits {
            due.extend(due_items::waits(conn, institution, wait, before)?);
        }
    } else if is(Role::InstitutionAdmin) {
        // Admins approve, and hand nothing in.
        let [_, approval] = waits;
        due.extend(due_items::waits(conn, institution, approval, before)?);
    }
    if let Some(person) = actor.person.filter(|_| is(Role::CommitteeMember)) {
        due.extend(due_items::votes(conn, person, bank_day(now))?);
    }
    Ok(due)
}
