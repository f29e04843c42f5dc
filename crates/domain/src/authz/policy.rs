//! The policy as data: roles, actions and how far each reaches.

use crate::words::words;

words!(
    /// What somebody is in the bank.
    Role, "a role", {
        /// Posts outcomes and files for a university or school.
        Registrar => "registrar",
        /// Agrees to what a registrar of the same institution hands in; never one's own.
        Checker => "checker",
        /// Asks for conversions for a school.
        SchoolOfficer => "school_officer",
        /// Decides conversions for the receiving institution.
        Reviewer => "reviewer",
        /// Looks after an institution's part of the bank.
        InstitutionAdmin => "institution_admin",
        /// Votes on rule sets for a committee of the alliance.
        CommitteeMember => "committee_member",
        /// Runs the bank for the alliance.
        Secretariat => "secretariat",
        /// Supervises: sees every institution's figures and no account.
        Regulator => "regulator",
        /// Reads the books.
        Auditor => "auditor",
        /// Employs learners; sees what is open to every member and what a learner proves to it.
        Employer => "employer",
        /// The person whose account it is.
        Learner => "learner",
        /// Whoever a learner has authorised to act for them, for a time and for some things.
        Helper => "helper",
        /// Whoever has the server's own command line.
        Operator => "operator",
    }
);

words!(
    /// Everything that can be permitted.
    ActionName, "an action", {
        /// Post outcomes.
        PostOutcomes => "post_outcomes",
        /// Hand in a transcript file.
        RunImport => "run_import",
        /// Say whether somebody else's file is posted.
        ApproveImport => "approve_import",
        /// Say what an institution wants of its imports.
        KeepImportSettings => "keep_import_settings",
        /// See an import and its lines.
        ReadImport => "read_import",
        /// See a learner's balance and movements.
        ReadLearner => "read_learner",
        /// Ask for conversions.
        RequestConversion => "request_conversion",
        /// Decide conversions.
        DecideConversion => "decide_conversion",
        /// Check conversion requests for the bank before they are decided.
        CheckConversion => "check_conversion",
        /// See conversion requests.
        ReadConversion => "read_conversion",
        /// Keep institutions, catalogue, programmes, rules and clients.
        KeepRegister => "keep_register",
        /// Recompute the books.
        AuditBooks => "audit_books",
        /// Correct or withdraw an outcome that was posted.
        CorrectOutcomes => "correct_outcomes",
        /// Undo a correction, or take back what a conversion or a hold used.
        ReverseEntries => "reverse_entries",
        /// Hold, settle and release lots for a use other than a conversion.
        HoldLots => "hold_lots",
        /// Open learners' accounts and add identifiers to them.
        OpenAccounts => "open_accounts",
        /// Find and settle duplicates: merge accounts of one person and separate them again.
        MergeLearners => "merge_learners",
        /// Follow what happens in the ledger.
        ReadEvents => "read_events",
        /// See sums by institution, unit, category and day.
        ReadTotals => "read_totals",
        /// Take the books out for independent checking.
        ExportBooks => "export_books",
        /// Hand out a code by which a learner claims the own account.
        IssueClaimCodes => "issue_claim_codes",
        /// Redeem such a code.
        ClaimAccount => "claim_account",
        /// See who read an account.
        ReadReadings => "read_readings",
        /// Register and change where an institution is told of its events.
        KeepWebhooks => "keep_webhooks",
        /// See where institutions are told of their events, and how that goes.
        ReadWebhooks => "read_webhooks",
        /// See the catalogue.
        ReadCatalogue => "read_catalogue",
        /// See documents, meetings, rule sets, committees, review chains and calendars.
        ReadRegister => "read_register",
        /// Draft rule sets and put them to the vote.
        DraftRules => "draft_rules",
        /// Vote on rule sets.
        VoteOnRules => "vote_on_rules",
        /// Appoint people, and end what they were appointed to.
        KeepMemberships => "keep_memberships",
        /// Make an institution's programs, and change by what they prove who they are.
        KeepClients => "keep_clients",
        /// Arrange through whose hands requests go.
        ArrangeReviews => "arrange_reviews",
        /// Say who stands in for an absent reviewer.
        DelegateReviews => "delegate_reviews",
        /// See what concerns oneself, and note what was read.
        ReadNotices => "read_notices",
        /// Authorise somebody to act for oneself, and end that.
        KeepHelpers => "keep_helpers",
        /// See who wrote what, and who was refused.
        ReadAccessLog => "read_access_log",
        /// Attach evidence to requests of one's own, and take it back.
        AttachEvidence => "attach_evidence",
        /// See the evidence of conversion requests.
        ReadEvidence => "read_evidence",
        /// Give consent to an institution's seeing an account, record one from paper, and withdraw it.
        KeepConsents => "keep_consents",
        /// See what a learner agreed to.
        ReadConsents => "read_consents",
    }
);

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// What belongs to the actor's own institution.
    OwnInstitution,
    /// The actor's own account.
    OwnAccount,
    /// The whole bank.
    Bank,
}

