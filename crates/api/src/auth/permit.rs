//! Extractors that turn the caller into a grant. Always a handler's first argument: they answer
//! at once, so that nothing of a body is read for somebody who may not.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use chrono::{DateTime, Utc};
use creditbank_domain::authz::{
    Action, Actor, ApproveImport, ArrangeReviews, AttachEvidence, CheckConversion, ClaimAccount,
    CorrectOutcomes, DecideConversion, DelegateReviews, Denied, DraftRules, Grant, HoldLots,
    IssueClaimCodes, KeepClients, KeepConsents, KeepHelpers, KeepImportSettings, KeepMemberships,
    KeepRegister, KeepWebhooks, MergeLearners, OpenAccounts, PostOutcomes, ReadAccessLog,
    ReadCatalogue, ReadConsents, ReadConversion, ReadEvents, ReadEvidence, ReadImport, ReadLearner,
    ReadNotices, ReadReadings, ReadRegister, ReadTotals, ReadWebhooks, RequestConversion,
    ReverseEntries, Role, RunImport, Subject, VoteOnRules, authorize,
};

use creditbank_domain::fault::Fault;
use creditbank_domain::reading::{ReadKind, ReadPurpose};
use creditbank_domain::words::UnknownWord;
use creditbank_ledger::flows::Reading;

use super::TokenRefusal;
use crate::extract::path_value;
use crate::problem::ApiError;

/// The actor that the gatekeeper confirmed, kept with the request.
pub(crate) struct CallerActor(pub(crate) Actor);

/// The caller's permission to do `A` to what the request is about.
pub(crate) struct Permit<A> {
    pub(crate) grant: Grant<A>,
    /// Why, where the caller says so; kept where an account is read.
    pub(crate) purpose: Option<ReadPurpose>,
}

impl<A: Action> Permit<A> {
    /// What there is to write down of this look at the account.
    pub(crate) fn reading(&self, what: ReadKind, now: DateTime<Utc>) -> Option<Reading> {
        match self.grant.subject() {
            Subject::Learner(number) => Reading::of(&self.grant, number, (what, self.purpose), now),
            Subject::Institution(_) | Subject::Bank => None,
        }
    }
}

/// The header by which a reader says why.
const PURPOSE: &str = "Creditbank-Purpose";

fn purpose(request: &HttpRequest) -> Result<Option<ReadPurpose>, ApiError> {
    let Some(value) = request.headers().get(PURPOSE) else {
        return Ok(None);
    };
    let read = value.to_str().unwrap_or_default().trim().parse();
    read.map(Some).map_err(|UnknownWord { allowed, .. }| {
        let fault = Fault::new(
            "PURPOSE_UNKNOWN",
            format!("查询目的应为以下之一:{allowed}"),
            format!("a purpose is one of {allowed}"),
        );
        ApiError::header(PURPOSE, fault)
    })
}

/// Which subject an action has in a request.
pub(crate) trait Permitted: Action {
    fn subject(actor: &Actor, request: &HttpRequest) -> Result<Subject, ApiError>;
}

macro_rules! own_institution {
    ($($action:ident),+ $(,)?) => {
        $(impl Permitted for $action {
            fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
                let own = actor.institution.map(Subject::Institution);
                own.ok_or(ApiError::Denied(Denied::NoRight))
            }
        })+
    };
}

own_institution!(
    PostOutcomes,
    RunImport,
    ReadImport,
    DecideConversion,
    OpenAccounts,
    CorrectOutcomes,
    HoldLots,
    KeepWebhooks,
    IssueClaimCodes,
    ApproveImport,
    KeepImportSettings,
);

macro_rules! whole_bank {
    ($($action:ident),+ $(,)?) => {
        $(impl Permitted for $action {
            fn subject(_: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
                Ok(Subject::Bank)
            }
        })+
    };
}

whole_bank!(
    MergeLearners,
    CheckConversion,
    ClaimAccount,
    ReadAccessLog,
    KeepRegister,
    ReverseEntries,
    ReadCatalogue,
);

macro_rules! learner_of_the_path {
    ($($action:ident),+ $(,)?) => {
        $(impl Permitted for $action {
            fn subject(_: &Actor, request: &HttpRequest) -> Result<Subject, ApiError> {
                path_value(request, "learner_no").map(Subject::Learner)
            }
        })+
    };
}

