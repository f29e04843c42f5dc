//! What nobody has said is asked, answered once and remembered.

use creditbank_import::{Field, Questions, check_mapping};
use creditbank_ledger::flows::{ImportAnswer, MappingCheck};
use creditbank_ledger::reads::QuestionsView;
use serde_json::{Value, json};

use super::*;

/// A layout that no dictionary knows: XH, XQ, KCH, XF, CJ.
fn pinyin(lines: usize, first: usize) -> String {
    transcript(lines, first).replace("学号,学期,课程代码,学分,成绩", "XH,XQ,KCH,XF,CJ")
}

fn columns() -> Value {
    let field = |heading: &str| json!({ "columns": [heading] });
    json!({ "columns": {
        "student_number": field("XH"), "term": field("XQ"), "course_code": field("KCH"),
        "credits": field("XF"), "grade": field("CJ"),
    } })
}

impl Office {
    pub(super) fn asked(&self, job: &ImportJobView) -> (QuestionsView, Questions) {
        let grant = self.reading(UNIVERSITY);
        let view = reads::import_questions(self.bank.ledger(), &grant, job.job_id).unwrap();
        let questions = serde_json::from_value(view.questions.clone().unwrap()).unwrap();
        (view, questions)
    }

    pub(super) fn answer(
        &self,
        job: &ImportJobView,
        said: &Value,
    ) -> Result<ImportJobView, &'static str> {
        self.answer_as(&self.registrar(UNIVERSITY), job, said, None)
    }

    pub(super) fn answer_as(
        &self,
        grant: &Grant<RunImport>,
        job: &ImportJobView,
        said: &Value,
        questions: Option<QuestionsWanted>,
    ) -> Result<ImportJobView, &'static str> {
        let answer = ImportAnswer {
            mapping: said.clone(),
            questions,
            learner: None,
        };
        let check: &MappingCheck<'_> = &check_mapping;
        let said = (&answer, check);
        let now = clock::now();
        flows::answer_import(self.bank.ledger(), grant, job.job_id, said, now)
            .map_err(|error| error.fault().map_or("NOT_FOUND", |fault| fault.code))
    }

    pub(super) fn state(&self, job: &ImportJobView) -> ImportJobState {
        self.job(UNIVERSITY, job).state
    }

    pub(super) fn summary(&self, job: &ImportJobView) -> reads::ImportSummary {
        let import = self.job(UNIVERSITY, job).import_id.unwrap();
        reads::import_summary(self.bank.ledger(), &self.reading(UNIVERSITY), import).unwrap()
    }

    pub(super) fn outcomes(&self) -> u64 {
        self.bank.row_counts()["outcomes"]
    }
}

#[test]
fn columns_that_nobody_named_are_asked_with_samples_answered_once_and_remembered() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &pinyin(12, 0));
    office.work();
    assert_eq!(office.state(&job), ImportJobState::AwaitingAnswers);
    assert_eq!(office.outcomes(), 0);
    let (view, questions) = office.asked(&job);
    assert_eq!(
        (view.round, questions.missing.unwrap().code.as_str()),
        (1, "HEADER_NOT_FOUND")
    );
    let headings: Vec<_> = questions
        .columns
        .iter()
        .map(|it| it.heading.as_str())
        .collect();
    assert_eq!(headings, ["XH", "XQ", "KCH", "XF", "CJ"]);
    assert_eq!(
        questions.columns[0].samples,
        ["S000000", "S000001", "S000002"]
    );
    assert_eq!(
        questions.columns[2].samples,
        ["MATH101"],
        "different ones only"
    );
    let kept = office
        .bank
        .database()
        .sql("select sealed::text from import_questions");
    assert!(
        !kept.unwrap().contains(&hex_of("S000001")),
        "samples lie nowhere in the clear"
    );
    // A part of the answer leads to what is still missing, the rest to the lines.
    let part = json!({ "columns": { "student_number": "XH", "course_code": ["KCH"] } });
    office.answer(&job, &part).unwrap();
    office.work();
    let (view, questions) = office.asked(&job);
    assert_eq!(
        (view.round, questions.missing.unwrap().code.as_str()),
        (2, "COLUMN_MISSING")
    );
    assert_eq!(questions.columns[2].field, Some(Field::CourseCode));
    assert_eq!(questions.columns[4].field, None);
    office.answer(&job, &columns()).unwrap();
    office.work();
    assert_eq!(
        (office.state(&job), office.outcomes()),
        (ImportJobState::Finished, 12)
    );
    let used = office.summary(&job).mapping.unwrap().mapping.unwrap().0;
    assert_eq!(
        (used.name.as_str(), used.version),
        (view.layout.as_str(), 2)
    );
    let again = reads::import_questions(
        office.bank.ledger(),
        &office.reading(UNIVERSITY),
        job.job_id,
    );
    assert_eq!(again.unwrap().questions, None, "the samples are gone");
    // The next file of this layout asks nothing, and no other institution knows of it.
    let next = office.hand_in(UNIVERSITY, &pinyin(5, 100));
    office.work();
    assert_eq!(
        (office.state(&next), office.outcomes()),
        (ImportJobState::Finished, 17)
    );
    assert_eq!(
        office.summary(&next).mapping.unwrap().mapping.unwrap().0,
        used
    );
    let theirs = office.hand_in(SCHOOL, &pinyin(5, 200));
    office.work();
    assert_eq!(
        office.job(SCHOOL, &theirs).state,
        ImportJobState::AwaitingAnswers
    );
    let kept = reads::mappings(office.bank.ledger(), &office.reading(UNIVERSITY), "", 10).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (
            &kept[0].kept,
            &kept[0].mapping["columns"]["grade"]["columns"]
        ),
        (&used, &json!(["CJ"]))
    );
}

