//! What a transaction sees of the tables: it follows from the grant under which it was opened, and
//! the database holds it to that, whatever its SQL says (decision 0032).

use creditbank_domain::authz::{Action, ActionName, Grant, Subject, View};
use creditbank_domain::ids::{ClientId, InstitutionId, PersonId};
use creditbank_domain::learner_no::LearnerNo;

/// Work for which nobody asked, so that no grant says what it sees; it sees the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnWork {
    /// Figures of what waits, for `/metrics`.
    Measuring,
    /// Who read which account, written down after the answer.
    LoggingReaders,
    /// Who was refused what.
    LoggingRefusals,
    /// Sums that everybody may see, over the requests of all.
    Publishing,
}

/// See the module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    bank: bool,
    books: bool,
    gate: bool,
    keys: bool,
    institution: Option<InstitutionId>,
    learner: Option<LearnerNo>,
    client: Option<ClientId>,
    person: Option<PersonId>,
}

impl Sight {
    /// What is open to everybody: institutions, catalogue, rules.
    pub(crate) const PUBLIC: Self = Self {
        bank: false,
        books: false,
        gate: false,
        keys: false,
        institution: None,
        learner: None,
        client: None,
        person: None,
    };

    /// Everything.
    const BANK: Self = Self {
        bank: true,
        ..Self::PUBLIC
    };

    /// What makes a caller an actor, before there is one.
    pub(crate) const GATE: Self = Self {
        gate: true,
        ..Self::PUBLIC
    };

    /// The books of all and nothing that an institution keeps for itself, and the idempotency keys
    /// of all: posts of several clients in one transaction.
    pub(crate) const POSTS_OF_MANY: Self = Self {
        books: true,
        keys: true,
        ..Self::PUBLIC
    };

    /// The same to whoever uses an idempotency key.
    pub(crate) const fn of_client(self, client: ClientId) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// The same to whoever does something about one account, which the grant does not name.
    pub(crate) const fn of_learner(self, learner: LearnerNo) -> Self {
        Self {
            learner: Some(learner),
            ..self
        }
    }

    /// As the setting says it: the view `told` of the database finds `name=` in it.
    pub(crate) fn to_text(self) -> String {
        let flag = |name, set: bool| set.then(|| format!("{name}=1"));
        let institution = self.institution.map(|id| id.as_uuid().to_string());
        let learner = self.learner.map(|number| number.as_str().to_owned());
        let client = self.client.map(|id| id.as_uuid().to_string());
        let person = self.person.map(|id| id.as_uuid().to_string());
        let named = |name, value: Option<String>| value.map(|value| format!("{name}={value}"));
        let parts = [
            flag("bank", self.bank),
            flag("books", self.books || self.bank),
            flag("gate", self.gate || self.bank),
            flag("keys", self.keys || self.bank),
            named("institution", institution),
            named("learner", learner),
            named("client", client),
            named("person", person),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(";")
    }
}

impl From<OwnWork> for Sight {
    fn from(_: OwnWork) -> Self {
        Self::BANK
    }
}

impl<A: Action> From<&Grant<A>> for Sight {
    /// The one place where a grant becomes what the database shows.
    fn from(grant: &Grant<A>) -> Self {
        let of_subject = match grant.subject() {
            Subject::Learner(number) => Some(number),
            Subject::Institution(_) | Subject::Bank => None,
        };
        let seen = match grant.view() {
            View::Whole => {
                return Self {
                    person: grant.actor().person,
                    ..Self::BANK
                };
            }
            View::OnlyOf(institution) => Self {
                institution: Some(institution),
                learner: of_subject,
                ..Self::PUBLIC
            },
            View::OnlyOwn(number) => Self {
                learner: Some(number),
                ..Self::PUBLIC
            },
        };
        Self {
            books: compares_books(A::NAME),
            gate: keeps_people(A::NAME),
            person: grant.actor().person,
            ..seen
        }
    }
}

/// Whether an action cannot be done on what one institution or one learner has: caps, twins,
/// histories and totals are taken over the books of all. The books are what was posted and asked,
/// under pseudonyms; what an institution keeps for itself is not among them.
const fn compares_books(action: ActionName) -> bool {
    match action {
        ActionName::PostOutcomes
        | ActionName::RunImport
        | ActionName::RequestConversion
        | ActionName::DecideConversion
        | ActionName::CheckConversion
        | ActionName::CorrectOutcomes
        | ActionName::ReverseEntries
        | ActionName::HoldLots
        | ActionName::OpenAccounts
        | ActionName::MergeLearners
        | ActionName::KeepConsents
        | ActionName::ReadEvents
        | ActionName::ReadTotals
        | ActionName::ReadNotices
        | ActionName::DraftRules
        | ActionName::VoteOnRules => true,
        ActionName::ReadImport
        | ActionName::ReadLearner
        | ActionName::ReadConversion
        | ActionName::KeepRegister
        | ActionName::AuditBooks
        | ActionName::ExportBooks
        | ActionName::IssueClaimCodes
        | ActionName::ClaimAccount
        | ActionName::ReadReadings
        | ActionName::KeepWebhooks
        | ActionName::ReadWebhooks
        | ActionName::ReadAccessLog
        | ActionName::AttachEvidence
        | ActionName::ReadEvidence
        | ActionName::ReadConsents
        | ActionName::ApproveImport
        | ActionName::KeepImportSettings
        | ActionName::ReadCatalogue
        | ActionName::ReadRegister
        | ActionName::KeepMemberships
        | ActionName::KeepClients
        | ActionName::ArrangeReviews
        | ActionName::DelegateReviews
        | ActionName::KeepHelpers => false,
    }
}

/// Whether an action is about who acts: people, their logins and what they were appointed to.
const fn keeps_people(action: ActionName) -> bool {
    matches!(
        action,
        ActionName::KeepMemberships
            | ActionName::KeepClients
            | ActionName::DelegateReviews
            | ActionName::KeepHelpers
            | ActionName::DraftRules
            | ActionName::VoteOnRules
    )
}
