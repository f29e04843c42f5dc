//! Who may do what. The only place where a [`Grant`] is made.
//!
//! Every flow and every read takes a `&Grant<A>`, so that a permission cannot be forgotten: without
//! [`authorize`] there is nothing to pass. The policy is data, [`POLICY`], printed as a table in the
//! docs and held by a snapshot.

use std::marker::PhantomData;
use std::sync::Arc;

use uuid::Uuid;

use crate::ids::{ClientId, InstitutionId, PersonId};
use crate::learner_no::LearnerNo;
use crate::process::Hand;

mod governing;
mod policy;
mod scope;

pub use policy::{ActionName, POLICY, Reach, Role};
pub use scope::{Scope, Scopes};

/// The request by which somebody acts, so that what it did can be traced to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// As the log and the answer name it.
    pub trace_id: String,
    /// The network that it came from, never a whole address.
    pub network: Option<String>,
}

/// Who is asking, as far as a checked token or the command line says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// The program that calls; absent for the command line and for people who signed in.
    pub client: Option<ClientId>,
    /// The person who is signed in.
    pub person: Option<PersonId>,
    /// The person who holds the secrets of the program that calls.
    pub keeper: Option<PersonId>,
    /// The institution for which it acts.
    pub institution: Option<InstitutionId>,
    /// The account of a learner who is signed in.
    pub learner: Option<LearnerNo>,
    /// What it is.
    pub roles: Vec<Role>,
    /// To which of what its roles permit its token is narrowed.
    pub scopes: Scopes,
    /// By which request; absent for the command line.
    pub occasion: Option<Arc<Occasion>>,
}

impl Actor {
    /// Whoever has the server's command line and its database password.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            roles: vec![Role::Operator],
            ..Self::default()
        }
    }

    /// Who acts, as far as four eyes are concerned. The command line is one hand, whoever types, and
    /// a program is the hand of whoever holds its secrets: nobody is two by making one.
    #[must_use]
    pub fn hand(&self) -> Hand {
        let person = self.person.or(self.keeper).map(PersonId::as_uuid);
        let client = self.client.map(ClientId::as_uuid);
        Hand(person.or(client).unwrap_or(Uuid::nil()))
    }
}

/// What an action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// In the name of, or on what belongs to, an institution.
    Institution(InstitutionId),
    /// A learner's account.
    Learner(LearnerNo),
    /// The bank as a whole.
    Bank,
}

/// How much of the subject may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// All of it.
    Whole,
    /// Only what this institution recorded, asked for or received.
    OnlyOf(InstitutionId),
    /// Only what belongs to this learner.
    OnlyOwn(LearnerNo),
}

impl View {
    /// Views of one and the same subject by how much they show: somebody's own account is more
    /// than what one institution has of it.
    const fn width(self) -> u8 {
        match self {
            Self::OnlyOf(_) => 0,
            Self::OnlyOwn(_) => 1,
            Self::Whole => 2,
        }
    }
}

/// Why a grant was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// None of the actor's roles has the action: 403.
    #[error("this client has no right to do that")]
    NoRight,
    /// The thing belongs to somebody else: answered as if it did not exist, 404.
    #[error("there is no such thing for this client")]
    Hidden,
}

/// An action as a type; implemented by the markers of this module only.
pub trait Action: sealed::Sealed {
    /// Its row in the policy.
    const NAME: ActionName;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            impl Action for $name {
                const NAME: ActionName = ActionName::$name;
            }
        )+
    };
}

