//! Some lines of a file of requests, in one transaction: the requests, what became of each line, the
//! counts and the cursor. A kill before its end leaves nothing of them, after it everything.
//!
//! A line is the same one again by the school's own number of the application where it has one, else
//! by cohort and learner: in whatever file it comes, it asks once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, RequestConversion, RunImport};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{CohortId, EntryId, ImportId, InstitutionId, LearnerId};
use creditbank_domain::outcome::LearnerRef;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::cohort_answers::{asked, course_unknown, differs, of_nobody, of_what_differs};
use crate::flows::cohort_before::Before;
use crate::flows::cohort_files::{CohortFile, file_of, said_basis};
use crate::flows::import_lines::{LineResult, LineStatus, noteworthy, overtaken, progress, signed};
use crate::flows::open_import::{ImportMode, mode_of};
use crate::flows::prepare_requests::Wanted;
use crate::flows::request_conversion::ask;
use crate::flows::request_rules::{Basis, rules_for};
use crate::store::{Ledger, Tx};
use crate::tables::cohort_lines::{self, LineRef, NewLine};
use crate::tables::{audit_events, catalogue, import_lines, imports};

/// A line of a file of requests as it was read.
#[derive(Debug, Clone)]
pub struct CohortLine {
    /// Its place in the school's own file, counted from 1.
    pub line_no: u64,
    /// What it asks for, or everything that is wrong with it.
    pub content: Result<CohortEntry, Vec<Fault>>,
}

/// What a line asks for.
#[derive(Debug, Clone)]
pub struct CohortEntry {
    /// For whom.
    pub learner: LearnerRef,
    /// The school's own number of the application.
    pub application: Option<String>,
    /// The codes of the courses that are asked for; empty for whatever the rules give.
    pub courses: Vec<String>,
    /// By what right the receiving institution is to see it; what the file says where it is absent.
    pub basis: Option<StatedBasis>,
}

type Answer = (LineStatus, Vec<Fault>);

/// Sends the requests of some lines and moves the cursor behind the last of them. Lines must come in
/// their order.
///
/// # Errors
/// [`LedgerError::Conflict`] where the cursor is past the first line already (another process
/// works at the same file), or the import has ended; [`LedgerError::Refused`] where no rules would
/// decide any more.
pub fn request_cohort_lines(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
    lines: &[CohortLine],
    now: DateTime<Utc>,
) -> Result<Vec<LineResult>, LedgerError> {
    let school = grant.institution()?;
    let asking: Grant<RequestConversion> = grant.narrowed()?;
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(Vec::new());
    };
    let (first_line, cursor_line) = (signed(first.line_no)?, signed(last.line_no)?);
    ledger.write(grant, |tx| {
        let import = imports::lock(tx, school, import_id)?;
        if import.state != "running" || import.cursor_line >= first_line {
            return Err(LedgerError::Conflict(overtaken()));
        }
        let mode = mode_of(&import)?;
        tx.conn().batch_execute("savepoint lines")?;
        let mut asking = Asking::begin(tx, &asking, (school, import_id), mode, now)?;
        let results = asking.lines(tx, lines)?;
        if mode == ImportMode::DryRun {
            tx.conn().batch_execute("rollback to savepoint lines")?;
        }
        import_lines::insert_all(tx, import_id, &noteworthy(&results)?)?;
        imports::add_progress(tx, import_id, progress(&results, 0, cursor_line)?)?;
        Ok(results)
    })
}

/// A line that is to be asked for.
struct Pending<'l> {
    position: usize,
    line_no: u64,
    /// By what it is known, once what was asked for before is.
    of: LineRef,
    learner: LearnerId,
    entry: &'l CohortEntry,
    courses: Vec<EntryId>,
    asked: Value,
}

impl Pending<'_> {
    fn own(&self) -> Option<&str> {
        self.entry.application.as_deref()
    }
}

/// Lines that are to be asked for, and those that say the same as one of them, each beside it.
#[derive(Default)]
struct Sorted<'l> {
    fresh: Vec<Pending<'l>>,
    repeated: Vec<(usize, usize)>,
}

/// What the lines of a transaction have in common.
struct Asking<'g> {
    grant: &'g Grant<RequestConversion>,
    school: InstitutionId,
    import: ImportId,
    mode: ImportMode,
    file: CohortFile,
    basis: Basis,
    now: DateTime<Utc>,
    answers: HashMap<usize, Answer>,
}

