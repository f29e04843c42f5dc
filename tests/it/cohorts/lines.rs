//! What becomes of each line, and of the same line again.

use super::*;

fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

/// One of each in the encoding of a Chinese Excel, and the school's own file back.
#[test]
fn each_line_becomes_a_request_of_its_own_or_comes_back_with_its_reason() {
    let bank = TestBank::start();
    for number in ["S1", "S2", "S3", "S5"] {
        student(&bank, number, &["CERT-A", "CERT-B"]);
    }
    student(&bank, "S4", &["CERT-LOW"]);
    bank.post(UNIVERSITY, outcome("MATH101").student("U1").build());
    let text = "电气转换申请\r\n学号,目标课程,目标专业,法律依据,法律依据文号\r\n\
                S1,,,,\r\n\
                S2,COURSE-A,P1,本人申请,\r\n\
                S3,COURSE-B;COURSE-A,,法定职责,皖教继〔2026〕1号\r\n\
                S4,,,,\r\n\
                NOBODY,,,,\r\n\
                U1,,,,\r\n\
                S5,COURSE-X,,,\r\n\
                S5,,P2,,\r\n\
                S5,,,因为,\r\n\
                S5,,,法定职责,\r\n\
                S5,,,同意,\r\n\
                S4,COURSE-B,,,\r\n\
                S1,,,,\r\n";
    let file = CohortTestFile::new(gb18030(text));
    let import = try_hand_in(&bank, &file, &order(), ImportMode::Post).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let view = work(&bank, bank.ledger(), (&file, import), 100, go_on).unwrap();
    assert_eq!(figures(&view), [13, 4, 1, 8]);
    let lines = told(&bank, import);
    let codes = [
        // Nobody and somebody else's are one answer.
        (7, "NO_CONVERTIBLE_OUTCOMES"),
        (8, "NO_CONVERTIBLE_OUTCOMES"),
        (9, "TARGET_COURSE_UNKNOWN"),
        (10, "PROGRAMME_OTHER"),
        (11, "BASIS_UNKNOWN"),
        (12, "BASIS_DOCUMENT"),
        (13, "CONSENT_MISSING"),
        // Under the same cohort S4 was asked for without a course.
        (14, "APPLICATION_DIFFERS"),
    ];
    assert_eq!(rejected(&lines), codes);
    assert_eq!(
        lines[&15],
        (LineStatus::AlreadyPosted, "REQUESTED".to_owned())
    );
    // Each decides for itself: S2 asked for one course of the two that the rules give.
    let asked = bank.database().sql(
        "select string_agg(lines::text || ' ' || held, ',' order by lines, held) from ( \
             select count(*) as lines, sum(held) as held from conversion_lines \
             where stage = 'proposal' group by request_id) r",
    );
    assert_eq!(asked.unwrap().trim(), "1 600,1 600,2 1200,2 1200");
    let bases = bank.database().sql(
        "select string_agg(basis || ' ' || stated || coalesce(document_number, ''), ',' \
             order by stated, basis) from request_bases",
    );
    let expected =
        "contract false,contract false,contract true,statutory_duty true皖教继〔2026〕1号";
    assert_eq!(bases.unwrap().trim(), expected);
    let cohorts = "select count(distinct cohort_id) || ' ' || min(cohort_id::text) \
                   from conversion_requests";
    assert_eq!(
        bank.database().sql(cohorts).unwrap().trim(),
        format!("1 {import}")
    );
    let result = result_of(&bank, &file, import);
    let (result, _, _) = encoding_rs::GB18030.decode(&result);
    let rows: Vec<&str> = result.lines().collect();
    assert!(
        rows[1].ends_with("法律依据文号,行状态,错误代码,说明"),
        "{}",
        rows[1]
    );
    assert!(
        rows[2].starts_with("S1,,,,,已申请,,\"申请编号 "),
        "{}",
        rows[2]
    );
    assert!(rows[2].ends_with("按规则拟授 12.00\""), "{}", rows[2]);
    assert!(rows[6].starts_with("NOBODY,,,,,已拒绝,NO_CONVERTIBLE_OUTCOMES,"));
    // The sender has no voice in it, whatever worked at the file.
    let officer = bank.school_asks().actor().hand().0;
    let hands = "select distinct hands[1] from request_steps where step_no = 0";
    assert_eq!(
        bank.database().sql(hands).unwrap().trim(),
        officer.to_string()
    );
    let cohort = bank.decide(CohortId::from_uuid(import.as_uuid()));
    assert_eq!((cohort.granted, cohort.refused), (3, 1));
}

