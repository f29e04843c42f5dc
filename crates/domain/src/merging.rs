//! Accounts of one person that are put together, and separated again: the words for it.

use crate::words::words;

words!(
    /// Why two accounts are put together.
    MergeReason, "a reason for a merge", {
        /// One person was known under different numbers.
        DifferentNumbers => "DIFFERENT_NUMBERS",
        /// One person was given two accounts by mistake.
        OpenedTwice => "OPENED_TWICE",
        /// Another reason, in the document.
        Other => "OTHER",
    }
);

words!(
    /// Why a merge is taken back.
    UnmergeReason, "a reason for separating accounts", {
        /// The accounts are different people's.
        DifferentPeople => "DIFFERENT_PEOPLE",
        /// The wrong account was merged.
        WrongAccount => "WRONG_ACCOUNT",
        /// Another reason, in the document.
        Other => "OTHER",
    }
);

words!(
    /// What two accounts have together that one may not have, or what they came to share.
    CollisionKind, "a kind of collision", {
        /// Both were credited for one catalogue entry.
        EntryCreditedTwice => "entry_credited_twice",
        /// Each was credited for one of several courses that a list names as one.
        SameCourseCreditedTwice => "same_course_credited_twice",
        /// Both used or hold credit of that entry.
        OutcomeUsedTwice => "outcome_used_twice",
        /// Both were granted one course by conversion.
        CourseGrantedTwice => "course_granted_twice",
        /// What both were granted in a programme is more than its share for conversions.
        ProgrammeCapExceeded => "programme_cap_exceeded",
        /// They have different numbers of a kind that a person has one of.
        IdentifierDiffers => "identifier_differs",
        /// Posted while they were one: it may be the absorbed account's.
        PostedWhileMerged => "posted_while_merged",
        /// A request of one of them used or holds what is the other's.
        UsedWhileMerged => "used_while_merged",
    }
);

words!(
    /// Whether somebody has seen to a collision.
    CollisionState, "a state of a collision", {
        /// Nobody has.
        Open => "open",
        /// Somebody has, or the accounts were separated.
        Settled => "settled",
    }
);
