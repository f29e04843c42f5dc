//! Decisions as people read them, in both languages: every verdict, reason and shape of cap.

use std::fmt::Write;

use super::*;

const TITLES: [&str; 6] = [
    "机械制图",
    "电工基础",
    "数控编程",
    "大学英语",
    "高等数学",
    "毕业设计",
];

/// Outcome `n` is of the n-th title; rule `JG-n` gives the course of that title for it.
fn learner(credits: &[&str]) -> Request {
    let numbered = || (1_u128..).zip(TITLES).zip(credits);
    let lots: Vec<Candidate> = numbered()
        .map(|((n, title), _)| Candidate {
            title: format!("技工《{title}》"),
            ..candidate(n, n, &format!("2024-01-{:02}", n + 9))
        })
        .collect();
    let mut request = Request::new().of(&lots);
    request.rule_set.caps.clear();
    request.rule_set.titles = numbered()
        .map(|((n, title), _)| (entry(n), format!("技工《{title}》")))
        .collect();
    request.rule_set.rules = numbered()
        .map(|((n, title), credits)| ArticulationRule {
            code: format!("JG-{n}"),
            effects: vec![Effect {
                title: title.to_owned(),
                ..effect(100 + n, credits)
            }],
            ..rule(n, 100 + n, credits)
        })
        .collect();
    request
}

fn cap(code: &str, shape: CapShape, most: &str) -> Cap {
    Cap {
        code: code.to_owned(),
        shape,
        most: Most::Credits(hundredths(most)),
        ..programme_cap("35")
    }
}

fn written(lines: &[DecidedLine], request: &Request) -> String {
    let mut text = String::new();
    for line in lines {
        let mut candidates = request.candidates.iter();
        let candidate = candidates.find(|c| c.lot_id == line.lot_id).unwrap();
        let (title, told, used) = (&candidate.title, told(line), line.used);
        writeln!(text, "{title}: {told}, uses {used} {}", candidate.unit).unwrap();
        writeln!(text, "  {}", line.explanation.zh).unwrap();
        writeln!(text, "  {}", line.explanation.en).unwrap();
        if let Some(remedy) = &line.remedy {
            writeln!(text, "  + {}", remedy.zh).unwrap();
            writeln!(text, "  + {}", remedy.en).unwrap();
        }
    }
    text
}

fn decided(request: &Request) -> String {
    written(&request.decide().unwrap().lines, request)
}

#[test]
fn granted_cut_and_refused_under_a_share_of_the_programme() {
    let mut request = learner(&["12", "6", "4", "2"]);
    request.rule_set.caps = vec![programme_cap("35")];
    insta::assert_snapshot!(decided(&request));
}

#[test]
fn granted_without_a_cap() {
    insta::assert_snapshot!(decided(&learner(&["6"])));
}

