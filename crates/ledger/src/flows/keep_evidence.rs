//! Evidence of a request: attached and taken back by whoever asked, while the request is open.
//!
//! A file is kept before its row is written, so that no row is without its file; a file whose row
//! was never written is nobody's and is swept up (`needless_evidence`). I/O has no place in a
//! transaction, so attaching has two halves: [`expect_evidence`] says under which id and key the
//! file is to be kept, [`attach_evidence`] writes it down.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{AttachEvidence, Grant, KeepRegister, Subject};
use creditbank_domain::evidence::{EvidenceKind, FILES_MAX, MediaType, too_many};
use creditbank_domain::ids::{EvidenceId, LearnerId, RequestId};
use creditbank_domain::process::StepRefused;
use serde_json::json;

use crate::error::LedgerError;
use crate::evidence_seal::{EvidenceSeal, owner};
use crate::flows::request_standing::refusal;
use crate::flows::walk_requests::said;
use crate::new_id::new_id;
use crate::reads::{EvidenceView, evidence_view, evidence_withdrawn};
use crate::store::{Ledger, Tx};
use crate::tables::audit_events;
use crate::tables::conversion_requests::{self, RequestRow, Side, Which};
use crate::tables::evidence::{self, EvidenceRow, NewRow};
use crate::tables::idempotency_keys::{Answered, Once, once};

/// A file that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// What it is to show.
    pub kind: EvidenceKind,
    /// What kind of file it is, by its bytes.
    pub media_type: MediaType,
    /// How many bytes it has.
    pub byte_count: u64,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
    /// What the client calls it.
    pub file_name: String,
}

/// Where a file is to be kept before its row is written, and under which key.
#[derive(Debug, Clone)]
pub struct EvidencePlace {
    /// The id that it gets.
    pub evidence_id: EvidenceId,
    /// What seals it.
    pub seal: EvidenceSeal,
}

/// What is to be done with a file.
#[derive(Debug)]
pub enum ExpectedEvidence {
    /// Nothing: the request has it.
    Known(Box<EvidenceView>),
    /// It is to be kept there.
    Wanted(EvidencePlace),
}

/// Says where a file is to be kept, where it may be attached at all.
///
/// # Errors
/// As [`attach_evidence`].
pub fn expect_evidence(
    ledger: &Ledger,
    grant: &Grant<AttachEvidence>,
    request: RequestId,
    new: &NewEvidence,
) -> Result<ExpectedEvidence, LedgerError> {
    ledger.write(grant, |tx| {
        if let (_, Some(known)) = admit(tx, grant, request, new)? {
            let known = evidence_view(tx.keys(), &known)?;
            return Ok(ExpectedEvidence::Known(Box::new(known)));
        }
        let evidence_id = EvidenceId::from_uuid(new_id());
        Ok(ExpectedEvidence::Wanted(EvidencePlace {
            evidence_id,
            seal: EvidenceSeal::generate(evidence_id),
        }))
    })
}

/// Writes down a file that is kept in its place. Where the same content was attached meanwhile,
/// that one is given, with another id.
///
/// # Errors
/// [`LedgerError::NotFound`] where this applicant has no such request, [`LedgerError::Conflict`]
/// where it has ended, [`LedgerError::Refused`] where it has too many files.
pub fn attach_evidence(
    ledger: &Ledger,
    grant: &Grant<AttachEvidence>,
    request: RequestId,
    (new, place): (&NewEvidence, &EvidencePlace),
    now: DateTime<Utc>,
) -> Result<EvidenceView, LedgerError> {
    ledger.write(grant, |tx| {
        let (row, known) = admit(tx, grant, request, new)?;
        if let Some(known) = known {
            return evidence_view(tx.keys(), &known);
        }
        let id = place.evidence_id;
        let name = owner("name", id);
        let byte_count = i64::try_from(new.byte_count)
            .map_err(|_| LedgerError::Corrupt("evidence.byte_count"))?;
        let stored = NewRow {
            learner: LearnerId::from_uuid(row.learner_id),
            request,
            evidence: id,
            kind: new.kind.as_str(),
            media_type: new.media_type.as_str(),
            byte_count,
            sha256: &new.sha256,
            institution: grant.institution().ok(),
            by: grant.actor().hand().0,
            sealed_key: place.seal.sealed(tx.keys())?,
            sealed_name: tx.keys().seal_to(&name, new.file_name.as_bytes())?,
        };
        evidence::insert(tx, stored, now)?;
        let figures = json!({ "request": request, "bytes": byte_count });
        audit_events::insert(tx, grant, ("evidence", Some(id.as_uuid())), &figures, now)?;
        let stored = evidence::find(tx.conn(), request, id)?;
        evidence_view(tx.keys(), &stored.ok_or(LedgerError::Corrupt("evidence"))?)
    })
}

