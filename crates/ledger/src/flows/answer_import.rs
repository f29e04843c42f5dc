//! What a job asks about its file, and what the institution says.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, RunImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportId, ImportJobId};
use creditbank_domain::import_job::{ImportJobState, QuestionsWanted};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::bounded;
use serde_json::{Value, json};

use crate::error::LedgerError;
use crate::flows::learner_beside;
use crate::reads::{ImportJobView, MappingVersion, MappingView};
use crate::store::{Ledger, Tx};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::import_jobs::{self, JobRow};
use crate::tables::import_questions::QuestionsRow;
use crate::tables::{
    audit_events, import_job_learners, import_job_turns, import_mappings, import_questions,
    mapping_versions,
};

/// What whoever handed the file in says of its layout.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportAnswer {
    /// A part of a mapping: what it says takes the place of what was said before, name by name.
    pub mapping: Value,
    /// What the job goes on to ask: with nothing, what is still unknown is rejected line by line.
    pub questions: Option<QuestionsWanted>,
    /// Whose transcript it is, where no column says so and nobody did with the file.
    pub learner: Option<LearnerRef>,
}

/// The form in which a mapping is kept, or why it could not be applied; the importer knows.
pub type MappingCheck<'a> = dyn Fn(&Value) -> Result<Value, Fault> + 'a;

/// Answers what a job asks, once for an idempotency key. The answer is kept as the institution's
/// mapping of this layout, and the job goes on.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where it asks nothing,
/// [`LedgerError::Refused`] for a mapping that could not be applied.
pub fn answer_import_once(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    (answer, check): (&ImportAnswer, &MappingCheck<'_>),
    request: &Once<'_, ImportJobView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        take(tx, grant, job, (answer, check), now)
    })
}

/// As [`answer_import_once`], for the command line.
///
/// # Errors
/// As there.
pub fn answer_import(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    (answer, check): (&ImportAnswer, &MappingCheck<'_>),
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    ledger.write(grant, |tx| take(tx, grant, job, (answer, check), now))
}

fn take(
    tx: &mut Tx<'_>,
    grant: &Grant<RunImport>,
    job: ImportJobId,
    (answer, check): (&ImportAnswer, &MappingCheck<'_>),
    now: DateTime<Utc>,
) -> Result<ImportJobView, LedgerError> {
    let institution = grant.institution()?;
    let row = import_jobs::lock(tx, job, Some(institution))?;
    if row.state != ImportJobState::AwaitingAnswers.as_str() {
        return Err(LedgerError::Conflict(asks_nothing()));
    }
    let asked = import_questions::last(tx.conn(), job)?;
    if answer.learner.is_some() {
        refuse_named(tx, job, &asked)?;
        learner_beside::keep(tx, (job, institution), answer.learner.as_ref())?;
    }
    let mapping = merged(said_before(tx, &row, &asked.layout)?, &answer.mapping);
    let mapping = check(&mapping).map_err(LedgerError::Refused)?;
    let who = (institution, grant.actor().hand().0);
    let version = mapping_versions::save(tx, who, &asked.layout, &mapping, now)?;
    let kept = (asked.layout.as_str(), version);
    import_questions::answer(tx, (job, asked.round), who, kept, now)?;
    import_questions::forget(tx, job)?;
    if let Some(questions) = answer.questions {
        import_jobs::set_questions(tx, job, questions)?;
    }
    import_jobs::set_state(tx, job, ImportJobState::Queued, None, now)?;
    import_job_turns::set_due(tx, job, Some(now))?;
    let figures = json!({ "step": "answered", "round": asked.round, "version": version });
    let subject = ("import_job", Some(job.as_uuid()));
    audit_events::insert(tx, grant, subject, &figures, now)?;
    let row = import_jobs::find(tx.conn(), job, Some(institution))?;
    ImportJobView::of(row, tx.keys())
}

/// A learner is named once: with the file, by a column of it, or here. Where only words and codes are
/// asked, the file can be read and so names its own.
fn refuse_named(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    asked: &QuestionsRow,
) -> Result<(), LedgerError> {
    let corrupt = LedgerError::Corrupt("import_questions.sealed");
    let sealed = asked.sealed.as_ref().ok_or(corrupt)?;
    let questions = tx.keys().open_of(job.as_uuid().as_bytes(), sealed)?;
    let questions: Value = serde_json::from_slice(&questions)
        .map_err(|_| LedgerError::Corrupt("import_questions.sealed"))?;
    let readable = questions.get("missing").is_none_or(Value::is_null);
    if readable || import_job_learners::find_sealed(tx.conn(), job)?.is_some() {
        return Err(LedgerError::Refused(named_twice()));
    }
    Ok(())
}

/// What the answer is laid over: the answer before it, else what was given with the file, else what
/// is kept for the layout.
fn said_before(tx: &mut Tx<'_>, row: &JobRow, layout: &str) -> Result<Value, LedgerError> {
    let job = ImportJobId::from_uuid(row.job_id);
    if let Some(answered) = import_questions::answered(tx.conn(), job)? {
        return Ok(answered.mapping);
    }
    if let Some(given) = &row.mapping {
        return Ok(given.clone());
    }
    let institution = creditbank_domain::ids::InstitutionId::from_uuid(row.institution_id);
    let kept = mapping_versions::find(tx.conn(), institution, layout)?;
    Ok(kept.map_or_else(|| json!({}), |kept| kept.mapping))
}

/// Member by member; of members that hold names, name by name.
fn merged(mut under: Value, over: &Value) -> Value {
    let (Some(under_members), Some(over)) = (under.as_object_mut(), over.as_object()) else {
        return over.clone();
    };
    for (member, said) in over {
        match (under_members.get_mut(member), said) {
            (Some(Value::Object(names)), Value::Object(said)) => {
                for (name, value) in said {
                    names.insert(name.clone(), value.clone());
                }
            }
            _ => {
                under_members.insert(member.clone(), said.clone());
            }
        }
    }
    under
}

/// Has a turn's job wait for answers.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    (layout, questions): (&str, &Value),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let text = questions.to_string();
    let sealed = tx
        .keys()
        .seal_to(job.as_uuid().as_bytes(), text.as_bytes())?;
    import_questions::ask(tx, job, (layout, &sealed), now)?;
    import_jobs::set_state(tx, job, ImportJobState::AwaitingAnswers, None, now)
}

/// Keeps a mapping under a name, as its next version; the same again is the version that there is.
///
/// # Errors
/// [`LedgerError::Refused`] for a name that is none.
pub fn save_mapping(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    name: &str,
    mapping: &Value,
    now: DateTime<Utc>,
) -> Result<MappingVersion, LedgerError> {
    ledger.write(grant, |tx| {
        save(tx, grant, (name, mapping), now).map(|kept| kept.kept)
    })
}

/// As [`save_mapping`], once for an idempotency key.
///
/// # Errors
/// As there.
pub fn save_mapping_once(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    order: (&str, &Value),
    request: &Once<'_, MappingView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        save(tx, grant, order, now)
    })
}

