//! Caps in all six shapes, and what is never replaced (rules of the field, 9.2).

use super::*;

fn cap(code: &str, shape: CapShape, credits: &str) -> Cap {
    Cap {
        code: code.to_owned(),
        shape,
        most: Most::Credits(hundredths(credits)),
        ..programme_cap("35")
    }
}

fn days(all: &[(u32, u32)]) -> CapShape {
    let days = all
        .iter()
        .map(|(month, day)| MonthDay::new(*month, *day).unwrap());
    CapShape::Period(days.collect())
}

/// Outcome `n` gives course `100 + n` of so many credits.
fn learner(credits: &[&str], caps: Vec<Cap>) -> Request {
    let numbered = || (1_u128..).zip(credits);
    let lots: Vec<Candidate> = numbered()
        .map(|(n, _)| candidate(n, n, &format!("2024-01-{:02}", n + 9)))
        .collect();
    let mut request = Request::new().of(&lots);
    request.rule_set.caps = caps;
    request.rule_set.rules = numbered()
        .map(|(n, credits)| rule(n, 100 + n, credits))
        .collect();
    request.programme.total_credits = hundredths("140");
    request
}

#[test]
fn korea_counts_24_a_term_42_a_year_and_the_year_begins_on_the_first_of_march() {
    let caps = vec![
        cap("K-24", days(&[(3, 1), (9, 1)]), "24"),
        cap("K-42", days(&[(3, 1)]), "42"),
    ];
    let mut request = learner(&["20", "4", "3", "18", "6"], caps);
    let mut ask = |dates: [&str; 5], expected: [&str; 5]| {
        for (lot, date) in request.candidates.iter_mut().zip(dates) {
            lot.awarded_on = day(date);
        }
        check(&request, &expected);
    };
    let (whole, four) = ("granted 20.00 of 20.00", "granted 4.00 of 4.00");
    // Exactly 24 in the first term by the fewest lots, 18 more in the second make 42 in the year.
    ask(
        [
            "2024-03-01",
            "2024-08-31",
            "2024-07-15",
            "2024-09-01",
            "2025-01-15",
        ],
        [
            whole,
            four,
            "refused 0.00 of 3.00: CAP_PERIOD",
            "granted 18.00 of 18.00",
            "refused 0.00 of 6.00: CAP_PERIOD",
        ],
    );
    // The last day of February belongs to the old year, the first of March to the new one.
    ask(
        [
            "2023-09-01",
            "2024-02-29",
            "2024-03-01",
            "2024-09-01",
            "2025-02-28",
        ],
        [
            whole,
            four,
            "granted 3.00 of 3.00",
            "granted 18.00 of 18.00",
            "granted 6.00 of 6.00",
        ],
    );
    ask(
        [
            "2023-09-01",
            "2023-12-31",
            "2024-01-01",
            "2024-09-01",
            "2024-12-31",
        ],
        [
            whole,
            four,
            "refused 0.00 of 3.00: CAP_PERIOD",
            "granted 18.00 of 18.00",
            "granted 6.00 of 6.00",
        ],
    );
}

#[test]
fn korea_takes_105_from_an_institution_and_18_have_to_come_from_inside() {
    let caps = vec![
        cap("K-105", CapShape::Institution, "105"),
        cap("K-18", CapShape::Inside, "18"),
    ];
    let mut request = learner(&["100", "6", "20", "10"], caps);
    let mut ask = |issuers: [u128; 4], expected: [&str; 4]| {
        for (lot, issuer) in request.candidates.iter_mut().zip(issuers) {
            lot.issuer = institution(issuer);
        }
        check(&request, &expected);
    };
    let whole = "granted 100.00 of 100.00";
    // 105 of the first institution, 17 of the second: 122 = 140 - 18 from outside.
    ask(
        [2, 2, 3, 1],
        [
            whole,
            "cut 5.00 of 6.00: CAP_INSTITUTION",
            "cut 17.00 of 20.00: CAP_INSIDE",
            "granted 10.00 of 10.00",
        ],
    );
    // What the receiving institution itself taught is inside.
    ask(
        [2, 1, 1, 1],
        [
            whole,
            "granted 6.00 of 6.00",
            "granted 20.00 of 20.00",
            "granted 10.00 of 10.00",
        ],
    );
}

