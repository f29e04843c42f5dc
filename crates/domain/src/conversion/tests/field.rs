//! What the documents of the field ask for, by name (scenarios 4-7, 4-8, 4-9).

use super::*;

#[test]
fn of_two_degree_english_results_the_oldest_that_is_good_enough_is_converted_once() {
    let mut request = Request::new();
    let passed = |number: u128, score: &str, awarded_on: &str| Candidate {
        grade: score.parse().unwrap(),
        category: Category::DegreeForeignLanguage,
        ..candidate(number, 1, awarded_on)
    };
    let both = [passed(1, "62", "2022-05-10"), passed(2, "71", "2023-05-10")];
    let converted = "refused 0.00 of 6.00: COURSE_ALREADY_CONVERTED";
    let granted = "granted 6.00 of 6.00";
    let ask = |request: &Request, expected: &[&str]| check(&request.clone().of(&both), expected);
    ask(&request, &[granted, converted]);
    // Where the course is worth the score, only the better one counts.
    only_source(&mut request.rule_set.rules[0]).minimum_grade = floor("70");
    ask(&request, &["refused 0.00 of 6.00: GRADE_TOO_LOW", granted]);
    // Older than the rule's validity.
    only_source(&mut request.rule_set.rules[0]).minimum_grade = MinimumGrade::Pass.into();
    only_source(&mut request.rule_set.rules[0]).earned_within_months = Some(24);
    ask(&request, &["refused 0.00 of 6.00: EXPIRED", granted]);
}

#[test]
fn a_senior_worker_certificate_gives_two_courses_and_a_second_one_neither() {
    let mut request = Request::new();
    let rules = &mut request.rule_set.rules;
    rules.truncate(1);
    rules[0].effects = vec![effect(101, "6"), effect(102, "6")];
    only_source(&mut rules[0]).at_least = None;
    only_source(&mut rules[0]).level_floor = Some(level("CN10", 3));
    let certificate = |number: u128, awarded_on: &str| Candidate {
        category: Category::SkillCertificate,
        level: Some(level("CN10", 3)),
        title: "成果高级工".to_owned(),
        state: LotState::Usable(hundredths("12")),
        ..candidate(number, 1, awarded_on)
    };
    let granted = "granted 6.00 of 6.00";
    let request = request.of(&[certificate(1, "2024-01-10"), certificate(2, "2024-02-10")]);
    check(
        &request,
        &[
            granted,
            granted,
            "refused 0.00 of 6.00: COURSE_ALREADY_CONVERTED",
        ],
    );
    let decision = request.decide().unwrap();
    let en = &decision.lines[2].explanation.en;
    assert!(en.contains("课程101, rule R1 uses 成果高级工"), "{en}");
    // Also in a later request.
    let mut later = request.of(&[certificate(2, "2024-02-10")]);
    later.history.grants = vec![past(101, hundredths("6")), past(102, hundredths("6"))];
    check(&later, &["refused 0.00 of 6.00: COURSE_ALREADY_CONVERTED"]);
    // Where one of the courses is there, the other is given and the first is said to be there.
    later.history.grants.pop();
    check(
        &later,
        &["refused 0.00 of 6.00: COURSE_ALREADY_CONVERTED", granted],
    );
}

#[test]
fn a_thirteenth_self_study_course_is_not_in_the_list_and_the_cap_cuts() {
    let mut request = Request::new();
    request.rule_set.rules = (1..=12).map(|n| rule(n, 100 + n, "4")).collect();
    request.rule_set.caps = vec![Cap {
        code: "ZK-40".to_owned(),
        shape: CapShape::Source,
        categories: vec![Category::SelfStudyExam],
        ..programme_cap("40")
    }];
    let exams: Vec<Candidate> = (1..=13)
        .map(|n| Candidate {
            category: Category::SelfStudyExam,
            ..candidate(n, n, &format!("2024-01-{n:02}"))
        })
        .collect();
    // 40 % of 62.00 are 24.80: six of them and a part of the seventh.
    let granted = "granted 4.00 of 4.00";
    let full = "refused 0.00 of 4.00: CAP_SOURCE";
    let mut expected = vec![granted; 6];
    expected.push("cut 0.80 of 4.00: CAP_SOURCE");
    expected.extend([full; 5]);
    expected.push("refused 0.00 of 100.00: NOT_IN_LIST");
    check(&request.of(&exams), &expected);
}