#[test]
fn the_same_file_asks_nothing_twice_and_a_corrected_one_for_what_is_left() {
    let bank = TestBank::start();
    student(&bank, "S1", &["CERT-A"]);
    student(&bank, "S2", &["CERT-B"]);
    let text = "学号\nS1\nS9\n";
    let (first, _) = run(&bank, text, &order());
    assert_eq!(figures(&first), [2, 1, 0, 1]);
    let (again, lines) = run(&bank, text, &order());
    assert_eq!(figures(&again), [2, 0, 1, 1]);
    assert_eq!(
        lines[&2],
        (LineStatus::AlreadyPosted, "REQUESTED_ALREADY".to_owned())
    );
    assert_ne!(first.import_id, again.import_id);
    // What was refused is not asked for again by the same cohort, though its lots are free.
    let cohort = CohortId::from_uuid(first.import_id.as_uuid());
    let refuse = creditbank_ledger::flows::DecisionOrder::Refuse {
        text: "不相当".to_owned(),
    };
    bank.try_decide(cohort, &refuse).unwrap();
    let (corrected, _) = run(&bank, "学号\t班级\nS1\t1\nS2\t2\n", &order());
    assert_eq!(figures(&corrected), [2, 1, 1, 0]);
    assert_eq!(requests(&bank), 2);
    // Another cohort is another asking.
    let mut next = order();
    next.reference = "2026秋".to_owned();
    let (next, _) = run(&bank, text, &next);
    assert_eq!(figures(&next), [2, 1, 0, 1]);
}

/// The school's own numbers: one learner may apply twice, one number means one application.
#[test]
fn an_applications_own_number_is_one_application_in_whatever_cohort() {
    let bank = TestBank::start();
    student(&bank, "S1", &["CERT-A", "CERT-B"]);
    student(&bank, "S2", &["CERT-A"]);
    let text = "申请编号,学号,目标课程\nN1,S1,COURSE-A\nN2,S1,COURSE-B\nN1,S2,\n,S2,\n";
    let (view, lines) = run(&bank, text, &order());
    assert_eq!(figures(&view), [4, 2, 0, 2]);
    let codes = [(4, "APPLICATION_DIFFERS"), (5, "APPLICATION_NO_MISSING")];
    assert_eq!(rejected(&lines), codes);
    let mut elsewhere = order();
    elsewhere.reference = "另一批".to_owned();
    let (view, lines) = run(
        &bank,
        "申请编号,学号,目标课程\nN2,S1,COURSE-B\nN1,S1,\n",
        &elsewhere,
    );
    assert_eq!(figures(&view), [2, 0, 1, 1]);
    assert_eq!(rejected(&lines), [(3, "APPLICATION_DIFFERS")]);
    assert_eq!(requests(&bank), 2);
}

#[test]
fn a_dry_run_says_what_the_real_run_says_and_leaves_nothing() {
    let bank = TestBank::start();
    student(&bank, "S1", &["CERT-A"]);
    let file = CohortTestFile::new("学号\nS1\nS9\n");
    let go_on = &mut |_| ControlFlow::Continue(());
    let import = try_hand_in(&bank, &file, &order(), ImportMode::DryRun).unwrap();
    let view = work(&bank, bank.ledger(), (&file, import), 100, go_on).unwrap();
    assert_eq!(figures(&view), [2, 1, 0, 1]);
    assert_eq!(requests(&bank), 0);
    assert_eq!(count(&bank, "cohort_lines"), 0);
    let result = String::from_utf8(result_of(&bank, &file, import)).unwrap();
    assert!(
        result.contains("S1,可申请,,\"申请 6.00,按规则拟授 6.00\""),
        "{result}"
    );
    let (real, lines) = run(&bank, "学号\nS1\nS9\n", &order());
    assert_eq!(
        (figures(&real), lines),
        (figures(&view), told(&bank, import))
    );
}