#[test]
fn what_is_inside_may_be_named() {
    let mut inside = cap("IN", CapShape::Inside, "130");
    let ask = |cap: &Cap, expected: &str| check(&learner(&["20"], vec![cap.clone()]), &[expected]);
    ask(&inside, "cut 10.00 of 20.00: CAP_INSIDE");
    inside.institutions = vec![institution(2)];
    ask(&inside, "granted 20.00 of 20.00");
    inside.institutions = vec![institution(3)];
    ask(&inside, "cut 10.00 of 20.00: CAP_INSIDE");
    inside.most = Most::Credits(hundredths("141"));
    ask(&inside, "refused 0.00 of 20.00: CAP_INSIDE");
}

#[test]
fn an_open_university_exempts_35_percent_of_the_compulsory_courses_and_never_practice() {
    let mut share = programme_cap("35");
    share.code = "C-35".to_owned();
    share.part = Some("COMPULSORY".to_owned());
    let mut request = learner(&["10", "8", "6", "8"], vec![share]);
    let part = |code: &str, courses: &[u128], credits: Option<&str>, replaceable| Part {
        code: code.to_owned(),
        title: "实践环节".to_owned(),
        credits: credits.map(hundredths),
        courses: courses.iter().copied().map(entry).collect(),
        replaceable,
    };
    request.rule_set.parts = vec![
        part("COMPULSORY", &[101, 102], Some("40"), true),
        part("PRACTICE", &[104], None, false),
    ];
    check(
        &request,
        &[
            "granted 10.00 of 10.00",
            "cut 4.00 of 8.00: CAP_PROGRAMME",
            "granted 6.00 of 6.00",
            "refused 0.00 of 8.00: NOT_REPLACEABLE",
        ],
    );
    let decision = request.decide().unwrap();
    let en = &decision.lines[3].explanation.en;
    assert!(en.contains("课程104 belongs to 实践环节"), "{en}");
}

#[test]
fn own_100_self_study_40_partner_100_and_others_50_percent() {
    let source = |code: &str, share: &str, categories: &[Category], institutions: &[u128]| Cap {
        code: code.to_owned(),
        shape: CapShape::Source,
        categories: categories.to_vec(),
        institutions: institutions.iter().copied().map(institution).collect(),
        ..programme_cap(share)
    };
    // Institution 1 is the receiving one, 2 its partner, 3 and 4 are others.
    let caps = vec![
        source("OWN", "100", &[], &[1]),
        source("SELF", "40", &[Category::SelfStudyExam], &[]),
        source("PARTNER", "100", &[], &[2]),
        source("OTHER", "50", &[], &[3, 4]),
    ];
    let mut request = learner(&["30", "30", "30", "30", "30"], caps);
    request.programme.total_credits = hundredths("100");
    let mut ask = |sources: [(u128, Category); 5], expected: [&str; 5]| {
        for (lot, (issuer, category)) in request.candidates.iter_mut().zip(sources) {
            (lot.issuer, lot.category) = (institution(issuer), category);
        }
        check(&request, &expected);
    };
    let (course, exam) = (Category::Course, Category::SelfStudyExam);
    let whole = "granted 30.00 of 30.00";
    let cut = "cut 10.00 of 30.00: CAP_SOURCE";
    ask([1, 1, 1, 2, 2].map(|issuer| (issuer, course)), [whole; 5]);
    ask(
        [(5, exam), (5, exam), (3, course), (2, course), (1, course)],
        [whole, cut, whole, whole, whole],
    );
    ask(
        [3, 4, 3, 1, 2].map(|issuer| (issuer, course)),
        [
            whole,
            "cut 20.00 of 30.00: CAP_SOURCE",
            "refused 0.00 of 30.00: CAP_SOURCE",
            whole,
            whole,
        ],
    );
}

