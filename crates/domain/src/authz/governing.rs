//! The policy, continued: who governs the bank, appoints people, arranges reviews and is told.

use super::policy::{ActionName, Reach, Role};

/// What belongs to [`super::POLICY`] of these actions; in a file of its own for its length.
pub(super) const GOVERNING: &[(ActionName, Role, Reach)] = &[
    (
        ActionName::ApproveImport,
        Role::Checker,
        Reach::OwnInstitution,
    ),
    (ActionName::ApproveImport, Role::Operator, Reach::Bank),
    (ActionName::ReadRegister, Role::Registrar, Reach::Bank),
    (ActionName::ReadRegister, Role::Checker, Reach::Bank),
    (ActionName::ReadRegister, Role::SchoolOfficer, Reach::Bank),
    (ActionName::ReadRegister, Role::Reviewer, Reach::Bank),
    (
        ActionName::ReadRegister,
        Role::InstitutionAdmin,
        Reach::Bank,
    ),
    (ActionName::ReadRegister, Role::CommitteeMember, Reach::Bank),
    (ActionName::ReadRegister, Role::Secretariat, Reach::Bank),
    (ActionName::ReadRegister, Role::Regulator, Reach::Bank),
    (ActionName::ReadRegister, Role::Auditor, Reach::Bank),
    (ActionName::ReadRegister, Role::Employer, Reach::Bank),
    (ActionName::ReadRegister, Role::Operator, Reach::Bank),
    (
        ActionName::DraftRules,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::DraftRules, Role::Secretariat, Reach::Bank),
    (ActionName::DraftRules, Role::Operator, Reach::Bank),
    (ActionName::VoteOnRules, Role::CommitteeMember, Reach::Bank),
    (ActionName::VoteOnRules, Role::Secretariat, Reach::Bank),
    (ActionName::VoteOnRules, Role::Operator, Reach::Bank),
    (
        ActionName::KeepMemberships,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::KeepMemberships, Role::Secretariat, Reach::Bank),
    (ActionName::KeepMemberships, Role::Operator, Reach::Bank),
    (
        ActionName::ArrangeReviews,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ArrangeReviews, Role::Secretariat, Reach::Bank),
    (ActionName::ArrangeReviews, Role::Operator, Reach::Bank),
    (
        ActionName::DelegateReviews,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::DelegateReviews,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::DelegateReviews, Role::Secretariat, Reach::Bank),
    (ActionName::DelegateReviews, Role::Operator, Reach::Bank),
    (
        ActionName::ReadNotices,
        Role::Registrar,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadNotices,
        Role::Checker,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadNotices,
        Role::SchoolOfficer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadNotices,
        Role::Reviewer,
        Reach::OwnInstitution,
    ),
    (
        ActionName::ReadNotices,
        Role::InstitutionAdmin,
        Reach::OwnInstitution,
    ),
    (ActionName::ReadNotices, Role::CommitteeMember, Reach::Bank),
    (ActionName::ReadNotices, Role::Secretariat, Reach::Bank),
    (ActionName::ReadNotices, Role::Learner, Reach::OwnAccount),
    (ActionName::ReadNotices, Role::Operator, Reach::Bank),
    (ActionName::KeepHelpers, Role::Learner, Reach::OwnAccount),
    (ActionName::KeepHelpers, Role::Operator, Reach::Bank),
];
