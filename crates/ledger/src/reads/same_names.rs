//! Courses of different owners whose names come to the same: candidates for a list, for a person.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::same_course::NameKey;

use crate::error::LedgerError;
use crate::store::Ledger;
use crate::tables::same_courses::{self, NamedCourse};

/// A course with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseName {
    /// The code of the institution whose entry it is.
    pub owner: String,
    /// That institution's code of it.
    pub code: String,
    /// What people call it.
    pub title: String,
}

/// Courses whose names come to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameNames {
    /// What the names have in common.
    pub key: NameKey,
    /// The courses, of at least two owners.
    pub courses: Vec<CourseName>,
}

/// What a person should look at: nothing is refused for the sake of a name. Courses that are all in
/// one group on that day are left out.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn same_names(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    day: NaiveDate,
) -> Result<Vec<SameNames>, LedgerError> {
    let named = ledger.read(grant, |conn| same_courses::list_names(conn, day))?;
    let mut by_key: BTreeMap<NameKey, Vec<NamedCourse>> = BTreeMap::new();
    for course in named {
        let key = NameKey::of(&course.title);
        by_key.entry(key).or_default().push(course);
    }
    let candidates = by_key.into_iter().filter(|(_, courses)| {
        let owners: BTreeSet<&str> = courses.iter().map(|one| one.owner_code.as_str()).collect();
        let groups: BTreeSet<_> = courses.iter().map(|one| one.group_id).collect();
        let settled = groups.len() == 1 && groups.iter().all(Option::is_some);
        owners.len() > 1 && !settled
    });
    Ok(candidates
        .map(|(key, courses)| SameNames {
            key,
            courses: courses
                .into_iter()
                .map(|course| CourseName {
                    owner: course.owner_code,
                    code: course.code,
                    title: course.title,
                })
                .collect(),
        })
        .collect())
}