fn hex_of(text: &str) -> String {
    text.bytes().map(|it| format!("{it:02x}")).collect()
}

#[test]
fn words_and_codes_that_nobody_knows_are_asked_and_never_again() {
    let office = Office::open();
    let odd = |lines: usize, first: usize| {
        let text = transcript(lines, first).replace("MATH101", "GS-1");
        text.replace(",61\r", ",超好\r").replace(",63\r", ",很差\r")
    };
    let job = office.hand_in(UNIVERSITY, &odd(8, 0));
    office.work();
    assert_eq!(
        (office.state(&job), office.outcomes()),
        (ImportJobState::AwaitingAnswers, 0)
    );
    let (_, questions) = office.asked(&job);
    assert_eq!(questions.missing, None);
    let shown = |words: &[creditbank_import::WordQuestion]| {
        let words = words
            .iter()
            .map(|it| (it.text.clone(), it.lines, it.first_line));
        words.collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&questions.grade_words),
        [("很差".to_owned(), 1, 5), ("超好".to_owned(), 1, 3)]
    );
    assert_eq!(shown(&questions.courses), [("GS-1".to_owned(), 8, 2)]);
    let said = json!({ "grade_words": { "超好": "优秀", "很差": "不及格" }, "courses": { "GS-1": "MATH101" } });
    office.answer(&job, &said).unwrap();
    office.work();
    assert_eq!(
        (office.state(&job), office.outcomes()),
        (ImportJobState::Finished, 8)
    );
    let credits = office.summary(&job).credits;
    assert_eq!(credits[0].1.to_string(), "28.00", "seven of eight passed");
    let next = office.hand_in(UNIVERSITY, &odd(8, 40));
    office.work();
    assert_eq!(
        (office.state(&next), office.outcomes()),
        (ImportJobState::Finished, 16)
    );
}

#[test]
fn what_is_not_asked_or_not_answered_is_rejected_line_by_line() {
    let office = Office::open();
    let odd =
        transcript(6, 0).replace("S000003,2024-2025-1,MATH101", "S000003,2024-2025-1,NOWHERE");
    let announce = |questions| {
        let job = office.announce(&NewImportJob {
            questions,
            again: true,
            ..new_job(&odd)
        });
        if job.state == ImportJobState::Receiving {
            office.send(&job, 0, odd.as_bytes()).unwrap();
        }
        office.work();
        job
    };
    let unasked = announce(QuestionsWanted::Columns);
    assert_eq!(
        (office.state(&unasked), office.outcomes()),
        (ImportJobState::Finished, 5)
    );
    let rejected = |job| office.summary(job).rejected_by_code;
    assert_eq!(rejected(&unasked), [("OUTCOME_UNKNOWN".to_owned(), 1)]);
    let asked = announce(QuestionsWanted::All);
    assert_eq!(office.state(&asked), ImportJobState::AwaitingAnswers);
    let grant = office.registrar(UNIVERSITY);
    let none = Some(QuestionsWanted::None);
    office.answer_as(&grant, &asked, &json!({}), none).unwrap();
    office.work();
    assert_eq!(
        (office.state(&asked), office.outcomes()),
        (ImportJobState::Finished, 5)
    );
    assert_eq!(rejected(&asked), [("OUTCOME_UNKNOWN".to_owned(), 1)]);
    // Columns that nobody names fail the job where nothing is asked.
    let unknown = pinyin(3, 0);
    let job = office.announce(&NewImportJob {
        questions: QuestionsWanted::None,
        ..new_job(&unknown)
    });
    office.send(&job, 0, unknown.as_bytes()).unwrap();
    office.work();
    assert_eq!(
        office.job(UNIVERSITY, &job).failure.unwrap().code,
        "HEADER_NOT_FOUND"
    );
}