learner_of_the_path!(
    ReadReadings,
    KeepConsents,
    ReadConsents,
    ReadLearner,
    KeepHelpers
);

impl Permitted for RequestConversion {
    /// A school asks for its learners, a learner for the own account.
    fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
        institution_or_own(actor, &[Role::SchoolOfficer], &[Role::Learner])
    }
}

impl Permitted for ReadConversion {
    /// The secretariat sees the whole bank, a school or reviewer its own institution, a learner
    /// the own account.
    fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
        if actor.roles.contains(&Role::Secretariat) {
            return Ok(Subject::Bank);
        }
        institution_or_own(
            actor,
            &[Role::SchoolOfficer, Role::Reviewer],
            &[Role::Learner, Role::Helper],
        )
    }
}

impl Permitted for ReadEvidence {
    fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
        if actor.roles.contains(&Role::Secretariat) {
            return Ok(Subject::Bank);
        }
        institution_or_own(
            actor,
            &[Role::SchoolOfficer, Role::Reviewer],
            &[Role::Learner],
        )
    }
}

impl Permitted for AttachEvidence {
    fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
        institution_or_own(actor, &[Role::SchoolOfficer], &[Role::Learner])
    }
}

/// The actor's institution where it has one of the roles there, else the account it is of.
fn institution_or_own(
    actor: &Actor,
    there: &[Role],
    of_the_account: &[Role],
) -> Result<Subject, ApiError> {
    let is_one_of = |roles: &[Role]| roles.iter().any(|role| actor.roles.contains(role));
    match (actor.institution, actor.learner) {
        (Some(institution), _) if is_one_of(there) => Ok(Subject::Institution(institution)),
        (_, Some(learner)) if is_one_of(of_the_account) => Ok(Subject::Learner(learner)),
        _ => Err(ApiError::Denied(Denied::NoRight)),
    }
}

macro_rules! bank_or_own_institution {
    ($($action:ident),+ $(,)?) => {
        $(impl Permitted for $action {
            /// Secretariat, auditor and regulator see the whole bank, whoever acts for an institution its part.
            fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
                let is = |role| actor.roles.contains(&role);
                if is(Role::Secretariat) || is(Role::Auditor) || is(Role::Regulator) {
                    return Ok(Subject::Bank);
                }
                let own = actor.institution.map(Subject::Institution);
                own.ok_or(ApiError::Denied(Denied::NoRight))
            }
        })+
    };
}

bank_or_own_institution!(
    ReadEvents,
    ReadTotals,
    ReadWebhooks,
    DraftRules,
    KeepMemberships,
    KeepClients,
    ArrangeReviews,
    DelegateReviews,
);

macro_rules! of_the_bank {
    ($($action:ident),+ $(,)?) => {
        $(impl Permitted for $action {
            fn subject(_: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
                Ok(Subject::Bank)
            }
        })+
    };
}

of_the_bank!(ReadRegister, VoteOnRules);

impl Permitted for ReadNotices {
    /// The bank's are for those who act for all of it, staff have their institution's, everybody
    /// else the own account's.
    fn subject(actor: &Actor, _: &HttpRequest) -> Result<Subject, ApiError> {
        let is = |role| actor.roles.contains(&role);
        if is(Role::Secretariat) || is(Role::CommitteeMember) {
            return Ok(Subject::Bank);
        }
        let institution = actor.institution.map(Subject::Institution);
        let subject = institution.or(actor.learner.map(Subject::Learner));
        subject.ok_or(ApiError::Denied(Denied::NoRight))
    }
}

impl<A: Permitted + 'static> FromRequest for Permit<A> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(permit(request))
    }
}

fn permit<A: Permitted>(request: &HttpRequest) -> Result<Permit<A>, ApiError> {
    let extensions = request.extensions();
    let Some(CallerActor(actor)) = extensions.get::<CallerActor>() else {
        return Err(ApiError::Unauthenticated(TokenRefusal::Missing));
    };
    // Whoever has no role for the action learns that first, not what is wrong with the path.
    let subject = A::subject(actor, request);
    if let Err(Denied::NoRight) = authorize::<A>(actor, Subject::Bank) {
        return Err(ApiError::Denied(Denied::NoRight));
    }
    let grant = authorize(actor, subject?)?;
    let purpose = purpose(request)?;
    Ok(Permit { grant, purpose })
}
