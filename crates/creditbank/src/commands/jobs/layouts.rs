//! What jobs ask about layouts, what is answered, what is kept.

use creditbank_domain::authz::{ReadImport, RunImport};
use creditbank_domain::ids::ImportJobId;
use creditbank_domain::institution::Institution;
use creditbank_import::{Questions, WordQuestion, check_mapping};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{ImportAnswer, MappingCheck, answer_import};
use creditbank_ledger::reads::{self, ImportJobView};
use uuid::Uuid;

use super::{PRINTED_MAX, unknown_or};
use crate::output::say;
use crate::problem::Problem;
use crate::{clock, operator};

pub(super) fn say_questions(
    ledger: &Ledger,
    institution: &Institution,
    job: Uuid,
) -> Result<(), Problem> {
    let grant = operator::for_institution::<ReadImport>(institution)?;
    let asked = reads::import_questions(ledger, &grant, ImportJobId::from_uuid(job));
    let asked = asked.map_err(unknown_or)?;
    say!("{} #{} {}", asked.asked_at, asked.round, asked.layout);
    let Some(questions) = asked.questions else {
        say!("已答复 / answered");
        return Ok(());
    };
    let questions: Questions =
        serde_json::from_value(questions).map_err(|error| Problem::internal(&error))?;
    if let Some(missing) = &questions.missing {
        say!("{} {} / {}", missing.code, missing.zh, missing.en);
    }
    for column in &questions.columns {
        let field = match column.field {
            Some(field) => serde_json::to_string(&field).unwrap_or_default(),
            None => "?".to_owned(),
        };
        let samples = column.samples.join(" | ");
        say!("  {} → {field}   {samples}", column.heading);
    }
    say_words("成绩 grade words", &questions.grade_words);
    say_words("课程 courses", &questions.courses);
    for word in &questions.level_words {
        let (lines, first) = (word.lines, word.first_line);
        let beside = word.courses.join(" | ");
        say!(
            "  等级 level words: {} → ?   {lines} 行 lines, {first} …   {beside}",
            word.text
        );
    }
    Ok(())
}

fn say_words(what: &str, words: &[WordQuestion]) {
    for word in words {
        let (lines, first) = (word.lines, word.first_line);
        say!("  {what}: {} → ?   {lines} 行 lines, {first} …", word.text);
    }
}

pub(super) fn answer(
    ledger: &Ledger,
    institution: &Institution,
    job: Uuid,
    answer: &ImportAnswer,
) -> Result<ImportJobView, Problem> {
    let grant = operator::for_institution::<RunImport>(institution)?;
    let check: &MappingCheck<'_> = &check_mapping;
    let said = (answer, check);
    let job = answer_import(
        ledger,
        &grant,
        ImportJobId::from_uuid(job),
        said,
        clock::now(),
    );
    job.map_err(unknown_or)
}

pub(super) fn say_mappings(ledger: &Ledger, institution: &Institution) -> Result<(), Problem> {
    let grant = operator::for_institution::<ReadImport>(institution)?;
    for kept in reads::mappings(ledger, &grant, "", PRINTED_MAX)? {
        let (name, version) = (&kept.kept.name, kept.kept.version);
        say!("{name} #{version} {} {}", kept.saved_at, kept.mapping);
    }
    Ok(())
}
