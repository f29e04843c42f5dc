//! Loads the curated lists: courses that are one course, and courses that may stand for others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::EntryId;
use creditbank_domain::same_course::DuplicateGroup;
use creditbank_domain::text::{CourseCode, InstitutionCode};

use crate::error::LedgerError;
use crate::flows::register::{RegisterCounts, add_document, institution_id, registered_otherwise};
use crate::store::{Ledger, Tx};
use crate::tables::same_courses::{self, StoredGroup, StoredSubstitute};
use crate::tables::{audit_events, catalogue};

/// A course as a list names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CourseRef {
    /// Whose entry it is.
    pub owner: InstitutionCode,
    /// The owner's code of it.
    pub code: CourseCode,
}

impl fmt::Display for CourseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.owner, self.code)
    }
}

/// Courses that are one course.
#[derive(Debug, Clone)]
pub struct NewDuplicateGroup {
    /// The list's name for it; unique.
    pub code: String,
    /// The courses, two or more.
    pub courses: Vec<CourseRef>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open where there is none. An open group that stands is ended by this.
    pub valid_to: Option<NaiveDate>,
}

/// A course that may stand for another one, in this direction only.
#[derive(Debug, Clone)]
pub struct NewSubstitute {
    /// The course that may stand in.
    pub course: CourseRef,
    /// The course that it may stand for.
    pub stands_for: CourseRef,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open where there is none.
    pub valid_to: Option<NaiveDate>,
}

/// The lists of one document.
#[derive(Debug, Clone)]
pub struct SameCourses {
    /// The document that says so.
    pub document: Document,
    /// What is one course.
    pub duplicates: Vec<NewDuplicateGroup>,
    /// What may stand for what: never the same course, so both are credited.
    pub substitutes: Vec<NewSubstitute>,
}

