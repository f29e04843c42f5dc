//! Scopes: how a token is narrowed to a part of what its client's roles permit. They never widen.

use super::{ActionName, Role, whole_policy};
use crate::words::words;

words!(
    /// A part of what can be permitted, as a token's `scope` names it.
    Scope, "a scope", {
        /// Post, import and correct outcomes.
        OutcomesWrite => "outcomes:write",
        /// See imports and their lines.
        ImportsRead => "imports:read",
        /// See learners' accounts and who read them.
        LearnersRead => "learners:read",
        /// Open accounts and hand out claim codes.
        LearnersWrite => "learners:write",
        /// Ask for conversions.
        ConversionsRequest => "conversions:request",
        /// Decide conversions.
        ConversionsDecide => "conversions:decide",
        /// See conversion requests.
        ConversionsRead => "conversions:read",
        /// Hold, settle and release lots.
        HoldsWrite => "holds:write",
        /// Take back what was entered.
        ReversalsWrite => "reversals:write",
        /// Merge and separate accounts.
        MergesWrite => "merges:write",
        /// Keep institutions, catalogue, rules and clients.
        RegisterWrite => "register:write",
        /// Audit and export the books.
        BooksRead => "books:read",
        /// Follow the change feed.
        EventsRead => "events:read",
        /// See totals.
        TotalsRead => "totals:read",
        /// Keep webhook endpoints.
        WebhooksWrite => "webhooks:write",
        /// See webhook endpoints and deliveries.
        WebhooksRead => "webhooks:read",
        /// See the catalogue.
        CatalogueRead => "catalogue:read",
        /// See documents, meetings, rule sets, committees and review chains.
        RegisterRead => "register:read",
        /// Draft, propose and vote on rule sets.
        RulesWrite => "rules:write",
        /// Appoint people and authorise helpers.
        PeopleWrite => "people:write",
        /// Make an institution's programs, and change their secrets and keys.
        ClientsWrite => "clients:write",
        /// Arrange reviews and who stands in.
        ReviewsWrite => "reviews:write",
        /// See one's notices.
        NoticesRead => "notices:read",
        /// Attach evidence to requests and take it back.
        EvidenceWrite => "evidence:write",
        /// See evidence: copies of people's documents, so not a part of seeing requests.
        EvidenceRead => "evidence:read",
        /// Give, record and withdraw consents.
        ConsentsWrite => "consents:write",
        /// See consents.
        ConsentsRead => "consents:read",
    }
);

impl Scope {
    /// Whether one of the roles has anything of it.
    #[must_use]
    pub fn is_of(self, roles: &[Role]) -> bool {
        whole_policy().any(|(action, role, _)| Self::of(*action) == self && roles.contains(role))
    }

    /// The one scope that an action belongs to.
    #[must_use]
    pub const fn of(action: ActionName) -> Self {
        match action {
            // An import posts, so a token for files posts too.
            ActionName::PostOutcomes
            | ActionName::RunImport
            | ActionName::ApproveImport
            | ActionName::CorrectOutcomes => Self::OutcomesWrite,
            ActionName::KeepImportSettings => Self::RegisterWrite,
            ActionName::ReadImport => Self::ImportsRead,
            ActionName::ReadLearner | ActionName::ReadReadings => Self::LearnersRead,
            ActionName::OpenAccounts | ActionName::IssueClaimCodes | ActionName::ClaimAccount => {
                Self::LearnersWrite
            }
            ActionName::RequestConversion => Self::ConversionsRequest,
            ActionName::DecideConversion | ActionName::CheckConversion => Self::ConversionsDecide,
            ActionName::ReadConversion => Self::ConversionsRead,
            ActionName::HoldLots => Self::HoldsWrite,
            ActionName::ReverseEntries => Self::ReversalsWrite,
            ActionName::MergeLearners => Self::MergesWrite,
            ActionName::KeepRegister => Self::RegisterWrite,
            ActionName::AuditBooks | ActionName::ExportBooks | ActionName::ReadAccessLog => {
                Self::BooksRead
            }
            ActionName::ReadEvents => Self::EventsRead,
            ActionName::ReadTotals => Self::TotalsRead,
            ActionName::KeepWebhooks => Self::WebhooksWrite,
            ActionName::ReadWebhooks => Self::WebhooksRead,
            ActionName::ReadCatalogue => Self::CatalogueRead,
            ActionName::ReadRegister => Self::RegisterRead,
            ActionName::DraftRules | ActionName::VoteOnRules => Self::RulesWrite,
            ActionName::KeepMemberships | ActionName::KeepHelpers => Self::PeopleWrite,
            ActionName::KeepClients => Self::ClientsWrite,
            ActionName::ArrangeReviews | ActionName::DelegateReviews => Self::ReviewsWrite,
            ActionName::ReadNotices => Self::NoticesRead,
            ActionName::AttachEvidence => Self::EvidenceWrite,
            ActionName::ReadEvidence => Self::EvidenceRead,
            ActionName::KeepConsents => Self::ConsentsWrite,
            ActionName::ReadConsents => Self::ConsentsRead,
        }
    }
}

/// What a token is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scopes {
    /// To nothing in particular: all that the roles permit.
    #[default]
    All,
    /// To these.
    Only(Vec<Scope>),
}

impl Scopes {
    /// Whether an action is left.
    #[must_use]
    pub fn cover(&self, action: ActionName) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.contains(&Scope::of(action)),
        }
    }

    /// Narrowed to what both leave.
    #[must_use]
    pub fn within(self, other: &Self) -> Self {
        match (self, other) {
            (all, Self::All) => all,
            (Self::All, Self::Only(scopes)) => Self::Only(scopes.clone()),
            (Self::Only(mut scopes), Self::Only(others)) => {
                scopes.retain(|scope| others.contains(scope));
                Self::Only(scopes)
            }
        }
    }

    /// Whether nothing is left by the other that is not left by this.
    #[must_use]
    pub fn contain(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(scopes), Self::Only(others)) => {
                others.iter().all(|scope| scopes.contains(scope))
            }
        }
    }
}