impl<'g> Asking<'g> {
    fn begin(
        tx: &mut Tx<'_>,
        grant: &'g Grant<RequestConversion>,
        (school, import): (InstitutionId, ImportId),
        mode: ImportMode,
        now: DateTime<Utc>,
    ) -> Result<Self, LedgerError> {
        let file = file_of(tx.conn(), import)?;
        Applicant::School(school).refuse_unless_active(tx)?;
        let basis = rules_for(tx.conn(), &file.order.target(), bank_day(now))?;
        Ok(Self {
            grant,
            school,
            import,
            mode,
            file,
            basis,
            now,
            answers: HashMap::new(),
        })
    }

    fn lines(
        &mut self,
        tx: &mut Tx<'_>,
        lines: &[CohortLine],
    ) -> Result<Vec<LineResult>, LedgerError> {
        let pending = self.pending(tx, lines)?;
        let Sorted { fresh, repeated } = self.fresh(tx, pending)?;
        self.send(tx, fresh)?;
        for (position, first) in repeated {
            let answer = match self.answers.get(&first) {
                Some((LineStatus::Posted, said)) => (LineStatus::AlreadyPosted, said.clone()),
                Some(other) => other.clone(),
                None => return Err(LedgerError::Corrupt("a lost answer")),
            };
            self.answers.insert(position, answer);
        }
        let mut results = Vec::with_capacity(lines.len());
        for (position, line) in lines.iter().enumerate() {
            let answer = self.answers.remove(&position);
            let (status, faults) = answer.ok_or(LedgerError::Corrupt("a lost answer"))?;
            results.push(LineResult {
                line_no: line.line_no,
                status,
                faults,
            });
        }
        Ok(results)
    }

    fn reject(&mut self, position: usize, faults: Vec<Fault>) {
        self.answers
            .insert(position, (LineStatus::Rejected, faults));
    }