/// Loads the lists; what is there already changes nothing, but an open group can be ended.
///
/// Nobody posts while it happens: whoever began before has posted by the lists as they were.
///
/// # Errors
/// [`LedgerError::Refused`] for a course that is not in the catalogue or a group that is none,
/// [`LedgerError::Conflict`] where a list says something else under the same name. Nothing is
/// loaded then.
pub fn register_same_courses(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &SameCourses,
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        same_courses::wait_for_posting(tx)?;
        add_document(tx, &new.document, now)?;
        let entries = entries_of(tx, new)?;
        let mut counts = RegisterCounts::default();
        let mut standing = same_courses::list_groups(tx.conn())?;
        for (position, group) in new.duplicates.iter().enumerate() {
            let place = format!("/duplicates/{position}");
            let wanted = StoredGroup {
                group: DuplicateGroup {
                    code: group.code.clone(),
                    valid_from: group.valid_from,
                    valid_to: group.valid_to,
                    members: members(group, &entries, &place)?,
                },
                document_number: new.document.number.clone(),
            };
            counts.add(load_group(tx, wanted, &mut standing, &place, now)?);
        }
        for (position, substitute) in new.substitutes.iter().enumerate() {
            let place = format!("/substitutes/{position}");
            let number = &new.document.number;
            counts.add(load_substitute(
                tx, substitute, number, &entries, &place, now,
            )?);
        }
        audit_events::insert(tx, grant, ("same_courses", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

fn load_group(
    tx: &mut Tx<'_>,
    wanted: StoredGroup,
    standing: &mut Vec<StoredGroup>,
    place: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let code = wanted.group.code.clone();
    let there = standing.iter().position(|one| one.group.code == code);
    let others = standing.iter().filter(|one| one.group.code != code);
    wanted
        .group
        .check(others.map(|one| &one.group))
        .map_err(|fault| LedgerError::Refused(at(place, Fault::from(&fault))))?;
    let Some(there) = there.and_then(|position| standing.get_mut(position)) else {
        same_courses::insert_group(tx, &wanted, now)?;
        standing.push(wanted);
        return Ok(true);
    };
    if *there == wanted {
        return Ok(false);
    }
    // Another document may end what the first one began; courses and beginning stay.
    let ends = there.group.valid_to.is_none()
        && there.group.valid_from == wanted.group.valid_from
        && there.group.members == wanted.group.members;
    match wanted.group.valid_to.filter(|_| ends) {
        Some(last) => {
            same_courses::end_group(tx, &code, last, now)?;
            there.group.valid_to = Some(last);
            Ok(true)
        }
        None => Err(registered_otherwise("同课组/group of same courses", &code)),
    }
}

fn load_substitute(
    tx: &mut Tx<'_>,
    new: &NewSubstitute,
    document_number: &str,
    entries: &BTreeMap<CourseRef, EntryId>,
    place: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let wanted = StoredSubstitute {
        entry: found(entries, &new.course, &format!("{place}/course"))?,
        stands_for: found(entries, &new.stands_for, &format!("{place}/stands_for"))?,
        document_number: document_number.to_owned(),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
    };
    if wanted.entry == wanted.stands_for
        || wanted.valid_to.is_some_and(|last| last < wanted.valid_from)
    {
        let fault = Fault::new(
            "SUBSTITUTE_WRONG",
            format!("替代课程 {} 指向自身,或结束日期早于开始日期", new.course),
            format!("{} stands for itself or ends before it begins", new.course),
        );
        return Err(LedgerError::Refused(at(place, fault)));
    }
    if same_courses::insert_substitute(tx, &wanted, now)? {
        return Ok(true);
    }
    let there = same_courses::list_substitutes_for(tx.conn(), &[wanted.stands_for])?;
    if there.contains(&wanted) {
        Ok(false)
    } else {
        Err(registered_otherwise(
            "替代课程/substitute",
            &new.course.to_string(),
        ))
    }
}

fn members(
    group: &NewDuplicateGroup,
    entries: &BTreeMap<CourseRef, EntryId>,
    place: &str,
) -> Result<BTreeSet<EntryId>, LedgerError> {
    let mut members = BTreeSet::new();
    for (position, course) in group.courses.iter().enumerate() {
        let place = format!("{place}/courses/{position}");
        if !members.insert(found(entries, course, &place)?) {
            let fault = Fault::new(
                "COURSE_TWICE",
                format!("课程 {course} 在同课组 {} 中出现两次", group.code),
                format!("{course} stands twice in group {}", group.code),
            );
            return Err(LedgerError::Refused(at(&place, fault)));
        }
    }
    Ok(members)
}

fn found(
    entries: &BTreeMap<CourseRef, EntryId>,
    course: &CourseRef,
    place: &str,
) -> Result<EntryId, LedgerError> {
    let unknown = || {
        let fault = Fault::new(
            "OUTCOME_UNKNOWN",
            format!("成果目录中没有课程 {course},请先登记目录"),
            format!("the catalogue has no {course}; register it first"),
        );
        LedgerError::Refused(at(place, fault))
    };
    entries.get(course).copied().ok_or_else(unknown)
}

/// The catalogue entries of everything that the lists name.
fn entries_of(
    tx: &mut Tx<'_>,
    new: &SameCourses,
) -> Result<BTreeMap<CourseRef, EntryId>, LedgerError> {
    let duplicates = new.duplicates.iter().flat_map(|group| &group.courses);
    let substitutes = new
        .substitutes
        .iter()
        .flat_map(|one| [&one.course, &one.stands_for]);
    let named: BTreeSet<&CourseRef> = duplicates.chain(substitutes).collect();
    for owner in named
        .iter()
        .map(|course| &course.owner)
        .collect::<BTreeSet<_>>()
    {
        institution_id(tx, owner)?;
    }
    let codes: Vec<&str> = named.iter().map(|course| course.code.as_str()).collect();
    let mut entries = BTreeMap::new();
    for owned in catalogue::list_by_codes(tx.conn(), &codes)? {
        let owner = InstitutionCode::new(&owned.owner_code)
            .map_err(|_| LedgerError::Corrupt("institutions.code"))?;
        let course = CourseRef {
            owner,
            code: owned.version.code,
        };
        entries.insert(course, owned.version.entry_id);
    }
    Ok(entries)
}

/// The fault with its place in the pack, a JSON pointer.
fn at(place: &str, fault: Fault) -> Fault {
    Fault {
        code: fault.code,
        zh: format!("{place}:{}", fault.zh),
        en: format!("{place}: {}", fault.en),
    }
}
