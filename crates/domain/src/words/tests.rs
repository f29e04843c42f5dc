use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use super::*;
use crate::authz::{ActionName, Role};
use crate::catalogue::Category;
use crate::institution::{AllianceRole, InstitutionKind, InstitutionLevel, Standing};
use crate::merging::{CollisionKind, CollisionState, MergeReason, UnmergeReason};
use crate::reason::ReasonCode;

/// Asserts that each word of a list reads back, exactly as written and in no other form.
fn check<W>(all: &[W])
where
    W: Copy + Debug + Display + PartialEq + FromStr<Err = UnknownWord>,
{
    let mut seen = BTreeSet::new();
    for word in all {
        let text = word.to_string();
        assert_eq!(text.parse::<W>(), Ok(*word));
        let other_case = if text == text.to_lowercase() {
            text.to_uppercase()
        } else {
            text.to_lowercase()
        };
        for wrong in [
            other_case,
            format!(" {text}"),
            format!("{text} "),
            format!("{text}x"),
        ] {
            let refused = wrong.parse::<W>().unwrap_err();
            assert!(
                refused.allowed.split(", ").any(|it| it == text),
                "{refused}"
            );
            assert!(
                !refused.to_string().contains(&format!("{text}x")),
                "{refused}"
            );
        }
        assert!(seen.insert(text), "{word:?} stands twice");
    }
    assert!("".parse::<W>().is_err());
}

#[test]
fn every_word_of_every_list_reads_back_and_nothing_else_does() {
    check(Role::ALL);
    check(ActionName::ALL);
    check(Category::ALL);
    check(InstitutionKind::ALL);
    check(InstitutionLevel::ALL);
    check(Standing::ALL);
    check(AllianceRole::ALL);
    check(ReasonCode::ALL);
    check(MergeReason::ALL);
    check(UnmergeReason::ALL);
    check(CollisionKind::ALL);
    check(CollisionState::ALL);
}

#[test]
fn an_unknown_word_is_answered_with_the_whole_list() {
    let refused = "paused".parse::<Standing>().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a standing is one of active, suspended, left"
    );
}
