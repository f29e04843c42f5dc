//! What a decision grants, posted as outcomes of the receiving institution through the one
//! posting statement.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::catalogue::{CatalogueVersion, in_force};
use creditbank_domain::conversion::DecidedLine;
use creditbank_domain::fault::Fault;
use creditbank_domain::grade::Attempt;
use creditbank_domain::ids::{EntryId, InstitutionId, LearnerId, LotId, OutcomeId, RequestId};
use creditbank_domain::reason::ReasonCode;
use creditbank_domain::recognition::NewLot;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::Tx;
use crate::tables::catalogue;
use crate::tables::lots::CreditLot;
use crate::tables::outcomes::{self, PlannedOutcome};

/// A line of a decision that grants something.
pub(super) struct GrantedLine<'a> {
    pub(super) line_no: i32,
    pub(super) line: &'a DecidedLine,
    pub(super) lots: &'a HashMap<LotId, CreditLot>,
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
    granted: &[GrantedLine<'_>],
    now: DateTime<Utc>,
) -> Result<BTreeMap<i32, OutcomeId>, LedgerError> {
    if granted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let targets: Vec<EntryId> = granted.iter().filter_map(|one| one.line.target).collect();
    let mut versions: HashMap<EntryId, Vec<CatalogueVersion>> = HashMap::new();
    for owned in catalogue::list_by_entries(tx.conn(), &targets)? {
        versions
            .entry(owned.version.entry_id)
            .or_default()
            .push(owned.version);
    }
    let planned = granted
        .iter()
        .map(|one| plan(one, &versions, granting))
        .collect::<Result<Vec<_>, _>>()?;
    let claimed: HashSet<OutcomeId> = outcomes::claim_sources(tx, &planned)?.into_iter().collect();
    let fresh: Vec<&PlannedOutcome> = planned.iter().collect();
    let issued = outcomes::post(tx, &fresh, now)?;
    // The learner was credited for a target a moment ago by another road: decide again with that.
    if claimed.len() != planned.len() || issued.len() != planned.len() {
        return Err(LedgerError::Contended);
    }
    Ok(granted
        .iter()
        .zip(&planned)
        .map(|(one, p)| (one.line_no, p.outcome_id))
        .collect())
}

fn plan(
    one: &GrantedLine<'_>,
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
    let target = one
        .line
        .target
        .ok_or(LedgerError::Corrupt("a grant without a course"))?;
    let version = versions
        .get(&target)
        .and_then(|versions| in_force(versions, asked_on))
        .ok_or_else(|| {
            let figures = format!("{asked_on}; line {}", one.line_no);
            let code = ReasonCode::OutcomeVersionNotValidThen;
            LedgerError::Refused(Fault::of_reason(code, &figures))
        })?;
    let source = one
        .lots
        .get(&one.line.lot_id)
        .ok_or(LedgerError::Corrupt("a line's lot"))?;
    let amount = Amount::new(Unit::Credit, one.line.granted)
        .map_err(|_| LedgerError::Corrupt("a grant of nothing"))?;
    let expires_on = version.usable_until(granted_on);
    Ok(PlannedOutcome {
        outcome_id: OutcomeId::from_uuid(new_id()),
        learner_id,
        institution_id: receiving,
        source_ref: format!("conversion:{request_id}:{}", one.line_no),
        entry_id: version.entry_id,
        version_id: version.version_id,
        repeatable: version.repeatable,
        same_course_group: None,
        grade: source.grade,
        attempt: Attempt::First,
        awarded_on: granted_on,
        stated: format!("{}={}", Unit::Credit, one.line.granted),
        origin: "conversion",
        earned_nothing: None,
        request_id: Some(request_id),
        corrects: None,
        lots: vec![(LotId::from_uuid(new_id()), NewLot { amount, expires_on })],
    })
}
