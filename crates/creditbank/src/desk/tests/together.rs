//! Lines that stand together, and the second pair of eyes.

use super::*;

#[test]
fn where_lines_stand_together_one_bad_line_holds_all_back_and_says_so() {
    let office = Office::open();
    let good = transcript(12, 0);
    let bad = good.replace("S000007,2024-2025-1,MATH101", "S000007,2024-2025-1,NOWHERE");
    let together = |content: &str| NewImportJob {
        lines: LinesTogether::AllOrNothing,
        questions: QuestionsWanted::None,
        ..new_job(content)
    };
    for (content, posted, rejected) in [(bad.as_str(), 0, 12), (&good, 12, 0), (&good, 0, 0)] {
        let again = NewImportJob {
            again: true,
            ..together(content)
        };
        let job = office.announce(&again);
        if job.state == ImportJobState::Receiving {
            office.send(&job, 0, content.as_bytes()).unwrap();
        }
        office.work();
        let import = office.job(UNIVERSITY, &job).import_id.unwrap();
        let counts = reads::import(office.bank.ledger(), &office.reading(UNIVERSITY), import);
        let counts = counts.unwrap();
        assert_eq!((counts.posted, counts.rejected), (posted, rejected));
        let told = office.bank.line_results(UNIVERSITY, import);
        let held = told
            .iter()
            .filter(|line| line.faults.iter().any(|it| it.code == "LINE_HELD_BACK"));
        assert_eq!(
            held.count(),
            if posted == 0 && rejected > 0 { 11 } else { 0 }
        );
    }
    assert_eq!(office.bank.row_counts()["outcomes"], 12);
}

#[test]
fn more_lines_than_may_stand_together_are_refused_and_none_is_posted() {
    let office = Office::open();
    let content = transcript(20_000, 0);
    let new = NewImportJob {
        lines: LinesTogether::AllOrNothing,
        questions: QuestionsWanted::None,
        ..new_job(&content)
    };
    let job = office.announce(&new);
    office.send(&job, 0, content.as_bytes()).unwrap();
    office.work();
    let failure = office.job(UNIVERSITY, &job).failure.unwrap();
    assert_eq!(failure.code, "TOO_MANY_TOGETHER");
    assert_eq!(office.bank.row_counts()["outcomes"], 0);
}

/// A bank whose university wants a second pair of eyes.
pub(super) fn careful() -> Office {
    let office = Office::open();
    let grant: Grant<KeepImportSettings> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let kept = flows::keep_import_settings(office.bank.ledger(), &grant, true, clock::now());
    assert!(kept.unwrap().approval_required);
    office
}

pub(super) fn say(verdict: ApprovalVerdict) -> ApprovalOrder {
    ApprovalOrder {
        verdict,
        note: Some("已核对".to_owned()),
    }
}

#[test]
fn what_a_second_person_has_to_approve_is_tried_then_waits_then_posts() {
    let office = careful();
    let ledger = office.bank.ledger();
    let job = office.hand_in(UNIVERSITY, &transcript(15, 0));
    let registrar: Grant<ApproveImport> = office.bank.grant(Role::Registrar, UNIVERSITY);
    let second: Grant<ApproveImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let decide = |grant: &Grant<ApproveImport>, verdict| {
        let decided = flows::approve_import(ledger, grant, job.job_id, &say(verdict), clock::now());
        decided
            .map(|job| job.state)
            .map_err(|error| error.fault().map(|fault| fault.code))
    };
    let early = decide(&second, ApprovalVerdict::Approve);
    assert_eq!(early, Err(Some("IMPORT_NOT_AWAITING")), "not tried yet");
    office.work();
    let tried = office.job(UNIVERSITY, &job);
    assert_eq!(tried.state, ImportJobState::AwaitingApproval);
    assert_eq!(office.bank.row_counts()["outcomes"], 0);
    let trial = reads::import(
        ledger,
        &office.reading(UNIVERSITY),
        tried.trial_import_id.unwrap(),
    );
    assert_eq!(trial.unwrap().posted, 15);
    let admin: Grant<ReadImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let shown = office
        .desk
        .made_result(&admin, tried.trial_import_id.unwrap());
    assert!(shown.is_ok(), "whoever approves sees every line");
    assert_eq!(
        decide(&registrar, ApprovalVerdict::Approve),
        Err(Some("OWN_IMPORT"))
    );
    let school: Grant<ApproveImport> = office.bank.grant(Role::Registrar, SCHOOL);
    assert_eq!(
        decide(&school, ApprovalVerdict::Approve),
        Err(None),
        "not found"
    );
    assert_eq!(
        decide(&second, ApprovalVerdict::Approve),
        Ok(ImportJobState::Queued)
    );
    assert_eq!(
        decide(&second, ApprovalVerdict::Decline),
        Err(Some("IMPORT_NOT_AWAITING"))
    );
    office.work();
    let done = office.job(UNIVERSITY, &job);
    assert_eq!(
        (done.state, done.pace.lines_read),
        (ImportJobState::Finished, 15)
    );
    assert_eq!(office.bank.row_counts()["outcomes"], 15);
}