#[test]
fn an_answer_is_checked_belongs_to_its_institution_and_counts_once() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &pinyin(9, 0));
    assert_eq!(
        office.answer(&job, &columns()),
        Err("IMPORT_NOT_ASKING"),
        "not looked at yet"
    );
    office.work();
    for wrong in [
        json!({ "colums": {} }),
        json!({ "grade_words": { "A*": "superb" } }),
        json!([]),
        json!({ "columns": { "shoe_size": { "columns": ["XF"] } } }),
    ] {
        assert_eq!(
            office.answer(&job, &wrong),
            Err("MAPPING_INVALID"),
            "{wrong}"
        );
    }
    let school = office.registrar(SCHOOL);
    assert_eq!(
        office.answer_as(&school, &job, &columns(), None),
        Err("NOT_FOUND")
    );
    let versions = "select count(*) from mapping_versions";
    assert_eq!(office.bank.database().sql(versions).unwrap().trim(), "0");
    let barrier = std::sync::Barrier::new(8);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let work = |_| {
            scope.spawn(|| {
                barrier.wait();
                office.answer(&job, &columns()).map(|job| job.state)
            })
        };
        let asked: Vec<_> = (0..8).map(work).collect();
        asked.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let heard = answers.iter().filter(|it| it.is_ok()).count();
    assert_eq!(heard, 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|it| it.is_ok() || *it == Err("IMPORT_NOT_ASKING"))
    );
    office.work();
    assert_eq!(
        (office.state(&job), office.outcomes()),
        (ImportJobState::Finished, 9)
    );
    assert_eq!(office.bank.database().sql(versions).unwrap().trim(), "1");
}

#[test]
fn a_job_that_asks_ends_when_somebody_asks_for_it_and_keeps_no_sample() {
    let office = Office::open();
    let job = office.hand_in(UNIVERSITY, &pinyin(3, 0));
    office.work();
    let grant = office.registrar(UNIVERSITY);
    flows::cancel_import_job(office.bank.ledger(), &grant, job.job_id, clock::now()).unwrap();
    assert_eq!(office.state(&job), ImportJobState::Cancelled);
    let left = "select count(*) from import_questions where sealed is not null";
    assert_eq!(office.bank.database().sql(left).unwrap().trim(), "0");
    assert_eq!(office.answer(&job, &columns()), Err("IMPORT_NOT_ASKING"));
}

#[test]
fn what_was_approved_is_posted_as_it_was_shown_whatever_is_kept_meanwhile() {
    let office = together::careful();
    let ledger = office.bank.ledger();
    let job = office.hand_in(UNIVERSITY, &pinyin(4, 0));
    office.work();
    office.answer(&job, &columns()).unwrap();
    office.work();
    assert_eq!(office.state(&job), ImportJobState::AwaitingApproval);
    let (layout, kept) = {
        let grant = office.reading(UNIVERSITY);
        let asked = reads::import_questions(ledger, &grant, job.job_id).unwrap();
        let kept = reads::mapping(ledger, &grant, &asked.layout)
            .unwrap()
            .unwrap();
        (asked.layout, kept)
    };
    let mut other = kept.mapping.clone();
    other["courses"] = json!({ "MATH101": "PE102" });
    let grant = office.registrar(UNIVERSITY);
    let newer = flows::save_mapping(ledger, &grant, &layout, &other, clock::now()).unwrap();
    assert_eq!(newer.version, 2);
    let second: Grant<ApproveImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let yes = together::say(ApprovalVerdict::Approve);
    flows::approve_import(ledger, &second, job.job_id, &yes, clock::now()).unwrap();
    office.work();
    assert_eq!(
        (office.state(&job), office.outcomes()),
        (ImportJobState::Finished, 4)
    );
    assert_eq!(
        office.summary(&job).mapping.unwrap().mapping.unwrap().0,
        kept.kept
    );
    let courses = "select string_agg(distinct e.code, ',') from outcomes o \
                   join catalogue_entries e using (entry_id)";
    assert_eq!(
        office.bank.database().sql(courses).unwrap().trim(),
        "MATH101"
    );
}
