//! Ids as distinct types, so that a lot can never be passed where a learner is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a value that is already known to be such an id.
            #[must_use]
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }

            /// The bare value, for rows and wire forms.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A learner's internal key; people see the learner number instead.
    LearnerId
);
id!(
    /// An institution: whoever posts, requests or supervises.
    InstitutionId
);
id!(
    /// A catalogue entry, over all its versions.
    EntryId
);
id!(
    /// One dated, immutable version of a catalogue entry.
    VersionId
);
id!(
    /// Courses that a list names as one course.
    SameCourseGroupId
);
id!(
    /// A learning outcome.
    OutcomeId
);
id!(
    /// A lot: the amount of one unit recognised from one outcome.
    LotId
);
id!(
    /// One immutable ledger row.
    TransferId
);
id!(
    /// A programme of a receiving institution.
    ProgrammeId
);
id!(
    /// One version of an articulation rule set.
    RuleSetId
);
id!(
    /// One learner's conversion request.
    RequestId
);

id!(
    /// A conversion that somebody may ask for.
    DraftId
);
id!(
    /// What a learner agreed to.
    ConsentId
);
id!(
    /// A piece of evidence that is attached to a request.
    EvidenceId
);
id!(
    /// Many requests that a school sent together.
    CohortId
);
id!(
    /// One file handed in.
    ImportId
);
id!(
    /// Something to be done with a file that was handed in.
    ImportJobId
);
id!(
    /// The bytes of a file that was handed in.
    ImportFileId
);
id!(
    /// A program that calls the API for an institution.
    ClientId
);
id!(
    /// A person who acts: staff of a member, or a learner who signed in.
    PersonId
);
id!(
    /// One of the secrets of a client.
    ClientSecretId
);
id!(
    /// What a person is, and for whom.
    MembershipId
);
id!(
    /// A meeting of those who govern the bank.
    MeetingId
);
id!(
    /// That a learner authorised somebody to act for them.
    HelperConsentId
);
id!(
    /// A later entry that takes back an earlier one.
    CorrectionId
);
id!(
    /// A part of a lot reserved for a use other than a conversion.
    HoldId
);
id!(
    /// Two accounts that were put together as one.
    MergeId
);
id!(
    /// Two accounts that may be one person's.
    CandidateId
);
id!(
    /// Something that two accounts have twice and may have once.
    CollisionId
);
id!(
    /// Where an institution is told of its events.
    WebhookEndpointId
);
id!(
    /// One event for one endpoint.
    WebhookDeliveryId
);
