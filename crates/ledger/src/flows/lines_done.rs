//! What became of the lines of a transaction so far: what each is answered, and what is noted.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{CorrectOutcomes, Grant};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportId, InstitutionId};
use creditbank_domain::import_job::LinesTogether;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::ReportedOutcome;

use crate::error::LedgerError;
use crate::flows::import_changes::change;
use crate::flows::import_lines::{
    ImportLine, LineContent, LineResult, LineStatus, noteworthy, progress,
};
use crate::flows::post_outcomes::{Origin, PostAnswer, PostedOutcome, post_reports, try_reports};
use crate::store::Tx;
use crate::tables::{import_credits, import_lines, imports};

/// What became of the lines of a transaction so far.
#[derive(Debug)]
pub(super) struct Done {
    /// Nothing is written that looking answers as well.
    looks_only: bool,
    /// One of them was rejected, and they stand or fall together.
    pub(super) held_back: bool,
    pub(super) results: Vec<LineResult>,
    /// The accounts that were opened.
    opened: HashSet<LearnerNo>,
    /// What was earned, by unit, in hundredths.
    earned: BTreeMap<&'static str, Hundredths>,
}

impl Done {
    pub(super) fn new(looks_only: bool) -> Self {
        Self {
            looks_only,
            held_back: false,
            results: Vec::new(),
            opened: HashSet::new(),
            earned: BTreeMap::new(),
        }
    }

    pub(super) fn post(
        &mut self,
        tx: &mut Tx<'_>,
        institution: InstitutionId,
        lines: &[ImportLine],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let reports: Vec<ReportedOutcome> = lines
            .iter()
            .filter_map(ImportLine::report)
            .cloned()
            .collect();
        let answers = if self.looks_only {
            try_reports(tx, institution, &reports, now)?
        } else {
            post_reports(tx, institution, &reports, Origin::Import, now)?
        };
        for answer in &answers {
            if let PostAnswer::Posted(outcome) = answer
                && outcome.account_opened
            {
                self.opened.insert(outcome.learner_no);
            }
            if let PostAnswer::Posted(outcome) = answer {
                self.count(outcome)?;
            }
        }
        let mut answers = answers.iter();
        for line in lines {
            let (status, faults) = match &line.content {
                Err(faults) => (LineStatus::Rejected, faults.clone()),
                Ok(_) => answer(
                    answers
                        .next()
                        .ok_or(LedgerError::Corrupt("a lost answer"))?,
                ),
            };
            self.add(line, status, faults);
        }
        Ok(())
    }

    pub(super) fn change(
        &mut self,
        tx: &mut Tx<'_>,
        grant: &Grant<CorrectOutcomes>,
        import: ImportId,
        line: &ImportLine,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        if let Ok(LineContent::Change(order)) = &line.content {
            let (status, faults) = change(tx, grant, import, order, now)?;
            self.add(line, status, faults);
        }
        Ok(())
    }

    pub(super) fn hold_back(&mut self, together: LinesTogether) {
        self.held_back = together == LinesTogether::AllOrNothing && hold_back(&mut self.results);
        if self.held_back {
            self.opened.clear();
        }
    }

    /// Notes what is worth it, the counts, and that the import is behind this line.
    pub(super) fn note(
        &self,
        tx: &mut Tx<'_>,
        import: ImportId,
        last_line: i64,
    ) -> Result<(), LedgerError> {
        if !self.held_back {
            import_credits::add(tx, import, &self.earned())?;
        }
        import_lines::insert_all(tx, import, &noteworthy(&self.results)?)?;
        let progress = progress(&self.results, self.opened.len(), last_line)?;
        imports::add_progress(tx, import, progress)
    }

    fn count(&mut self, outcome: &PostedOutcome) -> Result<(), LedgerError> {
        for lot in &outcome.lots {
            let sum = self.earned.entry(lot.amount.unit().as_str()).or_default();
            let more = sum.plus(lot.amount.hundredths());
            *sum = more.map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
        }
        Ok(())
    }

    fn earned(&self) -> Vec<(&'static str, i64)> {
        let all = self.earned.iter();
        all.map(|(unit, sum)| (*unit, sum.get())).collect()
    }

    fn add(&mut self, line: &ImportLine, status: LineStatus, faults: Vec<Fault>) {
        self.results.push(LineResult {
            line_no: line.line_no,
            status,
            faults,
        });
    }
}

fn answer(answer: &PostAnswer) -> (LineStatus, Vec<Fault>) {
    let said = |outcome: &PostedOutcome| {
        let reason = outcome.why_nothing();
        reason.into_iter().chain(outcome.warnings.clone()).collect()
    };
    match answer {
        PostAnswer::Posted(outcome) => (LineStatus::Posted, said(outcome)),
        PostAnswer::AlreadyPosted(outcome) => (LineStatus::AlreadyPosted, said(outcome)),
        PostAnswer::Rejected(fault) => (LineStatus::Rejected, vec![fault.clone()]),
    }
}

/// Where one line is rejected, none is posted; gives whether that is so.
fn hold_back(results: &mut [LineResult]) -> bool {
    if results
        .iter()
        .all(|result| result.status != LineStatus::Rejected)
    {
        return false;
    }
    for result in results {
        if result.status == LineStatus::Posted {
            result.status = LineStatus::Rejected;
            result.faults = vec![held_back()];
        }
    }
    true
}

fn held_back() -> Fault {
    Fault::new(
        "LINE_HELD_BACK",
        "本行无误,但本文件按全部或全不方式导入,其他行被拒绝,故未入账",
        "nothing is wrong with this line, but all lines were to post or none, and another one was \
         rejected",
    )
}