/// The policy: what is not listed is denied.
pub const POLICY: &[(ActionName, Role, Reach)] = &[
    (
        ActionName::PostOutcomes,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (ActionName::PostOutcomes, Role::Operator, Reach::Bank),
    (
        ActionName::RunImport,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (ActionName::RunImport, Role::Operator, Reach::Bank),
    (
        ActionName::ApproveImport,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ApproveImport,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ApproveImport, Role::Operator, Reach::Bank),
    (
        ActionName::KeepImportSettings,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::KeepImportSettings, Role::Operator, Reach::Bank),
    (
        ActionName::ReadImport,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadImport,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadImport, Role::Checker, Reach::OwnInstitution),
    (ActionName::ReadImport, Role::Operator, Reach::Bank),
    (ActionName::ReadLearner, Role::Learner, Reach::OwnAccount),
    (ActionName::ReadLearner, Role::Helper, Reach::OwnAccount),
    (
        ActionName::ReadLearner,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadLearner,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadLearner, Role::Secretariat, Reach::Bank),
    (ActionName::ReadLearner, Role::Auditor, Reach::Bank),
    (ActionName::ReadLearner, Role::Operator, Reach::Bank),
    (
        ActionName::RequestConversion,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::RequestConversion,
        Role::Learner,
        Reach::OwnAccount,
    ),
    (ActionName::RequestConversion, Role::Operator, Reach::Bank),
    (
        ActionName::DecideConversion,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (ActionName::DecideConversion, Role::Operator, Reach::Bank),
    (ActionName::CheckConversion, Role::Secretariat, Reach::Bank),
    (ActionName::CheckConversion, Role::Operator, Reach::Bank),
    (
        ActionName::ReadConversion,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadConversion,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadConversion, Role::Learner, Reach::OwnAccount),
    (ActionName::ReadConversion, Role::Helper, Reach::OwnAccount),
    (ActionName::ReadConversion, Role::Secretariat, Reach::Bank),
    (ActionName::ReadConversion, Role::Operator, Reach::Bank),
    (ActionName::KeepRegister, Role::Secretariat, Reach::Bank),
    (ActionName::KeepRegister, Role::Operator, Reach::Bank),
    (ActionName::AuditBooks, Role::Auditor, Reach::Bank),
    (ActionName::AuditBooks, Role::Operator, Reach::Bank),
    (
        ActionName::CorrectOutcomes,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (ActionName::CorrectOutcomes, Role::Operator, Reach::Bank),
    (ActionName::ReverseEntries, Role::Secretariat, Reach::Bank),
    (ActionName::ReverseEntries, Role::Operator, Reach::Bank),
    (
        ActionName::HoldLots,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (ActionName::HoldLots, Role::Operator, Reach::Bank),
    (
        ActionName::OpenAccounts,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (ActionName::OpenAccounts, Role::Operator, Reach::Bank),
    (ActionName::MergeLearners, Role::Secretariat, Reach::Bank),
    (ActionName::MergeLearners, Role::Operator, Reach::Bank),
    (
        ActionName::ReadEvents,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadEvents,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadEvents,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadEvents,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadEvents, Role::Secretariat, Reach::Bank),
    (ActionName::ReadEvents, Role::Auditor, Reach::Bank),
    (ActionName::ReadEvents, Role::Operator, Reach::Bank),
    (
        ActionName::ReadTotals,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadTotals,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadTotals,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadTotals,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadTotals, Role::Secretariat, Reach::Bank),
    (ActionName::ReadTotals, Role::Regulator, Reach::Bank),
    (ActionName::ReadTotals, Role::Auditor, Reach::Bank),
    (ActionName::ReadTotals, Role::Operator, Reach::Bank),
    (ActionName::ExportBooks, Role::Auditor, Reach::Bank),
    (ActionName::ExportBooks, Role::Operator, Reach::Bank),
    (
        ActionName::IssueClaimCodes,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::IssueClaimCodes,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::IssueClaimCodes, Role::Operator, Reach::Bank),
    // A code is good for whoever holds it, so the reach is every account that has one.
    (ActionName::ClaimAccount, Role::Learner, Reach::Bank),
    (ActionName::ClaimAccount, Role::Operator, Reach::Bank),
    (ActionName::ReadReadings, Role::Learner, Reach::OwnAccount),
    (ActionName::ReadReadings, Role::Auditor, Reach::Bank),
    (ActionName::ReadReadings, Role::Operator, Reach::Bank),
    (
        ActionName::KeepWebhooks,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::KeepWebhooks,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::KeepWebhooks,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::KeepWebhooks, Role::Operator, Reach::Bank),
    (
        ActionName::ReadWebhooks,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadWebhooks,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadWebhooks,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadWebhooks, Role::Secretariat, Reach::Bank),
    (ActionName::ReadWebhooks, Role::Operator, Reach::Bank),
    (ActionName::ReadAccessLog, Role::Regulator, Reach::Bank),
    (ActionName::ReadAccessLog, Role::Auditor, Reach::Bank),
    (ActionName::ReadAccessLog, Role::Operator, Reach::Bank),
    (
        ActionName::AttachEvidence,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (ActionName::AttachEvidence, Role::Learner, Reach::OwnAccount),
    (ActionName::AttachEvidence, Role::Operator, Reach::Bank),
    (
        ActionName::ReadEvidence,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadEvidence,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadEvidence, Role::Learner, Reach::OwnAccount),
    (ActionName::ReadEvidence, Role::Secretariat, Reach::Bank),
    (ActionName::ReadEvidence, Role::Operator, Reach::Bank),
    (
        ActionName::KeepConsents,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (ActionName::KeepConsents, Role::Learner, Reach::OwnAccount),
    (ActionName::KeepConsents, Role::Operator, Reach::Bank),
    (
        ActionName::ReadConsents,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadConsents,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadConsents, Role::Learner, Reach::OwnAccount),
    (ActionName::ReadConsents, Role::Secretariat, Reach::Bank),
    (ActionName::ReadConsents, Role::Auditor, Reach::Bank),
    (ActionName::ReadConsents, Role::Operator, Reach::Bank),
];
