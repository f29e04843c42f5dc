//! What a learner's outcomes would come to in programmes: decided as a request would be, with
//! nothing held and nothing written.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::authz::{Grant, ReadLearner};
use creditbank_domain::conversion::{
    Candidate, History, LotState, Outlook, Programme, Prospect, RuleSet, what_if as outlooks,
};
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use creditbank_domain::text::InstitutionCode;

use crate::error::LedgerError;
use crate::flows::comparisons::Comparisons;
use crate::flows::conversion_inputs::state_of;
use crate::flows::learner_groups::{Groups, joint_histories, joint_lots};
use crate::flows::replay::known_rule_set;
use crate::reads::account_and_view;
use crate::store::Ledger;
use crate::tables::programmes::{self, ListedProgramme};
use crate::tables::rule_set_programmes;

/// Which programmes are asked about; all that have rules in force where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct WhatIfOrder {
    /// Those of one institution.
    pub institution: Option<InstitutionCode>,
    /// The one of a code.
    pub programme: Option<String>,
}

/// What would come of a request for a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlookView {
    /// The receiving institution's code.
    pub institution_code: String,
    /// The programme's code.
    pub programme_code: String,
    /// What it is called.
    pub programme_title: String,
    /// The rule set that would decide.
    pub rule_set_code: String,
    /// Its version.
    pub rule_set_version: i32,
    /// The document it rests on.
    pub document_number: String,
    /// The answer.
    pub outlook: Outlook,
}

/// Asks for every programme that is meant, the best fit first. The answer is that of a request sent
/// today with all of the learner's lots that the grant shows.
///
/// # Errors
/// [`LedgerError::NotFound`] where there is no such learner for this grant, or no such programme
/// with rules in force.
pub fn what_if(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    order: &WhatIfOrder,
    today: NaiveDate,
) -> Result<Vec<OutlookView>, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let (learner, only) = account_and_view(conn, grant)?;
        let groups = Groups::of(conn, &[learner])?;
        let lots = joint_lots(conn, &groups, &[learner])?;
        let comparisons = Comparisons::on(conn, today, &lots)?;
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut shown = false;
        for lot in &lots {
            if only.is_none_or(|only| InstitutionId::from_uuid(only) == lot.institution_id) {
                shown = true;
                let state = state_of(lot, today)?;
                if matches!(state, LotState::Usable(_)) {
                    candidates.push(comparisons.candidate(lot, state)?);
                }
            }
        }
        if only.is_some() && !shown {
            return Err(LedgerError::NotFound);
        }
        let code = order.institution.as_ref().map(InstitutionCode::as_str);
        let meant = programmes::list(conn, code, order.programme.as_deref())?;
        let mut known: HashMap<RuleSetId, RuleSet> = HashMap::new();
        let mut asked: Vec<(ListedProgramme, RuleSet, History)> = Vec::new();
        for listed in meant {
            let programme: &Programme = &listed.programme;
            if let Some(id) = rule_set_programmes::find_in_force(conn, programme, None, today)? {
                let rule_set = known_rule_set(conn, id, &mut known)?.clone();
                let mut all = joint_histories(conn, &groups, &[learner], programme, &rule_set)?;
                let history = all.remove(&groups.survivor(learner)).unwrap_or_default();
                asked.push((listed, rule_set, history));
            }
        }
        if asked.is_empty() && (order.institution.is_some() || order.programme.is_some()) {
            return Err(LedgerError::NotFound);
        }
        answer(&candidates, asked, today)
    })
}

fn answer(
    candidates: &[Candidate],
    asked: Vec<(ListedProgramme, RuleSet, History)>,
    today: NaiveDate,
) -> Result<Vec<OutlookView>, LedgerError> {
    let mut views = Vec::with_capacity(asked.len());
    for (listed, rule_set, history) in asked {
        // Lots in a unit that the rules do not name would only be told to be in no list.
        let convertible = candidates
            .iter()
            .filter(|candidate| rule_set.converts(candidate.unit));
        let convertible: Vec<Candidate> = convertible.cloned().collect();
        let prospect = Prospect {
            programme: &listed.programme,
            rule_set: &rule_set,
            history: &history,
        };
        let outlook = outlooks(&convertible, &[prospect], today)
            .map_err(|_| LedgerError::Corrupt("a sum of credits"))?
            .into_iter()
            .next();
        views.extend(outlook.map(|outlook| OutlookView {
            institution_code: listed.institution_code,
            programme_code: listed.code,
            programme_title: listed.programme.title,
            rule_set_code: rule_set.code,
            rule_set_version: rule_set.version,
            document_number: rule_set.document.number,
            outlook,
        }));
    }
    views.sort_by(|a, b| {
        let best = |view: &OutlookView| (view.outlook.percent, view.outlook.granted);
        best(b)
            .cmp(&best(a))
            .then_with(|| a.institution_code.cmp(&b.institution_code))
            .then_with(|| a.programme_code.cmp(&b.programme_code))
    });
    Ok(views)
}