#[test]
fn cut_by_every_shape_of_cap() {
    let begins = [(3, 1), (9, 1)].map(|(month, day)| MonthDay::new(month, day).unwrap());
    let mut part = cap("C-35", CapShape::Programme, "0");
    part.most = Most::Share(hundredths("35"));
    part.part = Some("COMPULSORY".to_owned());
    let mut kind = cap("ZK-40", CapShape::Source, "0");
    kind.most = Most::Share(hundredths("7.33"));
    kind.categories = vec![Category::Course];
    let caps = [
        cap("P-4", CapShape::Programme, "4"),
        part,
        kind,
        cap("I-5", CapShape::Institution, "5"),
        cap("T-5", CapShape::Period(begins.to_vec()), "5"),
        cap("X-5", CapShape::Certificate, "5"),
        cap("IN-58", CapShape::Inside, "58"),
    ];
    let mut text = String::new();
    for cap in caps {
        let mut request = learner(&["6"]);
        request.rule_set.parts = vec![Part {
            code: "COMPULSORY".to_owned(),
            title: "必修课".to_owned(),
            credits: Some(hundredths("10")),
            courses: [entry(101)].into_iter().collect(),
            replaceable: true,
        }];
        request.rule_set.caps = vec![cap];
        text += &decided(&request);
        // The same with nothing left of it.
        let [cap] = request.rule_set.caps.as_mut_slice() else {
            continue;
        };
        cap.most = match cap.shape {
            CapShape::Inside => Most::Share(hundredths("100")),
            _ => Most::Credits(Hundredths::ZERO),
        };
        text += &decided(&request);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn under_two_caps_the_tighter_one_is_first() {
    let mut request = learner(&["6", "6"]);
    request.rule_set.caps = vec![
        programme_cap("35"),
        cap("I-10", CapShape::Institution, "10"),
    ];
    insta::assert_snapshot!(decided(&request));
}

#[test]
fn refused_for_what_the_outcome_lacks() {
    let lacking = |change: fn(&mut Candidate, &mut Source)| {
        let mut request = learner(&["6"]);
        let source = only_source(&mut request.rule_set.rules[0]);
        change(&mut request.candidates[0], source);
        decided(&request)
    };
    // One lot after the other lacks something else.
    let changes: [fn(&mut Candidate, &mut Source); 13] = [
        |lot, source| {
            lot.grade = "58".parse().unwrap();
            source.minimum_grade = floor("60");
        },
        |lot, source| {
            lot.grade = "medium".parse().unwrap();
            source.minimum_grade = floor("80");
        },
        |lot, source| {
            lot.level = Some(level("CN10", 3));
            source.level_floor = Some(level("CN10", 4));
        },
        |lot, source| {
            lot.level = Some(level("SCQF", 9));
            source.level_floor = Some(level("CN10", 4));
        },
        |_, source| source.level_floor = Some(level("CN10", 4)),
        |lot, source| {
            lot.awarded_on = day("2019-01-10");
            source.earned_within_months = Some(60);
        },
        |lot, _| lot.state = LotState::Usable(hundredths("4")),
        |lot, source| {
            lot.unit = Unit::Hour;
            source.unit = Unit::Hour;
            source.at_least = Some(hundredths("108"));
        },
        |lot, _| lot.state = LotState::HeldElsewhere,
        |lot, _| lot.state = LotState::Used,
        |lot, _| lot.state = LotState::Expired,
        |lot, _| lot.state = LotState::Withdrawn,
        |lot, _| lot.entry_id = entry(77),
    ];
    insta::assert_snapshot!(changes.map(lacking).concat());
}

#[test]
fn refused_for_the_course() {
    let mut request = learner(&["6", "6", "6", "6", "6", "8"]);
    request.rule_set.parts = vec![Part {
        code: "PRACTICE".to_owned(),
        title: "实践环节".to_owned(),
        credits: None,
        courses: [entry(106)].into_iter().collect(),
        replaceable: false,
    }];
    request.history.courses = [entry(101)].into_iter().collect();
    request.history.grants = vec![past(102, hundredths("6"))];
    // Two ways to one course: the older outcome wins.
    request.rule_set.rules[3].effects = request.rule_set.rules[2].effects.clone();
    // And an outcome that stands behind an earlier grant.
    request.history.grants[0].sources = vec![request.candidates[4].source()];
    insta::assert_snapshot!(decided(&request));
}

#[test]
fn several_outcomes_for_one_course() {
    let mut request = learner(&["6", "6", "6", "6", "6", "6"]);
    let of = |n: u128| Condition::Source(source(n));
    let rules = &mut request.rule_set.rules;
    rules.truncate(3);
    rules[0].condition = Condition::AllOf(vec![of(1), of(2)]);
    rules[1].condition = Condition::AllOf(vec![of(3), of(77)]);
    rules[2].condition = Condition::AtLeast {
        needed: 3,
        of: vec![
            of(4),
            of(5),
            of(6),
            Condition::Source(Source {
                entries: Vec::new(),
                categories: vec![Category::SkillCertificate],
                ..source(1)
            }),
        ],
    };
    request.candidates.pop();
    insta::assert_snapshot!(decided(&request));
}

#[test]
fn a_part_of_hours_shared_by_two_lots() {
    let mut request = learner(&["6", "6"]);
    let hours = |n: u128| {
        Condition::Source(Source {
            unit: Unit::Hour,
            ..source(n)
        })
    };
    request.rule_set.rules.truncate(1);
    request.rule_set.rules[0].condition = Condition::AllOf(vec![hours(1), hours(2)]);
    request.rule_set.rules[0].effects[0].gives = Gives::Proportional {
        ratio: Ratio::new(1, 16).unwrap(),
        rounding: Rounding::Down,
    };
    for (lot, usable) in request.candidates.iter_mut().zip(["48", "30.50"]) {
        lot.unit = Unit::Hour;
        lot.state = LotState::Usable(hundredths(usable));
    }
    let mut text = decided(&request);
    request.candidates[0].state = LotState::Usable(hundredths("96"));
    text += &decided(&request);
    request.rule_set.caps = vec![programme_cap("5")];
    text += &decided(&request);
    insta::assert_snapshot!(text);
}

#[test]
fn two_courses_of_which_a_cap_lets_one() {
    let mut request = learner(&["6", "6"]);
    let second = request.rule_set.rules.remove(1);
    request.rule_set.rules[0].effects.extend(second.effects);
    request.rule_set.caps = vec![cap("X-6", CapShape::Certificate, "6")];
    request.candidates.truncate(1);
    insta::assert_snapshot!(decided(&request));
}

#[test]
fn judged_again_after_a_correction() {
    let mut request = learner(&["6"]);
    request.rule_set.caps = vec![programme_cap("35")];
    let stood = request.decide().unwrap().lines;
    request.candidates[0].grade = "58".parse().unwrap();
    let again = rejudge(
        &stood,
        &request.candidates,
        &request.rule_set,
        &request.programme,
        &request.history,
        request.today,
    );
    let mut text = written(&again.unwrap().unwrap(), &request);
    let reversed = reversed_line(stood[0].clone(), "继教合作联盟〔2024〕3号");
    text += &written(&[reversed], &request);
    insta::assert_snapshot!(text);
}