#[test]
fn what_was_declined_or_never_shown_to_anybody_posts_nothing() {
    let office = careful();
    let ledger = office.bank.ledger();
    let job = office.hand_in(UNIVERSITY, &transcript(5, 0));
    office.work();
    let second: Grant<ApproveImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let no = say(ApprovalVerdict::Decline);
    let declined = flows::approve_import(ledger, &second, job.job_id, &no, clock::now()).unwrap();
    assert_eq!(declined.state, ImportJobState::Declined);
    office.work();
    let file = office.directory.path().join("handed-in");
    let options = kit::posting();
    let error = office
        .bank
        .try_import(UNIVERSITY, &file, &options)
        .unwrap_err();
    assert_eq!(error.fault().unwrap().code, "IMPORT_NEEDS_APPROVAL");
    let mut borrowed = kit::posting();
    borrowed.approved_in = Some(job.job_id);
    let error = office
        .bank
        .try_import(UNIVERSITY, &file, &borrowed)
        .unwrap_err();
    assert_eq!(error.fault().unwrap().code, "IMPORT_NEEDS_APPROVAL");
    assert_eq!(office.bank.row_counts()["outcomes"], 0);
    let _ = office.bank.import(UNIVERSITY, &file, &kit::dry_run());
    let theirs = transcript(5, 0).replace("MATH101,4", "CERT-A,6");
    office.hand_in(SCHOOL, &theirs);
    office.work();
    assert_eq!(
        office.bank.row_counts()["outcomes"],
        5,
        "of the school, which wants none"
    );
}

#[test]
fn of_eight_who_decide_at_one_moment_one_is_heard_and_its_lines_post_once() {
    let office = careful();
    let job = office.hand_in(UNIVERSITY, &transcript(20, 0));
    office.work();
    let verdict = |nth: usize| match nth % 2 {
        0 => ApprovalVerdict::Approve,
        _ => ApprovalVerdict::Decline,
    };
    let barrier = std::sync::Barrier::new(8);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let work = |nth: usize| {
            let (office, barrier, job) = (&office, &barrier, &job);
            scope.spawn(move || {
                let grant: Grant<ApproveImport> =
                    office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
                let (ledger, said) = (office.bank.ledger(), say(verdict(nth)));
                barrier.wait();
                flows::approve_import(ledger, &grant, job.job_id, &said, clock::now())
                    .map(|job| job.verdict.unwrap())
                    .map_err(|error| error.fault().unwrap().code)
            })
        };
        let asked: Vec<_> = (0..8).map(work).collect();
        asked.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let heard: Vec<_> = answers.iter().filter_map(|it| it.as_ref().ok()).collect();
    assert_eq!(heard.len(), 1, "{answers:?}");
    let unheard = answers.iter().filter_map(|it| it.as_ref().err());
    assert!(
        unheard
            .into_iter()
            .all(|code| *code == "IMPORT_NOT_AWAITING")
    );
    office.work();
    let done = office.job(UNIVERSITY, &job);
    let (state, posted) = match heard[0] {
        ApprovalVerdict::Approve => (ImportJobState::Finished, 20),
        ApprovalVerdict::Decline => (ImportJobState::Declined, 0),
    };
    assert_eq!(done.state, state);
    assert_eq!(office.bank.row_counts()["outcomes"], posted);
}

#[test]
fn what_was_wanted_when_a_job_was_handed_in_holds_for_it_to_the_end() {
    let office = Office::open();
    let before = office.hand_in(UNIVERSITY, &transcript(5, 0));
    let admin: Grant<KeepImportSettings> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let ledger = office.bank.ledger();
    let want = |required| {
        flows::keep_import_settings(ledger, &admin, required, clock::now()).unwrap();
    };
    want(true);
    let after = office.hand_in(UNIVERSITY, &transcript(5, 100));
    want(false);
    office.work();
    assert_eq!(
        [&before, &after].map(|job| office.job(UNIVERSITY, job).state),
        [ImportJobState::Finished, ImportJobState::AwaitingApproval]
    );
    assert_eq!(office.bank.row_counts()["outcomes"], 5);
}

#[test]
fn an_approval_is_of_one_file_and_of_no_other() {
    let office = careful();
    let ledger = office.bank.ledger();
    let job = office.hand_in(UNIVERSITY, &transcript(5, 0));
    office.work();
    let second: Grant<ApproveImport> = office.bank.grant(Role::InstitutionAdmin, UNIVERSITY);
    let yes = say(ApprovalVerdict::Approve);
    flows::approve_import(ledger, &second, job.job_id, &yes, clock::now()).unwrap();
    let other = office.directory.path().join("other");
    std::fs::write(&other, transcript(5, 50)).unwrap();
    let mut borrowed = kit::posting();
    borrowed.approved_in = Some(job.job_id);
    let error = office.bank.try_import(UNIVERSITY, &other, &borrowed);
    assert_eq!(
        error.unwrap_err().fault().unwrap().code,
        "IMPORT_NEEDS_APPROVAL"
    );
    office.work();
    assert_eq!(office.bank.row_counts()["outcomes"], 5);
    let error = office.bank.try_import(UNIVERSITY, &other, &borrowed);
    assert!(error.is_err(), "and once");
}