fn save(
    tx: &mut Tx<'_>,
    grant: &Grant<RunImport>,
    (name, mapping): (&str, &Value),
    now: DateTime<Utc>,
) -> Result<MappingView, LedgerError> {
    let institution = grant.institution()?;
    let name = bounded("name", name, 100).map_err(|wrong| LedgerError::Refused(wrong.into()))?;
    let who = (institution, grant.actor().hand().0);
    let version = mapping_versions::save(tx, who, &name, mapping, now)?;
    let figures = json!({ "name": name, "version": version });
    audit_events::insert(tx, grant, ("column_mapping", None), &figures, now)?;
    let row = mapping_versions::find(tx.conn(), institution, &name)?;
    row.ok_or(LedgerError::NotFound)?.try_into()
}

/// Notes by which mapping an import is read, the first time; from then on it is that one, whatever
/// is kept for the layout meanwhile.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn note_mapping(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import: ImportId,
    kept: Option<&MappingVersion>,
) -> Result<(), LedgerError> {
    let institution = grant.institution()?;
    let kept = match kept {
        Some(kept) => Some((kept.name.as_str(), kept.stored()?)),
        None => None,
    };
    ledger.write(grant, |tx| {
        import_mappings::note(tx, (institution, import), kept)
    })
}

fn named_twice() -> Fault {
    Fault::new(
        "LEARNER_NAMED_TWICE",
        "学习者已由文件的列或随文件指明,答复中请勿再指明",
        "the learner is named already, by a column or beside the file; leave it out of the answer",
    )
}

fn asks_nothing() -> Fault {
    Fault::new(
        "IMPORT_NOT_ASKING",
        "该任务没有待回答的问题",
        "the job waits for no answer",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_laid_over_what_was_said_before_name_by_name() {
        let before =
            json!({ "columns": { "grade": { "columns": ["CJ"] } }, "awarded_on": "2026-01-01" });
        let said = json!({ "columns": { "term": { "columns": ["XQ"] } }, "awarded_on": null });
        let both = json!({
            "columns": { "grade": { "columns": ["CJ"] }, "term": { "columns": ["XQ"] } },
            "awarded_on": null,
        });
        assert_eq!(merged(before, &said), both);
        assert_eq!(
            merged(json!({}), &json!([])),
            json!([]),
            "the check refuses it"
        );
    }
}
