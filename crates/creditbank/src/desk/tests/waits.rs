//! Jobs that wait for somebody do so until a moment, and then end with nothing posted.

use creditbank_domain::authz::ReadNotices;
use creditbank_import::check_mapping;
use creditbank_ledger::flows::{ImportAnswer, MappingCheck};
use serde_json::json;

use super::*;

const WAITS: TimeDelta = TimeDelta::days(30);

/// A layout that nobody has named.
fn unnamed(lines: usize) -> String {
    transcript(lines, 0).replace("学号,学期,课程代码,学分,成绩", "XH,XQ,KCH,XF,CJ")
}

fn named() -> ImportAnswer {
    let field = |heading: &str| json!({ "columns": [heading] });
    ImportAnswer {
        mapping: json!({ "columns": {
            "student_number": field("XH"), "term": field("XQ"), "course_code": field("KCH"),
            "credits": field("XF"), "grade": field("CJ"),
        } }),
        questions: None,
        learner: None,
    }
}

impl Office {
    fn end_waits(&self, at: DateTime<Utc>) -> usize {
        flows::end_overdue_waits(self.bank.ledger(), &self.keeper, at).unwrap()
    }

    fn answered(&self, job: &ImportJobView, at: DateTime<Utc>) -> Result<(), &'static str> {
        let check: &MappingCheck<'_> = &check_mapping;
        let (answer, grant) = (named(), self.registrar(UNIVERSITY));
        flows::answer_import(self.bank.ledger(), &grant, job.job_id, (&answer, check), at)
            .map(drop)
            .map_err(|error| error.fault().unwrap().code)
    }

    fn approved(&self, job: &ImportJobView, at: DateTime<Utc>) -> Result<(), &'static str> {
        let grant: Grant<ApproveImport> = self.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
        let yes = together::say(ApprovalVerdict::Approve);
        flows::approve_import(self.bank.ledger(), &grant, job.job_id, &yes, at)
            .map(drop)
            .map_err(|error| error.fault().unwrap().code)
    }

    /// What is due to somebody of the university.
    fn due(&self, role: Role, at: DateTime<Utc>) -> Vec<&'static str> {
        let grant: Grant<ReadNotices> = self.bank.grant(role, UNIVERSITY);
        let told = reads::notices(self.bank.ledger(), &grant, (None, 10), at).unwrap();
        told.due.iter().map(|item| item.kind).collect()
    }

    fn samples(&self) -> String {
        let left = "select count(*) from import_questions where sealed is not null";
        self.bank.database().sql(left).unwrap().trim().to_owned()
    }
}

/// An office of which a job waits, until when, and how it ends where nobody comes.
fn waiting(for_approval: bool) -> (Office, ImportJobView, DateTime<Utc>, &'static str) {
    waiting_for(for_approval, WAITS)
}

fn waiting_for(
    for_approval: bool,
    waits: TimeDelta,
) -> (Office, ImportJobView, DateTime<Utc>, &'static str) {
    let (mut office, content, code) = if for_approval {
        (together::careful(), transcript(7, 0), "IMPORT_UNAPPROVED")
    } else {
        (Office::open(), unnamed(7), "IMPORT_UNANSWERED")
    };
    office.limits.waits = waits;
    let before = clock::now();
    let job = office.hand_in(UNIVERSITY, &content);
    office.work();
    let seen = office.job(UNIVERSITY, &job);
    let until = seen.waits_until.expect("it waits for somebody");
    assert!((before + waits..=clock::now() + waits).contains(&until));
    (office, seen, until, code)
}

#[test]
fn a_job_that_nobody_answers_or_approves_ends_in_its_time_and_posts_nothing() {
    for for_approval in [false, true] {
        let (office, job, until, code) = waiting(for_approval);
        let just_before = until - TimeDelta::microseconds(1);
        assert_eq!(office.end_waits(just_before), 0);
        assert_eq!(office.job(UNIVERSITY, &job), job, "as it was");
        assert_eq!(office.end_waits(until), 1);
        assert_eq!(office.end_waits(until), 0, "once");
        let ended = office.job(UNIVERSITY, &job);
        assert_eq!(ended.state, ImportJobState::Failed);
        assert_eq!((ended.waits_until, ended.ended_at), (None, Some(until)));
        let why = ended.failure.unwrap();
        assert_eq!(why.code, code);
        assert!(why.zh.contains("重新提交") && why.en.contains("hand the file in again"));
        assert!(!office.step(), "nobody works at it again");
        assert_eq!(office.samples(), "0");
        assert_eq!(office.bank.row_counts()["outcomes"], 0);
        let late = [office.answered(&job, until), office.approved(&job, until)];
        assert_eq!(late, [Err("IMPORT_NOT_ASKING"), Err("IMPORT_NOT_AWAITING")]);
        let noted = "select count(*) from audit_events where subject_kind = 'import_job' \
                     and figures ->> 'step' = 'wait_ended'";
        assert_eq!(office.bank.database().sql(noted).unwrap().trim(), "1");
        // Its file goes with the others, counted from this end.
        let store = office.desk.store();
        let purge = |before| {
            let ledger = office.bank.ledger();
            purge_files(ledger, &store, &office.keeper, before, before).unwrap()
        };
        assert_eq!((purge(until), purge(until + TimeDelta::seconds(1))), (0, 1));
        assert!(office.blobs().is_empty());
    }
}

