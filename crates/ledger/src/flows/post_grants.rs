//! What a decision grants, posted as outcomes of the receiving institution through the one
//! posting statement.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Amount, Hundredths, Unit};
use creditbank_domain::catalogue::{CatalogueVersion, in_force};
use creditbank_domain::conversion::{BookedGrade, DecidedLine};
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::{Attempt, Grade};
use creditbank_domain::grading::GradingScheme;
use creditbank_domain::ids::{EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::catalogue;
use crate::tables::lots::ConvertibleLot;
use crate::tables::outcomes::{self, PlannedOutcome};

/// A course that a decision grants, with the lines that carry it.
pub(super) struct GrantedCourse<'a> {
    course: EntryId,
    granted: Hundredths,
    /// The first line names the grant's source reference.
    line_nos: Vec<i32>,
    lines: Vec<&'a DecidedLine>,
}

impl<'a> GrantedCourse<'a> {
    /// The courses of a decision's numbered lines, in the order of their first lines.
    pub(super) fn all_of(numbered: &[(i32, &'a DecidedLine)]) -> Result<Vec<Self>, LedgerError> {
        let mut courses: Vec<Self> = Vec::new();
        for (line_no, line) in numbered {
            let Some(course) = line.target.filter(|_| !line.granted.is_zero()) else {
                continue;
            };
            if let Some(known) = courses.iter_mut().find(|one| one.course == course) {
                known.granted = known
                    .granted
                    .plus(line.granted)
                    .map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
                known.line_nos.push(*line_no);
                known.lines.push(line);
            } else {
                courses.push(Self {
                    course,
                    granted: line.granted,
                    line_nos: vec![*line_no],
                    lines: vec![line],
                });
            }
        }
        Ok(courses)
    }

    /// What is booked with the grant as an outcome of the course: of several outcomes the oldest
    /// one's grade. A grade of another scheme would be read as one of the course's own, and one
    /// that the course's scheme does not have could not be there: such a grant is an exemption.
    fn booked(
        &self,
        lots: &HashMap<LotId, ConvertibleLot>,
        course: &CatalogueVersion,
    ) -> Result<Grade, LedgerError> {
        let (grade, earned_in) = self.grade(lots)?;
        let of_course = course.grading.as_ref();
        let means_the_same = match (earned_in, of_course) {
            (Some(Some(one)), Some(other)) => one.is_same_as(other),
            (Some(Some(one)), None) | (Some(None), Some(one)) => one.is_plain(),
            (Some(None), None) | (None, _) => true,
        };
        let admitted = of_course.is_none_or(|scheme| scheme.admits(grade));
        Ok(if means_the_same && admitted {
            grade
        } else {
            Grade::Exempted
        })
    }

    /// The grade as the rule says, with the scheme that it was earned in where it was earned.
    fn grade<'l>(
        &self,
        lots: &'l HashMap<LotId, ConvertibleLot>,
    ) -> Result<(Grade, Option<Option<&'l GradingScheme>>), LedgerError> {
        let missing = LedgerError::Corrupt("a line's lot");
        match self.lines.first().map(|line| line.books) {
            Some(BookedGrade::Exempt) => Ok((Grade::Exempted, None)),
            Some(BookedGrade::Pass) => Ok((Grade::Passed, None)),
            Some(BookedGrade::AsEarned) => {
                let used = self.lines.iter().filter_map(|line| lots.get(&line.lot_id));
                let oldest = used.min_by_key(|lot| (lot.awarded_on, lot.outcome_id));
                oldest
                    .map(|lot| (lot.grade, Some(lot.grading.as_ref())))
                    .ok_or(missing)
            }
            None => Err(missing),
        }
    }
}

/// For whom and when something is granted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granting {
    pub(super) receiving: InstitutionId,
    pub(super) learner_id: LearnerId,
    pub(super) request_id: RequestId,
    /// The day of the request: it says which version of a course is granted, as it says which
    /// rules apply, so that a course that ends in between holds up nobody's decision.
    pub(super) asked_on: NaiveDate,
    pub(super) granted_on: NaiveDate,
}

/// Posts the grants of one request and names the outcome of each line.
pub(super) fn post_grants(
    tx: &mut Tx<'_>,
    granting: &Granting,
    granted: &[GrantedCourse<'_>],
    lots: &HashMap<LotId, ConvertibleLot>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<i32, OutcomeId>, LedgerError> {
    if granted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let courses: Vec<EntryId> = granted.iter().map(|one| one.course).collect();
    let mut versions: HashMap<EntryId, Vec<CatalogueVersion>> = HashMap::new();
    for owned in catalogue::list_by_entries(tx.conn(), &courses)? {
        versions
            .entry(owned.version.entry_id)
            .or_default()
            .push(owned.version);
    }
    let planned = granted
        .iter()
        .map(|one| plan(one, lots, &versions, granting))
        .collect::<Result<Vec<_>, _>>()?;
    let claimed: HashSet<OutcomeId> = outcomes::claim_sources(tx, &planned)?.into_iter().collect();
    let fresh: Vec<&PlannedOutcome> = planned.iter().collect();
    let issued = outcomes::post(tx, &fresh, now)?;
    // The learner was credited for a course a moment ago by another road: decide again with that.
    if claimed.len() != planned.len() || issued.len() != planned.len() {
        return Err(LedgerError::Contended);
    }
    let outcomes = granted.iter().zip(&planned);
    Ok(outcomes
        .flat_map(|(one, p)| one.line_nos.iter().map(|line_no| (*line_no, p.outcome_id)))
        .collect())
}

fn plan(
    one: &GrantedCourse<'_>,
    lots: &HashMap<LotId, ConvertibleLot>,
    versions: &HashMap<EntryId, Vec<CatalogueVersion>>,
    granting: &Granting,
) -> Result<PlannedOutcome, LedgerError> {
    let Granting {
        receiving,
        learner_id,
        request_id,
        asked_on,
        granted_on,
    } = *granting;
    let line_no = one.line_nos.first().copied().unwrap_or_default();
    let version = versions
        .get(&one.course)
        .and_then(|versions| in_force(versions, asked_on))
        .ok_or_else(|| {
            let figures = format!("{asked_on}; line {line_no}");
            let code = ReasonCode::OutcomeVersionNotValidThen;
            LedgerError::Refused(Fault::of_reason(code, &figures))
        })?;
    let amount = Amount::new(Unit::Credit, one.granted)
        .map_err(|_| LedgerError::Corrupt("a grant of nothing"))?;
    let expires_on = version.usable_until(granted_on);
    Ok(PlannedOutcome {
        outcome_id: OutcomeId::from_uuid(new_id()),
        learner_id,
        institution_id: receiving,
        source_ref: format!("conversion:{request_id}:{line_no}"),
        entry_id: version.entry_id,
        version_id: version.version_id,
        repeatable: version.repeatable,
        same_course_group: None,
        grade: one.booked(lots, version)?,
        attempt: Attempt::First,
        awarded_on: granted_on,
        stated: format!("{}={}", Unit::Credit, one.granted),
        origin: "conversion",
        earned_nothing: None,
        request_id: Some(request_id),
        corrects: None,
        lots: vec![(LotId::from_uuid(new_id()), NewLot { amount, expires_on })],
    })
}