actions!(
    /// Post outcomes.
    PostOutcomes,
    /// Hand in a transcript file.
    RunImport,
    /// Say whether somebody else's file is posted.
    ApproveImport,
    /// Say what an institution wants of its imports.
    KeepImportSettings,
    /// See an import and its lines.
    ReadImport,
    /// See a learner's balance and movements.
    ReadLearner,
    /// Ask for conversions.
    RequestConversion,
    /// Decide conversions.
    DecideConversion,
    /// Check conversion requests for the bank before they are decided.
    CheckConversion,
    /// See conversion requests.
    ReadConversion,
    /// Keep institutions, catalogue, programmes, rules and clients.
    KeepRegister,
    /// Recompute the books.
    AuditBooks,
    /// Correct or withdraw an outcome that was posted.
    CorrectOutcomes,
    /// Undo a correction, or take back what a conversion or a hold used.
    ReverseEntries,
    /// Hold, settle and release lots for a use other than a conversion.
    HoldLots,
    /// Open learners' accounts and add identifiers to them.
    OpenAccounts,
    /// Find and settle duplicates: merge accounts of one person and separate them again.
    MergeLearners,
    /// Follow what happens in the ledger.
    ReadEvents,
    /// See sums by institution, unit, category and day.
    ReadTotals,
    /// Take the books out for independent checking.
    ExportBooks,
    /// Hand out a code by which a learner claims the own account.
    IssueClaimCodes,
    /// Redeem such a code.
    ClaimAccount,
    /// See who read an account.
    ReadReadings,
    /// Register and change where an institution is told of its events.
    KeepWebhooks,
    /// See where institutions are told of their events, and how that goes.
    ReadWebhooks,
    /// See the catalogue.
    ReadCatalogue,
    /// See documents, meetings, rule sets, committees, review chains and calendars.
    ReadRegister,
    /// Draft rule sets and put them to the vote.
    DraftRules,
    /// Vote on rule sets.
    VoteOnRules,
    /// Appoint people, and end what they were appointed to.
    KeepMemberships,
    /// Make an institution's programs, and change by what they prove who they are.
    KeepClients,
    /// Arrange through whose hands requests go.
    ArrangeReviews,
    /// Say who stands in for an absent reviewer.
    DelegateReviews,
    /// See what concerns oneself, and note what was read.
    ReadNotices,
    /// Authorise somebody to act for oneself, and end that.
    KeepHelpers,
    /// See who wrote what, and who was refused.
    ReadAccessLog,
    /// Attach evidence to requests of one's own, and take it back.
    AttachEvidence,
    /// See the evidence of conversion requests.
    ReadEvidence,
    /// Give consent to an institution's seeing an account, record one from paper, and withdraw it.
    KeepConsents,
    /// See what a learner agreed to.
    ReadConsents,
);

/// Proof that an actor may do `A` to a subject. Only [`authorize`] makes one.
#[derive(Debug, Clone)]
pub struct Grant<A> {
    actor: Actor,
    subject: Subject,
    view: View,
    action: PhantomData<A>,
}

impl<A: Action> Grant<A> {
    /// Who asked.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What it is done to.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        self.subject
    }

    /// How much of it may be seen.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// The institution in whose name it is done.
    ///
    /// # Errors
    /// [`Denied::NoRight`] where the grant is not for an institution.
    pub const fn institution(&self) -> Result<InstitutionId, Denied> {
        match self.subject {
            Subject::Institution(id) => Ok(id),
            Subject::Learner(_) | Subject::Bank => Err(Denied::NoRight),
        }
    }

    /// The same permission as a part of the flow that is done on its behalf: an import posts
    /// outcomes. Holds only where the policy has that action for one of the actor's roles.
    ///
    /// # Errors
    /// [`Denied`] as [`authorize`].
    pub fn narrowed<B: Action>(&self) -> Result<Grant<B>, Denied> {
        authorize(&self.actor, self.subject)
    }
}

/// Every line of the policy.
pub fn whole_policy() -> impl Iterator<Item = &'static (ActionName, Role, Reach)> {
    POLICY.iter().chain(governing::GOVERNING)
}

/// Asks the policy. The widest reach among the actor's roles wins.
///
/// # Errors
/// [`Denied::NoRight`] where no role has the action, [`Denied::Hidden`] where one has it but not
/// for this subject.
pub fn authorize<A: Action>(actor: &Actor, subject: Subject) -> Result<Grant<A>, Denied> {
    let mut denied = Denied::NoRight;
    if !actor.scopes.cover(A::NAME) {
        return Err(denied);
    }
    let mut found: Option<View> = None;
    for (action, role, reach) in whole_policy() {
        if *action != A::NAME || !actor.roles.contains(role) {
            continue;
        }
        match view(actor, subject, *reach) {
            Some(wider) if found.is_none_or(|it| it.width() < wider.width()) => {
                found = Some(wider);
            }
            Some(_) => {}
            None => denied = Denied::Hidden,
        }
    }
    let view = found.ok_or(denied)?;
    Ok(Grant {
        actor: actor.clone(),
        subject,
        view,
        action: PhantomData,
    })
}

fn view(actor: &Actor, subject: Subject, reach: Reach) -> Option<View> {
    match (reach, subject) {
        (Reach::Bank, _) => Some(View::Whole),
        (Reach::OwnInstitution, Subject::Institution(id)) => {
            (actor.institution == Some(id)).then_some(View::OnlyOf(id))
        }
        (Reach::OwnInstitution, Subject::Learner(_)) => actor.institution.map(View::OnlyOf),
        (Reach::OwnAccount, Subject::Learner(no)) => {
            (actor.learner == Some(no)).then_some(View::OnlyOwn(no))
        }
        (Reach::OwnInstitution, Subject::Bank)
        | (Reach::OwnAccount, Subject::Institution(_) | Subject::Bank) => None,
    }
}

#[cfg(test)]
mod tests;
