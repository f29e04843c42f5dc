//! Claim codes: an institution that knows a learner hands one out, on paper or at a counter; a
//! person who signed in redeems it and sees the own account from then on.
//!
//! A code has 80 random bits, counts once and for two weeks. A login that tries five that are none
//! has to wait an hour, whichever servers it asks.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{ClaimAccount, Grant, IssueClaimCodes};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{LearnerId, PersonId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::{ClaimCode, Login};
use serde_json::json;
use uuid::Uuid;

use super::people::{attach, open_person};
use crate::error::LedgerError;
use crate::sight::Sight;
use crate::store::{Ledger, Tx};
use crate::tables::claim_codes::{self, CodeRow, NewRow};
use crate::tables::{audit_events, learners, parsed, people, person_accounts};

const CODE_LIFE: TimeDelta = TimeDelta::days(14);
/// Codes of one account that could be redeemed at the same moment.
const OPEN_MAX: i64 = 3;
const ATTEMPTS_MAX: i64 = 5;
const ATTEMPTS_WITHIN: TimeDelta = TimeDelta::hours(1);

/// Keeps a code for a learner and gives the moment at which it ends.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution neither opened the account nor posted an outcome
/// of it, [`LedgerError::Conflict`] where somebody has claimed it, [`LedgerError::Refused`] where
/// too many codes are out.
pub fn issue_claim_code(
    ledger: &Ledger,
    grant: &Grant<IssueClaimCodes>,
    learner: LearnerNo,
    code: &ClaimCode,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, LedgerError> {
    let institution = grant.institution()?;
    ledger.write(Sight::from(grant).of_learner(learner), |tx| {
        let found = learners::find_by_number(tx.conn(), learner)?.ok_or(LedgerError::NotFound)?;
        let learner = found.asked.learner_id;
        if !claim_codes::is_known_to(tx.conn(), learner, institution)? {
            return Err(LedgerError::NotFound);
        }
        claim_codes::take_turn(tx, &learner.to_string())?;
        if person_accounts::find_person(tx.conn(), learner)?.is_some() {
            return Err(account_claimed());
        }
        if claim_codes::count_open(tx.conn(), learner, now)? >= OPEN_MAX {
            return Err(too_many_codes());
        }
        let actor = grant.actor();
        let row = NewRow {
            digest: tx.keys().claim_code_digest(code),
            learner,
            institution,
            client: actor.client.map(|id| id.as_uuid()),
            person: actor.person.map(PersonId::as_uuid),
            expires_at: now + CODE_LIFE,
        };
        let id = claim_codes::insert(tx, &row, now)?;
        let figures = json!({ "learner_id": learner });
        audit_events::insert(tx, grant, ("claim_code", Some(id)), &figures, now)?;
        Ok(row.expires_at)
    })
}

/// Why a code did nothing; that it was tried is written down.
enum Tried {
    Claimed(LearnerNo),
    Refused(LedgerError),
}

/// Gives the account of a code to whoever signed in, and its number. Whoever redeemed it is told
/// the same again.
///
/// # Errors
/// [`LedgerError::Refused`] for a code that is none or has ended, and after too many of those;
/// [`LedgerError::Conflict`] where code or account is somebody else's, or the person has another
/// account.
pub fn redeem_claim_code(
    ledger: &Ledger,
    grant: &Grant<ClaimAccount>,
    login: &Login,
    code: Option<&ClaimCode>,
    now: DateTime<Utc>,
) -> Result<LearnerNo, LedgerError> {
    let tried = ledger.write(grant, |tx| {
        let digest = tx.keys().login_digest(login);
        // One after another, so that many at one moment are not more than the limit.
        claim_codes::take_turn(tx, &hex::encode(digest))?;
        claim_codes::forget_attempts(tx, now - ATTEMPTS_WITHIN)?;
        let since = now - ATTEMPTS_WITHIN;
        if claim_codes::count_attempts(tx.conn(), &digest, since)? >= ATTEMPTS_MAX {
            return Err(attempts_spent());
        }
        let known = people::find_login(tx.conn(), &digest)?;
        let found = match code {
            Some(code) => {
                let digest = tx.keys().claim_code_digest(code);
                claim_codes::lock(tx, &digest)?
            }
            None => None,
        };
        let person = known.map(|row| PersonId::from_uuid(row.person_id));
        match usable(found, person, now) {
            Ok(row) => claim(tx, grant, (login, person), &row, now).map(Tried::Claimed),
            Err(refused) => {
                claim_codes::insert_attempt(tx, &digest, now)?;
                Ok(Tried::Refused(refused))
            }
        }
    })?;
    match tried {
        Tried::Claimed(number) => Ok(number),
        Tried::Refused(refused) => Err(refused),
    }
}

fn usable(
    found: Option<CodeRow>,
    person: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<CodeRow, LedgerError> {
    let row = found.ok_or_else(code_unknown)?;
    let used_by = row.used_by.map(PersonId::from_uuid);
    if used_by.is_some() && used_by != person {
        return Err(code_used());
    }
    if used_by.is_none() && row.expires_at <= now {
        return Err(code_ended());
    }
    Ok(row)
}

fn claim(
    tx: &mut Tx<'_>,
    grant: &Grant<ClaimAccount>,
    (login, person): (&Login, Option<PersonId>),
    row: &CodeRow,
    now: DateTime<Utc>,
) -> Result<LearnerNo, LedgerError> {
    let number = parsed(&row.learner_no, "learners.learner_no")?;
    let learner = LearnerId::from_uuid(row.learner_id);
    if row.used_by.is_some() {
        let holder = person_accounts::find_person(tx.conn(), learner)?;
        // The account was taken away again since.
        return if holder == person {
            Ok(number)
        } else {
            Err(code_used())
        };
    }
    let person = match person {
        Some(person) => person,
        None => open_person(tx, now)?,
    };
    // Refuses a login that was ended.
    attach(tx, person, login, now)?;
    if !person_accounts::insert(tx, learner, person, Some(row.code_id), now)? {
        return Err(match person_accounts::find_person(tx.conn(), learner)? {
            Some(_) => account_claimed(),
            None => has_another_account(),
        });
    }
    claim_codes::mark_used(tx, row.code_id, person, now)?;
    let subject: (&'static str, Option<Uuid>) = ("account", Some(row.learner_id));
    audit_events::insert(tx, grant, subject, &json!({ "claimed_by": person }), now)?;
    Ok(number)
}

fn account_claimed() -> LedgerError {
    LedgerError::Conflict(Fault::new(
        "ACCOUNT_CLAIMED",
        "该账户已有人认领;如有误,请联系秘书处解除",
        "somebody has claimed this account; where that is wrong, ask the secretariat to release it",
    ))
}

fn has_another_account() -> LedgerError {
    LedgerError::Conflict(Fault::new(
        "ANOTHER_ACCOUNT_CLAIMED",
        "您已认领另一账户;如两个账户都是您的,请联系秘书处合并",
        "you have claimed another account; where both are yours, ask the secretariat to merge them",
    ))
}

fn too_many_codes() -> LedgerError {
    LedgerError::Refused(Fault::new(
        "CLAIM_CODES_TOO_MANY",
        format!("该账户已有 {OPEN_MAX} 个未使用的认领码,请使用其一或待其失效"),
        format!("{OPEN_MAX} codes of this account are unused; use one, or wait until they end"),
    ))
}

fn attempts_spent() -> LedgerError {
    let minutes = ATTEMPTS_WITHIN.num_minutes();
    LedgerError::Refused(Fault::new(
        "CLAIM_ATTEMPTS_SPENT",
        format!("一小时内已输错 {ATTEMPTS_MAX} 次,请 {minutes} 分钟后再试"),
        format!("{ATTEMPTS_MAX} wrong codes within an hour; try again in {minutes} minutes"),
    ))
}

fn code_unknown() -> LedgerError {
    LedgerError::Refused(Fault::new(
        "CLAIM_CODE_UNKNOWN",
        "认领码有误,请核对,或向发码机构重新索取",
        "there is no such code; check it, or ask the institution for another one",
    ))
}

fn code_ended() -> LedgerError {
    let days = CODE_LIFE.num_days();
    LedgerError::Refused(Fault::new(
        "CLAIM_CODE_ENDED",
        format!("认领码已过 {days} 天有效期,请向发码机构重新索取"),
        format!("the code has ended after {days} days; ask the institution for another one"),
    ))
}

fn code_used() -> LedgerError {
    LedgerError::Conflict(Fault::new(
        "CLAIM_CODE_USED",
        "认领码已被使用;如非本人使用,请立即联系发码机构",
        "the code was used; where that was not you, tell the institution at once",
    ))
}
