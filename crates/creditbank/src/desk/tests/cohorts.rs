//! Files of requests at the desk.

use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::CohortId;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::CohortOrder;
use creditbank_ledger::reads::CohortFileView;
use kit::{PROGRAMME, RECEIVING, outcome};

use super::*;

fn order() -> CohortOrder {
    CohortOrder {
        receiving: InstitutionCode::new(RECEIVING).unwrap(),
        programme: PROGRAMME.to_owned(),
        rule_set: None,
        reference: "2026夏".to_owned(),
        basis: None,
    }
}

impl Office {
    fn ask(&self, content: &str) -> CohortFileView {
        let file = self.directory.path().join("asked");
        std::fs::write(&file, content).unwrap();
        let said = Said {
            file_name: "申请.csv".to_owned(),
            mode: ImportMode::Post,
            mapping: None,
        };
        let of = (&said, &order());
        let grant = self.bank.school_asks();
        let asked = self.desk.submit_cohort(&grant, &file, of, clock::now());
        asked.unwrap()
    }
}

/// Sealed, queued, worked at in turns, given back: to whoever may ask, and to nobody else.
#[test]
fn a_file_of_requests_is_worked_at_like_any_other_and_given_back_to_whoever_may_ask() {
    let office = Office::open();
    let certificate = |student: &str| outcome("CERT-A").student(student).build();
    let learners: Vec<_> = (0..25)
        .map(|nth| office.bank.post(SCHOOL, certificate(&format!("S{nth}"))))
        .collect();
    let mut text = "学号\n".to_owned();
    for nth in 0..26 {
        text += &format!("S{nth}\n");
    }
    let asked = office.ask(&text);
    assert_eq!(asked.import.state, ImportState::Running);
    // The same bytes while it waits: the same cohort.
    assert_eq!(office.ask(&text).cohort_id, asked.cohort_id);
    let grant: Grant<RequestConversion> = office.bank.school_asks();
    let early = office.desk.made_result_of_cohort(&grant, asked.cohort_id);
    assert!(matches!(early, Err(DeskError::StillRunning)));
    office.work();
    let ledger = office.bank.ledger();
    let view = reads::cohort_file(ledger, &grant, asked.cohort_id).unwrap();
    let counts = (view.import.read, view.import.posted, view.import.rejected);
    assert_eq!(
        (view.import.state, counts),
        (ImportState::Finished, (26, 25, 1))
    );
    for learner in &learners {
        assert_eq!(office.bank.credits(learner.learner_no).1, "6.00");
    }
    let mut result = office
        .desk
        .made_result_of_cohort(&grant, asked.cohort_id)
        .unwrap();
    assert_eq!(result.file_name, "申请.result.csv");
    let mut given = String::new();
    result.file.read_to_string(&mut given).unwrap();
    assert_eq!(given.matches(",已申请,,").count(), 25);
    assert!(
        given.contains("S25,已拒绝,NO_CONVERTIBLE_OUTCOMES,"),
        "{given}"
    );
    let elsewhere: Grant<RequestConversion> = office.bank.grant(Role::SchoolOfficer, UNIVERSITY);
    let foreign = office
        .desk
        .made_result_of_cohort(&elsewhere, asked.cohort_id);
    assert!(matches!(foreign, Err(DeskError::NotFound)));
    // A transcript is no file of requests, and who may not import does not get it as one.
    let transcript = office.hand_in(
        SCHOOL,
        "学号,课程代码,成绩,获得日期\nS0,CERT-B,90,2026-01-05\n",
    );
    office.work();
    let import = office.job(SCHOOL, &transcript).import_id.unwrap();
    let disguised = CohortId::from_uuid(import.as_uuid());
    let refused = office.desk.made_result_of_cohort(&grant, disguised);
    assert!(matches!(refused, Err(DeskError::NotFound)));
    // The whole file again, when it is over: asked for before, all of it.
    let again = office.ask(&text);
    office.work();
    let view = reads::cohort_file(ledger, &grant, again.cohort_id).unwrap();
    assert_ne!(again.cohort_id, asked.cohort_id);
    assert_eq!((view.import.posted, view.import.already_posted), (0, 25));
}

#[test]
fn what_is_refused_when_it_is_handed_in_leaves_no_file_behind() {
    let office = Office::open();
    let file = office.directory.path().join("asked");
    std::fs::write(&file, "学号\nS1\n").unwrap();
    let said = Said {
        file_name: "申请.csv".to_owned(),
        mode: ImportMode::Post,
        mapping: None,
    };
    let mut order = order();
    order.programme = "P9".to_owned();
    let grant = office.bank.school_asks();
    let refused = office
        .desk
        .submit_cohort(&grant, &file, (&said, &order), clock::now());
    let Err(DeskError::Refused(fault)) = refused else {
        panic!("not refused")
    };
    assert_eq!(fault.code, "PROGRAMME_UNKNOWN");
    let left = office
        .bank
        .database()
        .sql("select count(*) from import_files");
    assert_eq!(left.unwrap().trim(), "0");
}
