//! The learner beside the file: tried, approved, kept and forgotten with it.

use creditbank_domain::identifier::{Identifier, IdentifierKind};
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::PersonName;
use creditbank_import::check_mapping;
use creditbank_ledger::flows::{ImportAnswer, MappingCheck};

use super::together::{careful, say};
use super::*;

/// The transcript of one person: no column says of whom.
const OF_ONE: &str =
    "学期,课程代码,学分,成绩\r\n2024-2025-1,MATH101,4,88\r\n2024-2025-2,PE102,1.5,90\r\n";

fn learner(number: &str, name: Option<&str>) -> Option<LearnerRef> {
    let today = "2026-11-22".parse().unwrap();
    let number = Identifier::parse(IdentifierKind::StudentNumber, number, today).unwrap();
    Some(LearnerRef::Identified {
        identifiers: number.into(),
        name: name.map(|name| PersonName::new(name).unwrap()),
    })
}

fn of(number: &str) -> NewImportJob {
    NewImportJob {
        learner: learner(number, None),
        ..new_job(OF_ONE)
    }
}

impl Office {
    /// Announces it and sends its bytes, where they are not here.
    fn sent(&self, new: &NewImportJob) -> ImportJobView {
        let job = self.announce(new);
        if job.state == ImportJobState::Receiving {
            self.send(&job, 0, OF_ONE.as_bytes()).unwrap();
        }
        job
    }

    fn credits_of(&self, number: &str) -> String {
        let found = self.bank.credits_by_student_number(UNIVERSITY, &[number]);
        found.into_iter().next().unwrap().1
    }
}

#[test]
fn what_is_tried_and_approved_is_for_whom_was_said_and_for_nobody_else() {
    let office = careful();
    let job = office.sent(&of("2024800101"));
    office.work();
    let tried = office.job(UNIVERSITY, &job);
    assert_eq!(
        (tried.state, tried.learner_beside),
        (ImportJobState::AwaitingApproval, true)
    );
    let reading = office.reading(UNIVERSITY);
    let trial = reads::import(
        office.bank.ledger(),
        &reading,
        tried.trial_import_id.unwrap(),
    );
    let trial = trial.unwrap();
    assert_eq!((trial.posted, trial.accounts_opened), (2, 1));
    assert_eq!(office.bank.row_counts()["outcomes"], 0);
    let second: Grant<ApproveImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let ledger = office.bank.ledger();
    let order = say(ApprovalVerdict::Approve);
    flows::approve_import(ledger, &second, job.job_id, &order, clock::now()).unwrap();
    office.work();
    assert_eq!(office.job(UNIVERSITY, &job).state, ImportJobState::Finished);
    assert_eq!(office.credits_of("2024800101"), "5.50");
    assert_eq!(office.bank.row_counts()["learners"], 1);
}

#[test]
fn the_same_file_is_recognised_for_the_same_learner_under_the_same_name_alone() {
    let office = Office::open();
    let first = office.sent(&of("2024800101"));
    let announced = |learner| {
        let new = NewImportJob {
            learner,
            ..new_job(OF_ONE)
        };
        office.announce(&new)
    };
    for turn in ["before", "after"] {
        let same = announced(learner("2024800101", None));
        assert_eq!(
            (same.job_id, same.recognised),
            (first.job_id, true),
            "{turn}"
        );
        office.work();
    }
    for other in [
        learner("2024800102", None),
        learner("2024800101", Some("欧阳锋")),
        None,
    ] {
        let job = announced(other);
        assert!(!job.recognised);
        assert_eq!(job.state, ImportJobState::Queued, "its bytes are here");
    }
}

#[test]
fn whom_the_institution_said_lies_sealed_opens_in_its_own_job_alone_and_goes_with_the_file() {
    let office = Office::open();
    let database = office.bank.database();
    let [one, other] = ["2024800101", "2024800102"].map(|number| office.sent(&of(number)));
    let kept = "select string_agg(l::text, ' ') || count(sealed) from import_job_learners l";
    let shown = database.sql_as_application(kept).unwrap();
    assert!(shown.trim().ends_with('2'), "{shown}");
    let bytes: String = "20248001".bytes().map(|it| format!("{it:02x}")).collect();
    assert!(!shown.contains("20248001") && !shown.contains(&bytes));
    // Told nothing, or that it is another institution, the application's role sees no row.
    let school = "select institution_id from institutions where code = '".to_owned() + SCHOOL + "'";
    let school = database.sql(&school).unwrap();
    for sight in [String::new(), format!("institution={}", school.trim())] {
        let seen = database.sql_seeing(&sight, "select count(*) from import_job_learners");
        assert_eq!(seen.unwrap().trim(), "0", "{sight}");
    }
    // Moved to another job it does not open, and nothing is posted for the wrong person.
    let moved = format!(
        "update import_job_learners set sealed = (select sealed from import_job_learners \
         where job_id = '{}') where job_id = '{}'",
        one.job_id, other.job_id
    );
    let before = format!(
        "select encode(sealed, 'hex') from import_job_learners where job_id = '{}'",
        other.job_id
    );
    let before = database.sql(&before).unwrap();
    database.sql(&moved).unwrap();
    let mut turns = 0;
    while let Ok(true) = office.try_step() {
        turns += 1;
    }
    assert_eq!((turns, office.bank.row_counts()["outcomes"]), (1, 2));
    database
        .sql(&format!(
            "update import_job_learners set sealed = decode('{}', 'hex') where job_id = '{}'",
            before.trim(),
            other.job_id
        ))
        .unwrap();
    office.work();
    assert_eq!(office.bank.row_counts()["outcomes"], 4);
    let soon = clock::now() + TimeDelta::days(1);
    let store = office.desk.store();
    let purged = purge_files(office.bank.ledger(), &store, &office.keeper, soon, soon);
    assert_eq!(purged.unwrap(), 2);
    let left = "select count(*) || ' ' || count(sealed) from import_job_learners";
    assert_eq!(database.sql(left).unwrap().trim(), "2 0");
    assert!(office.job(UNIVERSITY, &one).learner_beside);
    assert!(office.announce(&of("2024800101")).recognised);
}