    /// The lines that can be read and mean somebody; the others are answered.
    fn pending<'l>(
        &mut self,
        tx: &mut Tx<'_>,
        lines: &'l [CohortLine],
    ) -> Result<Vec<Pending<'l>>, LedgerError> {
        let mut readable = Vec::new();
        for (position, line) in lines.iter().enumerate() {
            match &line.content {
                Ok(entry) => readable.push((position, line.line_no, entry)),
                Err(faults) => self.reject(position, faults.clone()),
            }
        }
        let named = readable.iter().map(|(_, _, entry)| &entry.learner);
        let found = Applicant::School(self.school).find(tx, named)?;
        let courses = self.courses(tx, &readable)?;
        let mut pending = Vec::with_capacity(readable.len());
        for ((position, line_no, entry), learner) in readable.into_iter().zip(found) {
            let of_line = entry.courses.iter().map(|code| (code, courses.get(code)));
            let unknown = of_line.clone().find(|(_, course)| course.is_none());
            match (learner, unknown) {
                (None, _) => self.reject(position, vec![of_nobody()]),
                (_, Some((code, _))) => {
                    let rule_set = &self.basis.rule_set;
                    self.reject(position, vec![course_unknown(code, rule_set)]);
                }
                (Some(learner), None) => pending.push(Pending {
                    position,
                    line_no,
                    of: LineRef::default(),
                    learner,
                    entry,
                    courses: of_line.filter_map(|(_, course)| course.copied()).collect(),
                    asked: self.asked(entry),
                }),
            }
        }
        Ok(pending)
    }

    /// The courses that the rules give, by the codes that the lines name.
    fn courses(
        &self,
        tx: &mut Tx<'_>,
        lines: &[(usize, u64, &CohortEntry)],
    ) -> Result<HashMap<String, EntryId>, LedgerError> {
        let all = lines.iter().flat_map(|(_, _, entry)| &entry.courses);
        let mut codes: Vec<&str> = all.map(String::as_str).collect();
        codes.sort_unstable();
        codes.dedup();
        let rules = self.basis.rule_set.rules.iter();
        let given: HashSet<EntryId> = rules
            .flat_map(|rule| rule.effects.iter().map(|effect| effect.course))
            .collect();
        let owned = catalogue::list_by_codes(tx.conn(), &codes)?.into_iter();
        let known = owned.map(|it| (it.version.code.as_str().to_owned(), it.version.entry_id));
        Ok(known.filter(|(_, id)| given.contains(id)).collect())
    }

    /// What a line asks for, in one way of writing.
    fn asked(&self, entry: &CohortEntry) -> Value {
        let order = &self.file.order;
        let mut courses = entry.courses.clone();
        courses.sort_unstable();
        courses.dedup();
        json!({
            "receiving": order.receiving.as_str(),
            "programme": order.programme,
            "rule_set": order.rule_set,
            "courses": courses,
            "basis": said_basis(self.basis_of(entry)),
        })
    }

    fn basis_of<'e>(&'e self, entry: &'e CohortEntry) -> Option<&'e StatedBasis> {
        entry.basis.as_ref().or(self.file.order.basis.as_ref())
    }

    /// Those that were not asked for before, and those that repeat one of them; the others are
    /// answered.
    fn fresh<'l>(
        &mut self,
        tx: &mut Tx<'_>,
        pending: Vec<Pending<'l>>,
    ) -> Result<Sorted<'l>, LedgerError> {
        let named = pending.iter().map(|it| (it.own(), it.learner));
        let before = Before::load(tx, (self.school, &self.file.order.reference), named)?;
        let mut sorted = Sorted::default();
        let mut firsts: HashMap<LineRef, usize> = HashMap::new();
        for mut one in pending {
            let key = (one.own(), one.learner);
            if let Some(answer) = before.answer(key, &one.asked) {
                self.answers.insert(one.position, answer);
                continue;
            }
            one.of = before.of(one.own(), one.learner);
            let first = firsts.get(&one.of).and_then(|at| sorted.fresh.get(*at));
            let Some(first) = first else {
                firsts.insert(one.of.clone(), sorted.fresh.len());
                sorted.fresh.push(one);
                continue;
            };
            let differences =
                of_what_differs(&first.asked, &one.asked, first.learner == one.learner);
            if differences.is_empty() {
                sorted.repeated.push((one.position, first.position));
            } else {
                self.reject(one.position, vec![differs(&differences)]);
            }
        }
        Ok(sorted)
    }

    /// Sends the requests. One learner's several applications follow each other, as if they stood in
    /// several files.
    fn send(&mut self, tx: &mut Tx<'_>, mut rest: Vec<Pending<'_>>) -> Result<(), LedgerError> {
        while !rest.is_empty() {
            let mut seen = HashSet::new();
            let (round, later): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|it| seen.insert(it.learner));
            self.send_round(tx, &round)?;
            rest = later;
        }
        Ok(())
    }

    fn send_round(&mut self, tx: &mut Tx<'_>, round: &[Pending<'_>]) -> Result<(), LedgerError> {
        let mut wanted = Vec::with_capacity(round.len());
        for (position, one) in (0_u32..).zip(round) {
            wanted.push(Wanted {
                position,
                learner_id: one.learner,
                outcomes: Vec::new(),
                basis: self.basis_of(one.entry).cloned(),
                courses: one.courses.clone(),
            });
        }
        let by = (Applicant::School(self.school), &self.file.sender);
        let cohort = CohortId::from_uuid(self.import.as_uuid());
        let done = ask(tx, by, (&self.basis, cohort), &wanted, self.now)?;
        let of = |position: u32| {
            let at = usize::try_from(position).ok();
            let one = at.and_then(|at| round.get(at));
            one.ok_or(LedgerError::Corrupt("a lost line"))
        };
        for one in &done.rejected {
            self.reject(of(one.position)?.position, vec![one.fault.clone()]);
        }
        let mut lines = Vec::with_capacity(done.requests.len());
        for request in &done.requests {
            let one = of(request.position)?;
            let said = asked(request.request_id, &request.decision, self.mode)?;
            self.answers
                .insert(one.position, (LineStatus::Posted, vec![said]));
            lines.push(NewLine {
                of: &one.of,
                key: (request.learner_id, request.request_id),
                line_no: signed(one.line_no)?,
                asked: &one.asked,
            });
        }
        if !cohort_lines::insert_all(tx, (self.school, self.import), &lines)? {
            return Err(LedgerError::Contended);
        }
        let subject = ("cohort", Some(self.import.as_uuid()));
        let figures = json!({ "requests": lines.len(), "rejected": done.rejected.len() });
        audit_events::insert(tx, self.grant, subject, &figures, self.now)
    }
}