#[test]
fn the_same_file_handed_in_again_is_another_job_and_needs_no_sending() {
    let office = Office::open();
    let content = unnamed(7);
    let job = office.announce(&new_job(&content));
    office.send(&job, 0, content.as_bytes()).unwrap();
    office.work();
    let until = office.job(UNIVERSITY, &job).waits_until.unwrap();
    assert_eq!(office.end_waits(until), 1);
    let again = office.announce(&new_job(&content));
    assert_ne!(again.job_id, job.job_id);
    assert_eq!(
        (again.recognised, again.state),
        (false, ImportJobState::Queued)
    );
    office.work();
    office.answered(&again, clock::now()).unwrap();
    office.work();
    assert_eq!(office.bank.row_counts()["outcomes"], 7);
}

#[test]
fn whoever_has_to_answer_or_approve_is_told_a_week_before_the_end_and_no_longer() {
    for (for_approval, kind) in [(false, "import_answers_due"), (true, "import_approval_due")] {
        let (office, job, until, _) = waiting(for_approval);
        let (early, soon) = (until - TimeDelta::days(7), until - TimeDelta::days(6));
        assert_eq!(office.due(Role::Registrar, early), [""; 0]);
        assert_eq!(office.due(Role::Registrar, soon), [kind]);
        let admin: &[_] = if for_approval { &[kind] } else { &[] };
        assert_eq!(office.due(Role::InstitutionAdmin, soon), admin);
        assert_eq!(office.due(Role::SchoolOfficer, soon), [""; 0]);
        let theirs: Grant<ReadNotices> = office.bank.grant(Role::Registrar, SCHOOL);
        let theirs = reads::notices(office.bank.ledger(), &theirs, (None, 10), soon);
        assert_eq!(theirs.unwrap().due, [], "of another institution");
        if for_approval {
            office.approved(&job, soon).unwrap();
        } else {
            office.answered(&job, soon).unwrap();
        }
        assert_eq!(office.job(UNIVERSITY, &job).waits_until, None);
        assert_eq!(office.due(Role::Registrar, soon), [""; 0]);
        assert_eq!(office.end_waits(until), 0, "it waits for nobody any more");
    }
}

#[test]
fn a_declined_and_a_cancelled_job_wait_no_longer() {
    let (office, job, until, _) = waiting(true);
    let no = together::say(ApprovalVerdict::Decline);
    let grant: Grant<ApproveImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    flows::approve_import(office.bank.ledger(), &grant, job.job_id, &no, clock::now()).unwrap();
    let (other, asking, later, _) = waiting(false);
    let registrar = other.registrar(UNIVERSITY);
    let ledger = other.bank.ledger();
    flows::cancel_import_job(ledger, &registrar, asking.job_id, clock::now()).unwrap();
    for (office, job, until, state) in [
        (&office, &job, until, ImportJobState::Declined),
        (&other, &asking, later, ImportJobState::Cancelled),
    ] {
        assert_eq!(office.end_waits(until), 0);
        let seen = office.job(UNIVERSITY, job);
        assert_eq!((seen.state, seen.waits_until), (state, None));
    }
}

#[test]
fn of_an_answer_or_an_approval_and_the_end_at_one_moment_one_wins() {
    for round in 0..8 {
        let for_approval = round % 2 == 0;
        let (office, job, _, code) = waiting_for(for_approval, TimeDelta::zero());
        let barrier = std::sync::Barrier::new(4);
        let (said, ended) = std::thread::scope(|scope| {
            let say = || {
                barrier.wait();
                if for_approval {
                    office.approved(&job, clock::now())
                } else {
                    office.answered(&job, clock::now())
                }
            };
            let end = || {
                barrier.wait();
                office.end_waits(clock::now())
            };
            let said = [scope.spawn(say), scope.spawn(say)];
            let ended = [scope.spawn(end), scope.spawn(end)];
            (
                said.map(|it| it.join().unwrap()),
                ended.map(|it| it.join().unwrap()),
            )
        });
        let heard_here = said.iter().filter(|it| it.is_ok()).count();
        let ended_here: usize = ended.iter().sum();
        assert_eq!(heard_here + ended_here, 1, "{said:?} {ended:?}");
        office.work();
        let seen = office.job(UNIVERSITY, &job);
        let posted = office.bank.row_counts()["outcomes"];
        if heard_here == 1 {
            assert_eq!((seen.state, posted), (ImportJobState::Finished, 7));
        } else {
            assert_eq!((seen.failure.unwrap().code.as_str(), posted), (code, 0));
        }
        assert_eq!(office.samples(), "0");
    }
}
