//! Somebody notes what they have read, and time forgets what everybody was told long ago.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister, ReadNotices};
use creditbank_domain::fault::Fault;
use serde_json::json;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::{Inbox, TOLD_FOR, UNREAD_MAX, unread};
use crate::store::Ledger;
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, inbox};

/// As many rows of a table are forgotten at once.
const FORGOTTEN_AT_ONCE: i64 = 10_000;

/// What somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticesRead {
    /// This one.
    One(Uuid),
    /// This one and everything that was told before it.
    UpTo(Uuid),
}

/// Notes what the person who is signed in has read; gives how many they have not.
///
/// # Errors
/// [`LedgerError::NotFound`] for what they were not told, [`LedgerError::Refused`] for a program.
pub fn mark_notices_once(
    ledger: &Ledger,
    grant: &Grant<ReadNotices>,
    what: NoticesRead,
    request: &Once<'_, u32>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let Some(person) = grant.actor().person else {
        return Err(LedgerError::Refused(no_person()));
    };
    let looker = (Some(person), now - TOLD_FOR);
    once(ledger, grant, request, now, |tx| {
        let box_of = Inbox::of(tx.conn(), grant)?;
        let (NoticesRead::One(subject) | NoticesRead::UpTo(subject)) = what;
        // From the one that is named on, the older ones.
        let told = box_of.list(tx.conn(), looker, (None, UNREAD_MAX))?;
        let from = told.iter().position(|notice| notice.subject_id == subject);
        let older = from.and_then(|from| told.get(from..)).unwrap_or_default();
        let named = older.first().ok_or(LedgerError::NotFound)?;
        match (what, &box_of) {
            (NoticesRead::One(_), _) => inbox::mark(tx, person, &[subject], now)?,
            (NoticesRead::UpTo(_), Inbox::Institution(id, _)) => {
                inbox::mark_up_to(tx, (person, *id), named.seq, now)?;
            }
            (NoticesRead::UpTo(_), Inbox::Learner(_)) => {
                let subjects: Vec<Uuid> = older.iter().map(|it| it.subject_id).collect();
                inbox::mark(tx, person, &subjects, now)?;
            }
        }
        let figures = json!({ "older_too": matches!(what, NoticesRead::UpTo(_)) });
        audit_events::insert(tx, grant, ("notice", Some(subject)), &figures, now)?;
        unread(tx.conn(), &box_of, looker)
    })
}

/// Forgets what was told half a year ago and more; gives how many rows.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn forget_notices(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    now: DateTime<Utc>,
) -> Result<usize, LedgerError> {
    ledger.write(grant, |tx| {
        inbox::forget_before(tx, now - TOLD_FOR, FORGOTTEN_AT_ONCE)
    })
}

fn no_person() -> Fault {
    Fault::new(
        "NOTICES_OF_A_PERSON",
        "已读标记属于登录的本人,程序没有",
        "what was read is noted for a person who is signed in; a program has no such thing",
    )
}
