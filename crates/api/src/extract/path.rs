//! Values in the path.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{
    CandidateId, ClientId, ClientSecretId, CohortId, CollisionId, ConsentId, CorrectionId, DraftId,
    EntryId, EvidenceId, HelperConsentId, HoldId, ImportId, ImportJobId, MeetingId, MembershipId,
    MergeId, RequestId, RuleSetId, WebhookDeliveryId, WebhookEndpointId,
};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::bounded;
use creditbank_ledger::LedgerError;
use uuid::Uuid;

use crate::problem::{ApiError, PlacedFault};

/// A part of the path as a domain value.
pub(crate) fn path_value<T>(request: &HttpRequest, name: &'static str) -> Result<T, ApiError>
where
    T: FromStr<Err: Into<Fault>>,
{
    // Percent-decoded by actix's router.
    let text = request.match_info().get(name).unwrap_or_default();
    text.parse()
        .map_err(|error: T::Err| ApiError::Path(PlacedFault::of_parameter(name, error.into())))
}

/// An id in the path.
pub(crate) struct PathId<T>(pub(crate) T);

/// Ids that stand in paths, each under one name.
pub(crate) trait InPath: Sized {
    const NAME: &'static str;
    fn of(value: Uuid) -> Self;
}

macro_rules! in_path {
    ($($id:ident => $name:literal),+ $(,)?) => {
        $(impl InPath for $id {
            const NAME: &'static str = $name;
            fn of(value: Uuid) -> Self {
                Self::from_uuid(value)
            }
        })+
    };
}

in_path!(
    ImportId => "import_id",
    ImportJobId => "job_id",
    RequestId => "request_id",
    CohortId => "cohort_id",
    MergeId => "merge_id",
    CandidateId => "candidate_id",
    CollisionId => "collision_id",
    CorrectionId => "correction_id",
    DraftId => "draft_id",
    HoldId => "hold_id",
    ConsentId => "consent_id",
    EvidenceId => "evidence_id",
    WebhookEndpointId => "endpoint_id",
    WebhookDeliveryId => "delivery_id",
    RuleSetId => "rule_set_id",
    EntryId => "entry_id",
    MembershipId => "membership_id",
    MeetingId => "meeting_id",
    HelperConsentId => "helper_id",
    ClientId => "client_id",
    ClientSecretId => "secret_id",
);

/// A name in the path, as people wrote it: a document's number, a committee's code, or a key's kid.
pub(crate) struct PathName(pub(crate) String);

impl FromRequest for PathName {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut names = [
            ("document_number", 80),
            ("committee_code", 80),
            ("kid", 255),
        ]
        .into_iter();
        let found = names.find_map(|(name, max)| {
            let text = request.match_info().get(name)?;
            Some(bounded(name, text, max).map(Self))
        });
        // What cannot be a name is nobody's.
        let read = found.unwrap_or_else(|| bounded("document_number", "", 80).map(Self));
        ready(read.map_err(|_| ApiError::Ledger(LedgerError::NotFound)))
    }
}

/// The learner in the path.
pub(crate) struct PathLearner(pub(crate) LearnerNo);

impl FromRequest for PathLearner {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(path_value(request, "learner_no").map(Self))
    }
}

impl<T: InPath + 'static> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get(T::NAME).unwrap_or_default();
        let id = Uuid::try_parse(text)
            .map(|value| Self(T::of(value)))
            .map_err(|_| {
                let fault = Fault::new("ID_MALFORMED", "编号应为 UUID", "an id is a UUID");
                ApiError::Path(PlacedFault::of_parameter(T::NAME, fault))
            });
        ready(id)
    }
}
