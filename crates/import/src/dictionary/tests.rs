//! The dictionary holds no contradiction.

use std::collections::HashSet;

use super::*;

#[test]
fn no_heading_means_two_things_and_every_one_is_folded() {
    let mut seen = HashSet::new();
    for (field, headings) in all() {
        for heading in *headings {
            assert_eq!(fold::key(heading), *heading);
            assert!(
                seen.insert(*heading),
                "{heading} of {field:?} is there twice"
            );
        }
    }
}

#[test]
fn headings_are_known_in_any_width_and_case() {
    assert_eq!(meaning(" 课程\u{3000}编号"), Some((Field::CourseCode, 1)));
    assert_eq!(meaning("REGN_NO"), Some((Field::StudentNumber, 4)));
    assert_eq!(meaning("平时成绩"), None);
}
