//! By what right a receiving institution sees what a request is about: settled as it is sent, held
//! up whenever a reviewer of that institution does something about it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::Actor;
use creditbank_domain::consent::{LegalBasis, NoConsent, StatedBasis, Term};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ConsentId, InstitutionId, LearnerId, RequestId};
use creditbank_domain::reading::ReadPurpose;
use diesel::pg::PgConnection;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::prepare_requests::Wanted;
use crate::reads::RejectedLearner;
use crate::store::Tx;
use crate::tables::consents::{self, BasisRow, CarryingRow, NewBasis};

const PURPOSE: ReadPurpose = ReadPurpose::Conversion;

/// What each learner's request is to rest on.
pub(super) struct Bases {
    /// What whoever asks says about whom.
    stated: HashMap<LearnerId, StatedBasis>,
    /// The newest consent that stands, or why none does; nothing for who never gave one.
    consents: HashMap<LearnerId, Result<ConsentId, NoConsent>>,
}

impl Bases {
    /// Reads what the learners of an order agreed to, so that none of it is withdrawn meanwhile.
    pub(super) fn lock(
        tx: &mut Tx<'_>,
        receiving: InstitutionId,
        wanted: &[Wanted],
        today: NaiveDate,
    ) -> Result<Self, LedgerError> {
        let rows = consents::lock_about(tx, &learners(wanted), receiving, PURPOSE.as_str())?;
        Ok(Self::new(rows, wanted, today))
    }

    /// The same for a look that writes nothing.
    pub(super) fn look(
        conn: &mut PgConnection,
        receiving: InstitutionId,
        wanted: &[Wanted],
        today: NaiveDate,
    ) -> Result<Self, LedgerError> {
        let rows = consents::list_about(conn, &learners(wanted), receiving, PURPOSE.as_str())?;
        Ok(Self::new(rows, wanted, today))
    }

    fn new(rows: Vec<CarryingRow>, wanted: &[Wanted], today: NaiveDate) -> Self {
        let mut consents: HashMap<LearnerId, Result<ConsentId, NoConsent>> = HashMap::new();
        for row in rows {
            let stands = { row.consent.term().stands(today) }
                .map(|()| ConsentId::from_uuid(row.consent.consent_id));
            let known = consents.entry(LearnerId::from_uuid(row.asked_id));
            let known = known.or_insert(stands);
            // The newest one that stands; where none does, why the newest does not.
            if known.is_err() && stands.is_ok() {
                *known = stands;
            }
        }
        let stated = { wanted.iter() }
            .filter_map(|one| Some((one.learner_id, one.basis.clone()?)))
            .collect();
        Self { stated, consents }
    }

    /// What a learner's request rests on.
    ///
    /// What is said counts. Where nothing is, a consent that the learner gave does, so that it can
    /// be withdrawn; a consent that was withdrawn is not passed over in silence; and for a learner
    /// who was never asked, the request itself is taken for the learner's own application.
    pub(super) fn of(&self, learner: LearnerId) -> Result<Settled, Fault> {
        let consent = self.consents.get(&learner).copied();
        let stated = self.stated.get(&learner);
        let (basis, consent) = match (stated, consent) {
            (Some(stated), consent) if stated.basis() == LegalBasis::Consent => (
                LegalBasis::Consent,
                Some(consent.unwrap_or(Err(NoConsent::Missing))?),
            ),
            (Some(stated), _) => (stated.basis(), None),
            (None, Some(Ok(consent))) => (LegalBasis::Consent, Some(consent)),
            (None, Some(Err(NoConsent::Withdrawn))) => return Err(withdrawn_before()),
            (None, Some(Err(_)) | None) => (LegalBasis::Contract, None),
        };
        let document = stated.and_then(StatedBasis::document);
        Ok(Settled {
            basis,
            consent,
            document: document.map(str::to_owned),
            stated: stated.is_some(),
        })
    }

    /// Those of an order whose requests can rest on something, and why the others cannot.
    pub(super) fn admit(&self, wanted: &[Wanted]) -> (Vec<Wanted>, Vec<RejectedLearner>) {
        let mut admitted = Vec::with_capacity(wanted.len());
        let mut barred = Vec::new();
        for one in wanted {
            match self.of(one.learner_id) {
                Ok(_) => admitted.push(one.clone()),
                Err(fault) => barred.push(RejectedLearner {
                    position: one.position,
                    fault,
                }),
            }
        }
        (admitted, barred)
    }

    /// Writes down what stored requests rest on.
    pub(super) fn write(
        &self,
        tx: &mut Tx<'_>,
        by: &Actor,
        requests: impl Iterator<Item = (LearnerId, RequestId)>,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut rows = Vec::new();
        for key in requests {
            let settled = self.of(key.0).map_err(LedgerError::Refused)?;
            rows.push(NewBasis {
                key,
                basis: settled.basis.as_str(),
                consent: settled.consent,
                document: settled.document,
                stated: settled.stated,
            });
        }
        consents::insert_bases(tx, &rows, by.hand().0, now)
    }
}

fn learners(wanted: &[Wanted]) -> Vec<LearnerId> {
    wanted.iter().map(|one| one.learner_id).collect()
}

/// What one request rests on.
pub(super) struct Settled {
    basis: LegalBasis,
    consent: Option<ConsentId>,
    document: Option<String>,
    stated: bool,
}

fn withdrawn_before() -> Fault {
    Fault::new(
        "CONSENT_WITHDRAWN",
        "该学习者撤回过对接收机构的同意;请取得新的同意,或写明其他依据",
        "the learner has withdrawn a consent about the receiving institution; obtain a new one, or \
         state another basis",
    )
}

/// Lets an appeal rest on what it appeals against rests on.
///
/// # Errors
/// [`LedgerError::Refused`] where that is a consent that has ended.
pub(super) fn inherit(
    tx: &mut Tx<'_>,
    by: &Actor,
    appealed: RequestId,
    appeal: (LearnerId, RequestId),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let Some(row) = consents::list_bases(tx.conn(), &[appealed.as_uuid()])?.pop() else {
        return Ok(());
    };
    stands(&row, creditbank_domain::calendar::bank_day(now))
        .map_err(|ended| LedgerError::Refused(ended.into()))?;
    let basis: LegalBasis = crate::tables::parsed(&row.basis, "request_bases.basis")?;
    let inherited = NewBasis {
        key: appeal,
        basis: basis.as_str(),
        consent: row.consent_id.map(ConsentId::from_uuid),
        document: row.document_number,
        stated: row.stated,
    };
    consents::insert_bases(tx, &[inherited], by.hand().0, now)
}

/// Whether what a request rests on counts on a day: anything but a consent does.
fn stands(row: &BasisRow, today: NaiveDate) -> Result<(), NoConsent> {
    match row.valid_from {
        None => Ok(()),
        Some(from) => Term {
            from,
            until: row.valid_until,
            withdrawn: row.withdrawn,
        }
        .stands(today),
    }
}

/// Those among some requests that the receiving institution may not see any more, and why.
pub(crate) fn list_closed(
    conn: &mut PgConnection,
    requests: &[Uuid],
    today: NaiveDate,
) -> Result<HashMap<Uuid, NoConsent>, LedgerError> {
    let rows = consents::list_bases(conn, requests)?;
    let closed = rows.iter().filter_map(|row| {
        let ended = stands(row, today).err()?;
        Some((row.request_id, ended))
    });
    Ok(closed.collect())
}