impl Office {
    /// Says whose it is to a job that asks; the code of the refusal.
    fn say_whose(
        &self,
        institution: &str,
        job: &ImportJobView,
        learner: Option<LearnerRef>,
    ) -> Result<ImportJobView, &'static str> {
        let answer = ImportAnswer {
            mapping: serde_json::json!({}),
            questions: None,
            learner,
        };
        let check: &MappingCheck<'_> = &check_mapping;
        let (ledger, grant) = (self.bank.ledger(), self.registrar(institution));
        let said = (&answer, check);
        flows::answer_import(ledger, &grant, job.job_id, said, clock::now())
            .map_err(|error| error.fault().map_or("NOT_FOUND", |fault| fault.code))
    }
}

#[test]
fn a_job_that_asks_whose_transcript_it_has_is_told_and_goes_on_for_them() {
    let office = Office::open();
    let job = office.sent(&new_job(OF_ONE));
    office.work();
    let asks = office.job(UNIVERSITY, &job);
    assert_eq!(asks.state, ImportJobState::AwaitingAnswers);
    // Somebody else's job is none, and who says nobody is asked again.
    let whose = || learner("2024800101", Some("欧阳锋"));
    assert_eq!(
        office.say_whose(SCHOOL, &job, whose()).unwrap_err(),
        "NOT_FOUND"
    );
    office.say_whose(UNIVERSITY, &job, None).unwrap();
    office.work();
    assert_eq!(
        office.job(UNIVERSITY, &job).state,
        ImportJobState::AwaitingAnswers
    );
    // Of many at one moment one is heard.
    let told = kit::together(|_| office.say_whose(UNIVERSITY, &job, whose()));
    let heard = told.iter().filter(|told| told.is_ok()).count();
    assert_eq!(heard, 1, "{told:?}");
    let others = told.into_iter().filter_map(Result::err);
    assert!(others.into_iter().all(|code| code == "IMPORT_NOT_ASKING"));
    let kept = "select l::text from import_job_learners l";
    let kept = office.bank.database().sql(kept).unwrap();
    assert!(!kept.contains(&hex::encode("2024800101")), "sealed");
    // Whoever works at it after a death knows it too.
    office.work();
    let done = office.job(UNIVERSITY, &job);
    assert_eq!(
        (done.state, done.learner_beside),
        (ImportJobState::Finished, true)
    );
    assert_eq!(office.credits_of("2024800101"), "5.50");
    // By what was answered it is recognised, and by nothing else.
    let named = NewImportJob {
        learner: whose(),
        ..new_job(OF_ONE)
    };
    let same = office.announce(&named);
    assert_eq!((same.job_id, same.recognised), (job.job_id, true));
    for other in [of("2024800101"), new_job(OF_ONE)] {
        assert!(!office.announce(&other).recognised);
    }
    let gone = office.say_whose(UNIVERSITY, &job, whose());
    assert_eq!(gone.unwrap_err(), "IMPORT_NOT_ASKING");
}

#[test]
fn who_is_named_already_is_not_named_in_an_answer() {
    let office = Office::open();
    let whose = || learner("2024800101", None);
    // Its lines name learners: it asks for a word only.
    let job = office.hand_in(UNIVERSITY, &transcript(2, 0).replace(",61\r", ",超好\r"));
    // Beside the file somebody was named; its columns are not known.
    let unnamed = OF_ONE.replace("学期,课程代码,学分,成绩", "XQ,KCH,XF,CJ");
    let beside = office.announce(&NewImportJob {
        learner: learner("2024800102", None),
        ..new_job(&unnamed)
    });
    office.send(&beside, 0, unnamed.as_bytes()).unwrap();
    office.work();
    for job in [&job, &beside] {
        assert_eq!(
            office.job(UNIVERSITY, job).state,
            ImportJobState::AwaitingAnswers
        );
        let refused = office.say_whose(UNIVERSITY, job, whose());
        assert_eq!(refused.unwrap_err(), "LEARNER_NAMED_TWICE");
        assert_eq!(
            office.job(UNIVERSITY, job).state,
            ImportJobState::AwaitingAnswers
        );
    }
    let rows = "select count(*) from import_job_learners";
    assert_eq!(office.bank.database().sql(rows).unwrap().trim(), "1");
    let mappings = "select count(*) from mapping_versions";
    assert_eq!(office.bank.database().sql(mappings).unwrap().trim(), "0");
}
