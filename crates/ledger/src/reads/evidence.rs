//! Evidence of a request, for whoever may see the request.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister, ReadEvidence};
use creditbank_domain::evidence::{EvidenceKind, MediaType};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{EvidenceId, InstitutionId, RequestId};
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::evidence_seal::{EvidenceSeal, owner};
use crate::identity::IdentityKeys;
use crate::reads::consents::{Disclosure, Inquiry, bases, disclosed};
use crate::store::Ledger;
use crate::tables::conversion_requests::{self, Which};
use crate::tables::evidence::{self as table, EvidenceRow};
use crate::tables::{count, parsed};

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    /// Its id.
    pub evidence_id: EvidenceId,
    /// What it is to show.
    pub kind: EvidenceKind,
    /// What kind of file it is.
    pub media_type: MediaType,
    /// How many bytes it has.
    pub byte_count: u64,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
    /// What whoever attached it calls it; gone once it is purged.
    pub file_name: Option<String>,
    /// For which institution it was attached, by its code; for the learner where there is none.
    pub institution_code: Option<String>,
    /// When it was attached.
    pub attached_at: DateTime<Utc>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why it was.
    pub withdrawn_because: Option<String>,
    /// The answer that names it, by the number of the step.
    pub answers_step: Option<u32>,
}

/// A piece of evidence with what opens its file.
#[derive(Debug, Clone)]
pub struct OpenedEvidence {
    /// What is known of it.
    pub evidence: EvidenceView,
    /// What opens it.
    pub seal: EvidenceSeal,
    /// Whose request it belongs to, and by what right it is seen.
    pub disclosure: Disclosure,
}

/// Makes a view of a row.
pub(crate) fn evidence_view(
    keys: &IdentityKeys,
    row: &EvidenceRow,
) -> Result<EvidenceView, LedgerError> {
    let evidence_id = EvidenceId::from_uuid(row.evidence_id);
    let name = |sealed: &Vec<u8>| {
        let opened = keys.open_of(&owner("name", evidence_id), sealed)?;
        String::from_utf8(opened).map_err(|_| LedgerError::Corrupt("evidence_secrets.sealed_name"))
    };
    let sha256 = <[u8; 32]>::try_from(row.sha256.as_slice());
    Ok(EvidenceView {
        evidence_id,
        kind: parsed(&row.kind, "evidence.kind")?,
        media_type: parsed(&row.media_type, "evidence.media_type")?,
        byte_count: count(row.byte_count, "evidence.byte_count")?,
        sha256: sha256.map_err(|_| LedgerError::Corrupt("evidence.sha256"))?,
        file_name: row.sealed_name.as_ref().map(name).transpose()?,
        institution_code: row.institution_code.clone(),
        attached_at: row.attached_at,
        withdrawn_at: row.withdrawn_at,
        withdrawn_because: row.withdrawn_because.clone(),
        answers_step: row.answers_step.and_then(|step| u32::try_from(step).ok()),
    })
}

/// Whose request it is, where the grant lets one see it.
fn seen(
    conn: &mut PgConnection,
    grant: &Grant<ReadEvidence>,
    request: RequestId,
    asked: Inquiry,
) -> Result<Disclosure, LedgerError> {
    let rows = conversion_requests::list(conn, Which::One(request), grant.view())?;
    let rows = disclosed(conn, rows, grant.view(), asked)?;
    let row = rows.first().ok_or(LedgerError::NotFound)?;
    let basis = bases(conn, &rows)?.remove(&row.request_id);
    Ok(Disclosure {
        learner_no: parsed(&row.learner_no, "learners.learner_no")?,
        requesting: row.requesting_institution_id.map(InstitutionId::from_uuid),
        basis: basis.ok_or(LedgerError::Corrupt("request_bases"))?,
    })
}

/// What is attached to a request, and whose it is.
///
/// # Errors
/// [`LedgerError::NotFound`], also where the request is somebody else's; [`LedgerError::Refused`]
/// where the receiving institution has no right to see it any more, or not for that purpose.
pub fn evidence(
    ledger: &Ledger,
    grant: &Grant<ReadEvidence>,
    request: RequestId,
    asked: Inquiry,
) -> Result<(Disclosure, Vec<EvidenceView>), LedgerError> {
    let (disclosure, rows) = ledger.read_snapshot(grant, |conn| {
        let disclosure = seen(conn, grant, request, asked)?;
        Ok((disclosure, table::list(conn, request)?))
    })?;
    let views = rows.iter().map(|row| evidence_view(ledger.keys(), row));
    Ok((disclosure, views.collect::<Result<_, _>>()?))
}

/// One piece, with what opens it.
///
/// # Errors
/// As [`evidence`]; [`LedgerError::Conflict`] where it was taken back.
pub fn one_evidence(
    ledger: &Ledger,
    grant: &Grant<ReadEvidence>,
    (request, evidence): (RequestId, EvidenceId),
    asked: Inquiry,
) -> Result<OpenedEvidence, LedgerError> {
    let (disclosure, row) = ledger.read_snapshot(grant, |conn| {
        let disclosure = seen(conn, grant, request, asked)?;
        let row = table::find(conn, request, evidence)?;
        Ok((disclosure, row.ok_or(LedgerError::NotFound)?))
    })?;
    let view = evidence_view(ledger.keys(), &row)?;
    if view.withdrawn_at.is_some() {
        return Err(LedgerError::Conflict(evidence_withdrawn()));
    }
    let sealed = row.sealed_key.as_deref();
    let sealed = sealed.ok_or(LedgerError::Corrupt("evidence_secrets"))?;
    Ok(OpenedEvidence {
        seal: EvidenceSeal::open_key(ledger.keys(), evidence, sealed)?,
        evidence: view,
        disclosure,
    })
}

/// The refusal of what was taken back.
pub(crate) fn evidence_withdrawn() -> Fault {
    Fault::new(
        "EVIDENCE_WITHDRAWN",
        "该佐证材料已撤回,不再提供",
        "the piece of evidence was taken back and is not shown any more",
    )
}

/// Ids under which a file has to be kept, behind one of them: for a check of the store.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn needed_evidence(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    after: Option<EvidenceId>,
    limit: u32,
) -> Result<Vec<EvidenceId>, LedgerError> {
    ledger.read(grant, |conn| table::list_needed(conn, after, limit))
}