#[test]
fn more_than_ten_thousand_lines_are_refused_with_the_figures_and_nothing_is_asked() {
    let bank = TestBank::start();
    student(&bank, "S1", &["CERT-A"]);
    let mut text = "学号\n".to_owned();
    for nth in 1..=10_001 {
        text += &format!("S{nth}\n");
    }
    let file = CohortTestFile::new(text.clone());
    let import = try_hand_in(&bank, &file, &order(), ImportMode::Post).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let refused = work(&bank, bank.ledger(), (&file, import), 500, go_on).unwrap_err();
    let fault = refused.fault().unwrap();
    assert_eq!(fault.code, "COHORT_TOO_LARGE");
    assert!(fault.zh.contains("10001") && fault.en.contains("10001 lines, at most 10000"));
    assert_eq!(requests(&bank), 0);
    // The nearest accepted case: one line less.
    let (view, _) = run(&bank, text.trim_end_matches("S10001\n"), &order());
    assert_eq!(figures(&view), [10_000, 1, 0, 9_999]);
}

#[test]
fn what_no_rules_would_decide_and_what_is_no_table_of_learners_is_refused_as_a_whole() {
    let bank = TestBank::start();
    student(&bank, "S1", &["CERT-A"]);
    let file = CohortTestFile::new("学号\nS1\n");
    let code_of = |order: &CohortOrder| {
        let refused = try_hand_in(&bank, &file, order, ImportMode::Post).unwrap_err();
        refused.fault().unwrap().code
    };
    let with = |change: fn(&mut CohortOrder)| {
        let mut changed = order();
        change(&mut changed);
        changed
    };
    assert_eq!(
        code_of(&with(|it| it.programme = "P9".to_owned())),
        "PROGRAMME_UNKNOWN"
    );
    let nowhere = with(|it| it.receiving = InstitutionCode::new("99999").unwrap());
    assert_eq!(code_of(&nowhere), "INSTITUTION_UNKNOWN");
    assert_eq!(count(&bank, "imports"), 0);
    for (text, code) in [
        ("姓名,班级\n甲,1\n", "HEADER_NOT_FOUND"),
        ("{\"student_number\": \"S1\"}\n", "FILE_KIND"),
    ] {
        let file = CohortTestFile::new(text);
        let import = try_hand_in(&bank, &file, &order(), ImportMode::Post).unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        let refused = work(&bank, bank.ledger(), (&file, import), 100, go_on).unwrap_err();
        assert_eq!(refused.fault().unwrap().code, code, "{text}");
    }
    assert_eq!(requests(&bank), 0);
}

/// What a file says holds where its line says nothing; both are asked of each learner.
#[test]
fn the_basis_of_the_file_holds_where_a_line_says_nothing() {
    let bank = TestBank::start();
    student(&bank, "S1", &["CERT-A"]);
    student(&bank, "S2", &["CERT-A"]);
    let mut consented = order();
    consented.basis = Some(StatedBasis::new(LegalBasis::Consent, None).unwrap());
    let text = "学号,依据,法律依据文号\nS1,,\nS2,其他法律,〔2026〕3号\n";
    let (view, lines) = run(&bank, text, &consented);
    assert_eq!(figures(&view), [2, 1, 0, 1]);
    assert_eq!(rejected(&lines), [(2, "CONSENT_MISSING")]);
    let basis = "select basis || document_number || stated from request_bases";
    assert_eq!(
        bank.database().sql(basis).unwrap().trim(),
        "other_law〔2026〕3号true"
    );
}