/// The applicant's own request under lock, and the same content where it stands there already.
fn admit(
    tx: &mut Tx<'_>,
    grant: &Grant<AttachEvidence>,
    request: RequestId,
    new: &NewEvidence,
) -> Result<(RequestRow, Option<EvidenceRow>), LedgerError> {
    let row = lock_own(tx, grant, request)?;
    let mut standing = evidence::list(tx.conn(), request)?;
    standing.retain(|row| row.withdrawn_at.is_none());
    let count = standing.len();
    let known = { standing.into_iter() }.find(|row| row.sha256 == new.sha256);
    if known.is_some() {
        return Ok((row, known));
    }
    must_be_open(&row)?;
    if count >= FILES_MAX {
        return Err(LedgerError::Refused(too_many()));
    }
    Ok((row, None))
}

fn must_be_open(row: &RequestRow) -> Result<(), LedgerError> {
    if row.state == "requested" {
        Ok(())
    } else {
        Err(refusal(StepRefused::Ended))
    }
}

/// Locks a request of whoever asked: an institution's, or one that the learner sent.
fn lock_own(
    tx: &mut Tx<'_>,
    grant: &Grant<AttachEvidence>,
    request: RequestId,
) -> Result<RequestRow, LedgerError> {
    let which = Which::One(request);
    let side = match grant.subject() {
        Subject::Institution(id) => Side::Requesting(id),
        Subject::Bank => Side::Bank,
        Subject::Learner(number) => Side::Learner(number),
    };
    let found = conversion_requests::lock(tx, which, side)?
        .into_iter()
        .next();
    let row = found.ok_or(LedgerError::NotFound)?;
    // What a school asked for a learner is the school's to prove.
    if matches!(side, Side::Learner(_)) && row.requesting_institution_id.is_some() {
        return Err(LedgerError::NotFound);
    }
    Ok(row)
}

/// Takes a piece back, once for an idempotency key: nobody is shown it any more, and its file goes.
///
/// # Errors
/// [`LedgerError::NotFound`] where this applicant has no such piece, [`LedgerError::Conflict`]
/// where it was taken back or the request has ended.
pub fn withdraw_evidence_once(
    ledger: &Ledger,
    grant: &Grant<AttachEvidence>,
    (request, id): (RequestId, EvidenceId),
    because: &str,
    claim: &Once<'_, EvidenceView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, claim, now, |tx| {
        let because = said(because)?;
        let row = lock_own(tx, grant, request)?;
        evidence::find(tx.conn(), request, id)?.ok_or(LedgerError::NotFound)?;
        must_be_open(&row)?;
        let hand = grant.actor().hand().0;
        if !evidence::withdraw(tx, id, (hand, &because), now)? {
            return Err(LedgerError::Conflict(evidence_withdrawn()));
        }
        let figures = json!({ "request": request, "withdrawn": true });
        audit_events::insert(tx, grant, ("evidence", Some(id.as_uuid())), &figures, now)?;
        let stored = evidence::find(tx.conn(), request, id)?;
        evidence_view(tx.keys(), &stored.ok_or(LedgerError::Corrupt("evidence"))?)
    })
}

/// Writes down that the answer that was just given names these pieces.
pub(super) fn name_evidence(
    tx: &mut Tx<'_>,
    request: RequestId,
    named: &[EvidenceId],
) -> Result<(), LedgerError> {
    if named.is_empty() || evidence::insert_named(tx, request, named)? == named.len() {
        return Ok(());
    }
    Err(LedgerError::Refused(
        creditbank_domain::evidence::unknown_here(),
    ))
}

/// Pieces that were taken back and whose file is still there.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn evidence_to_purge(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    limit: u32,
) -> Result<Vec<EvidenceId>, LedgerError> {
    ledger.read(grant, |conn| evidence::list_to_purge(conn, limit))
}

/// Destroys the keys of pieces that were taken back: from then on no copy of a file can be read,
/// and whoever keeps the files removes them.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn purge_evidence(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    ids: &[EvidenceId],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| evidence::purge(tx, ids, now))
}

/// Those among some ids of files that are kept, under which none has to be.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn needless_evidence(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    kept: &[EvidenceId],
) -> Result<Vec<EvidenceId>, LedgerError> {
    ledger.read(grant, |conn| evidence::list_needless(conn, kept))
}