#[test]
fn a_certificate_is_worth_8_credits_at_most_also_over_two_requests() {
    let mut request = learner(&["6"], vec![cap("X-8", CapShape::Certificate, "8")]);
    request.rule_set.rules[0].effects.push(effect(102, "4"));
    only_source(&mut request.rule_set.rules[0]).at_least = None;
    check(
        &request,
        &["granted 6.00 of 6.00", "cut 2.00 of 4.00: CAP_CERTIFICATE"],
    );
    // Another certificate has room of its own.
    request.candidates.push(Candidate {
        lot_id: LotId::from_uuid(Uuid::from_u128(9_000)),
        ..candidate(7, 7, "2024-02-01")
    });
    request.rule_set.rules.push(rule(7, 107, "8"));
    check(
        &request,
        &[
            "granted 6.00 of 6.00",
            "cut 2.00 of 4.00: CAP_CERTIFICATE",
            "granted 8.00 of 8.00",
        ],
    );
}

#[test]
fn earlier_requests_count_in_the_group_they_belong_to() {
    let caps = vec![
        cap("I-10", CapShape::Institution, "10"),
        cap("T-8", days(&[(3, 1), (9, 1)]), "8"),
    ];
    let mut request = learner(&["6"], caps);
    let mut ask = |issuer: u128, awarded_on: &str, granted: &str, expected: &str| {
        let mut before = past(900, hundredths(granted));
        before.sources[0].issuer = institution(issuer);
        before.sources[0].awarded_on = day(awarded_on);
        request.history.grants = vec![before];
        check(&request, &[expected]);
    };
    let whole = "granted 6.00 of 6.00";
    ask(3, "2023-08-31", "9", whole);
    ask(2, "2023-08-31", "4", whole);
    ask(2, "2023-08-31", "7", "cut 3.00 of 6.00: CAP_INSTITUTION");
    ask(
        2,
        "2023-08-31",
        "12",
        "refused 0.00 of 6.00: CAP_INSTITUTION",
    );
    ask(3, "2023-09-01", "7", "cut 1.00 of 6.00: CAP_PERIOD");
    // Under both, the tighter one is named.
    ask(2, "2023-09-01", "7", "cut 1.00 of 6.00: CAP_PERIOD");
}

#[test]
fn what_rests_on_nothing_that_is_known_counts_where_everything_does() {
    let caps = |shape: CapShape| vec![cap("C-8", shape, "8")];
    let ask = |shape: CapShape, expected: &str| {
        let mut request = learner(&["6"], caps(shape));
        let mut before = past(900, hundredths("5"));
        before.sources.clear();
        request.history.grants = vec![before];
        check(&request, &[expected]);
    };
    ask(CapShape::Programme, "cut 3.00 of 6.00: CAP_PROGRAMME");
    ask(CapShape::Institution, "granted 6.00 of 6.00");
    ask(CapShape::Certificate, "granted 6.00 of 6.00");
    ask(days(&[(3, 1)]), "granted 6.00 of 6.00");
}

#[test]
fn a_grant_counts_in_full_for_every_institution_it_rests_on() {
    let mut request = learner(&["6", "6"], vec![cap("I-5", CapShape::Institution, "5")]);
    request.rule_set.rules.truncate(1);
    request.rule_set.rules[0].condition = Condition::AllOf(vec![
        Condition::Source(source(1)),
        Condition::Source(source(2)),
    ]);
    request.candidates[1].issuer = institution(3);
    check(
        &request,
        &[
            "cut 2.50 of 3.00: CAP_INSTITUTION",
            "cut 2.50 of 3.00: CAP_INSTITUTION",
        ],
    );
    let mut before = past(900, hundredths("4"));
    before.sources[0].issuer = institution(3);
    request.history.grants = vec![before];
    check(
        &request,
        &[
            "cut 0.50 of 3.00: CAP_INSTITUTION",
            "cut 0.50 of 3.00: CAP_INSTITUTION",
        ],
    );
}

#[test]
fn a_day_that_not_every_year_has_begins_no_period() {
    assert_eq!(MonthDay::new(2, 29), None);
    assert_eq!(MonthDay::new(4, 31), None);
    assert_eq!(MonthDay::new(13, 1), None);
    assert_eq!(MonthDay::new(12, 31).unwrap().to_string(), "12-31");
    assert_eq!(
        MonthDay::new(3, 1).unwrap().in_year(2024),
        Some(day("2024-03-01"))
    );
}
