//! Consents of a learner, and what requests rest on.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, ReadConsents, Subject, View};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::{GivenHow, LegalBasis, NoConsent};
use creditbank_domain::ids::{ConsentId, InstitutionId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reading::ReadPurpose;
use diesel::pg::PgConnection;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::list_closed;
use crate::store::Ledger;
use crate::tables::consents::{self, ConsentRow};
use crate::tables::conversion_requests::RequestRow;
use crate::tables::{learners, parsed};

/// What a learner agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentView {
    /// Its id.
    pub consent_id: ConsentId,
    /// Who may see, by its code.
    pub institution_code: String,
    /// What that institution is called.
    pub institution_name: String,
    /// For what.
    pub purpose: ReadPurpose,
    /// How it was given.
    pub given_how: GivenHow,
    /// Where the paper is.
    pub document_number: Option<String>,
    /// Who recorded the paper, by its code.
    pub recorded_for: Option<String>,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// From which day it counts.
    pub valid_from: NaiveDate,
    /// The last day.
    pub valid_until: Option<NaiveDate>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Whether it counts today.
    pub stands: bool,
}

/// What a request rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasisView {
    /// By what right.
    pub basis: LegalBasis,
    /// The consent.
    pub consent_id: Option<ConsentId>,
    /// What whoever asked refers to.
    pub document_number: Option<String>,
    /// Whether whoever asked said so.
    pub stated: bool,
}

impl BasisView {
    /// What a request is taken for where nothing was said.
    const UNSTATED: Self = Self {
        basis: LegalBasis::Contract,
        consent_id: None,
        document_number: None,
        stated: false,
    };
}

pub(crate) fn consent_view(row: &ConsentRow, today: NaiveDate) -> Result<ConsentView, LedgerError> {
    Ok(ConsentView {
        consent_id: ConsentId::from_uuid(row.consent_id),
        institution_code: row.institution_code.clone(),
        institution_name: row.institution_name.clone(),
        purpose: parsed(&row.purpose, "consents.purpose")?,
        given_how: parsed(&row.given_how, "consents.given_how")?,
        document_number: row.document_number.clone(),
        recorded_for: row.recorded_for_code.clone(),
        recorded_at: row.recorded_at,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        withdrawn_at: row.withdrawn_at,
        stands: row.term().stands(today).is_ok(),
    })
}

/// The consents of a learner, the newest first: all for the learner and the bank, for an
/// institution those about it and those that it recorded.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such account, or nothing of it for this institution.
pub fn consents(
    ledger: &Ledger,
    grant: &Grant<ReadConsents>,
    now: DateTime<Utc>,
) -> Result<Vec<ConsentView>, LedgerError> {
    let Subject::Learner(number) = grant.subject() else {
        return Err(LedgerError::NotFound);
    };
    let mut rows = ledger.read(grant, |conn| {
        let found = learners::find_by_number(conn, number)?.ok_or(LedgerError::NotFound)?;
        consents::list(conn, &found.members())
    })?;
    if let View::OnlyOf(institution) = grant.view() {
        let own = institution.as_uuid();
        rows.retain(|row| row.institution_id == own || row.recorded_for == Some(own));
        if rows.is_empty() {
            return Err(LedgerError::NotFound);
        }
    }
    let today = bank_day(now);
    rows.iter().map(|row| consent_view(row, today)).collect()
}

/// What some requests rest on.
pub(super) fn bases(
    conn: &mut PgConnection,
    rows: &[RequestRow],
) -> Result<HashMap<Uuid, BasisView>, LedgerError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.request_id).collect();
    let mut bases: HashMap<Uuid, BasisView> =
        ids.iter().map(|id| (*id, BasisView::UNSTATED)).collect();
    for row in consents::list_bases(conn, &ids)? {
        let view = BasisView {
            basis: parsed(&row.basis, "request_bases.basis")?,
            consent_id: row.consent_id.map(ConsentId::from_uuid),
            document_number: row.document_number,
            stated: row.stated,
        };
        let _unstated = bases.insert(row.request_id, view);
    }
    Ok(bases)
}

/// Why and when somebody looks.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry {
    /// Why, where the reader says so.
    pub purpose: Option<ReadPurpose>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Inquiry {
    /// By somebody who does not say why.
    #[must_use]
    pub const fn at(now: DateTime<Utc>) -> Self {
        Self { purpose: None, now }
    }
}

/// Whose a request is, who sent it, and by what right the other side sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Whose.
    pub learner_no: LearnerNo,
    /// The school that asked; none where the learner did.
    pub requesting: Option<InstitutionId>,
    /// What it rests on.
    pub basis: BasisView,
}

/// Those among some requests that a view may be shown: the receiving institution's reviewers see
/// only what still rests on something, and only for conversion.
///
/// # Errors
/// [`LedgerError::Refused`] where that leaves none.
pub(super) fn disclosed(
    conn: &mut PgConnection,
    mut rows: Vec<RequestRow>,
    view: View,
    asked: Inquiry,
) -> Result<Vec<RequestRow>, LedgerError> {
    let View::OnlyOf(institution) = view else {
        return Ok(rows);
    };
    let received = |row: &RequestRow| row.requesting_institution_id != Some(institution.as_uuid());
    let ids: Vec<Uuid> = { rows.iter().filter(|row| received(row)) }
        .map(|row| row.request_id)
        .collect();
    if ids.is_empty() {
        return Ok(rows);
    }
    if asked
        .purpose
        .is_some_and(|purpose| purpose != ReadPurpose::Conversion)
    {
        let fault = creditbank_domain::consent::purpose_not_covered();
        return Err(LedgerError::Refused(fault));
    }
    let closed = list_closed(conn, &ids, bank_day(asked.now))?;
    let why: Option<NoConsent> = ids.iter().find_map(|id| closed.get(id)).copied();
    rows.retain(|row| !closed.contains_key(&row.request_id));
    match why.filter(|_| rows.is_empty()) {
        Some(why) => Err(LedgerError::Refused(why.into())),
        None => Ok(rows),
    }
}
