//! Decisions judged again, rehearsed and asked for without asking.

use super::*;

fn rejudged(request: &Request, stood: &[DecidedLine]) -> Option<Vec<String>> {
    let Request {
        candidates,
        rule_set,
        programme,
        history,
        today,
    } = request;
    let lines = rejudge(stood, candidates, rule_set, programme, history, *today).unwrap();
    lines.map(|lines| lines.iter().map(told).collect())
}

fn usable(text: &str) -> LotState {
    LotState::Usable(hundredths(text))
}

#[test]
fn what_still_stands_is_left_alone_and_what_fell_is_taken_back() {
    let mut request = Request::new();
    let stood = request.decide().unwrap().lines;
    assert_eq!(rejudged(&request, &stood), None);
    // A better grade gives nothing more, a worse one that is good enough takes nothing.
    request.candidates[0].grade = "61".parse().unwrap();
    assert_eq!(rejudged(&request, &stood), None);
    request.candidates[0].grade = "58".parse().unwrap();
    let fallen = Some(vec!["refused 0.00 of 6.00: GRADE_TOO_LOW".to_owned()]);
    assert_eq!(rejudged(&request, &stood), fallen);
    // By that rule only, even where another one would take the outcome.
    let mut other = rule(1, 102, "4");
    other.code = "R9".to_owned();
    only_source(&mut other).minimum_grade = floor("50");
    request.rule_set.rules.push(other);
    assert_eq!(rejudged(&request, &stood), fallen);
}

#[test]
fn what_was_cut_stays_cut_even_where_there_is_room_now() {
    let request = Request::new().granted_before("18");
    let stood = request.decide().unwrap().lines;
    assert_eq!(told(&stood[0]), "cut 3.70 of 6.00: CAP_PROGRAMME");
    let mut now = Request::new();
    assert_eq!(rejudged(&now, &stood), None);
    now.history.grants = vec![past(900, hundredths("20"))];
    let less = Some(vec!["cut 1.70 of 6.00: CAP_PROGRAMME".to_owned()]);
    assert_eq!(rejudged(&now, &stood), less);
}

#[test]
fn a_smaller_amount_of_hours_gives_a_smaller_part() {
    let mut request = Request::new();
    let rules = &mut request.rule_set.rules;
    rules[0].effects[0].gives = Gives::Proportional {
        ratio: Ratio::new(1, 16).unwrap(),
        rounding: Rounding::Down,
    };
    *only_source(&mut rules[0]) = Source {
        unit: Unit::Hour,
        ..source(1)
    };
    request.candidates[0].unit = Unit::Hour;
    request.candidates[0].state = usable("48");
    let stood = request.decide().unwrap().lines;
    assert_eq!(told(&stood[0]), "granted 3.00 of 3.00");
    // More hours change nothing, for more can be asked for.
    request.candidates[0].state = usable("64");
    assert_eq!(rejudged(&request, &stood), None);
    request.candidates[0].state = usable("32");
    let less = Some(vec!["cut 2.00 of 3.00: HOURS_TOO_FEW".to_owned()]);
    assert_eq!(rejudged(&request, &stood), less);
}

#[test]
fn of_two_courses_both_fall_with_the_certificate_and_a_refused_one_stays_as_it_was() {
    let mut request = Request::new();
    let rules = &mut request.rule_set.rules;
    rules[0].effects.push(effect(102, "4"));
    rules[0].effects.push(effect(103, "12"));
    request.history.courses = [entry(103)].into_iter().collect();
    let stood = request.decide().unwrap().lines;
    assert_eq!(stood.len(), 3);
    assert_eq!(rejudged(&request, &stood), None);
    request.candidates[0].state = LotState::Withdrawn;
    let fallen = [
        "refused 0.00 of 6.00: OUTCOME_WITHDRAWN",
        "refused 0.00 of 4.00: OUTCOME_WITHDRAWN",
        "refused 0.00 of 12.00: COURSE_ALREADY_CONVERTED",
    ];
    let fallen = fallen.map(str::to_owned).to_vec();
    assert_eq!(rejudged(&request, &stood), Some(fallen.clone()));
    // Where no lot took its place at all.
    request.candidates.clear();
    assert_eq!(rejudged(&request, &stood), Some(fallen));
}

#[test]
fn a_lot_that_took_anothers_place_carries_its_lines() {
    let mut request = Request::new();
    let stood = request.decide().unwrap().lines;
    let heir = |state: LotState| Candidate {
        state,
        ..candidate(9, 1, "2024-01-10")
    };
    request.candidates = vec![heir(usable("6"))];
    assert_eq!(rejudged(&request, &stood), None);
    // It has less than was used of the old one, while the rule asks for no amount.
    only_source(&mut request.rule_set.rules[0]).at_least = None;
    request.candidates = vec![heir(usable("2"))];
    let Request {
        candidates,
        rule_set,
        programme,
        history,
        today,
    } = &request;
    let lines = rejudge(&stood, candidates, rule_set, programme, history, *today).unwrap();
    let line = &lines.unwrap()[0];
    assert_eq!(line.lot_id, request.candidates[0].lot_id);
    assert_eq!(told(line), "granted 6.00 of 6.00");
    assert_eq!(line.used.to_string(), "2.00");
}

#[test]
fn a_reversed_line_gives_everything_back() {
    let line = Request::new().decide().unwrap().lines.remove(0);
    let reversed = reversed_line(line.clone(), "继教合作联盟〔2024〕3号");
    assert_eq!(told(&reversed), "refused 0.00 of 6.00: CONVERSION_REVERSED");
    assert!(reversed.used.is_zero() && reversed.lot_id == line.lot_id);
    assert!(reversed.explanation.zh.contains("继教合作联盟〔2024〕3号"));
}

#[test]
fn a_rehearsal_names_the_lines_that_change_and_by_how_much() {
    let request =
        Request::new().of(&[candidate(1, 1, "2024-01-10"), candidate(2, 2, "2024-01-11")]);
    let old = request.decide().unwrap();
    assert!(rehearse(&old, &old).is_empty());
    let mut draft = request;
    draft.rule_set.version = 3;
    draft.rule_set.caps = vec![programme_cap("15")];
    let new = draft.decide().unwrap();
    let changes = rehearse(&old, &new);
    assert_eq!(
        changes.result,
        (RequestResult::Granted, RequestResult::Partly)
    );
    let totals = (changes.total_before, changes.total_now);
    assert_eq!(totals, (hundredths("10"), hundredths("9.30")));
    let [line] = changes.lines.as_slice() else {
        panic!("{changes:#?}");
    };
    assert_eq!(line.lot_id, draft.candidates[1].lot_id);
    assert_eq!(
        (line.old.clone(), line.granted_before),
        (Some(Verdict::Granted), hundredths("4"))
    );
    assert_eq!(line.new, Some(Verdict::Cut(ReasonCode::CapProgramme)));
    assert_eq!(line.granted_now, hundredths("3.30"));
}

fn outlook(request: &Request) -> Outlook {
    let prospect = Prospect {
        programme: &request.programme,
        rule_set: &request.rule_set,
        history: &request.history,
    };
    let outlooks = what_if(&request.candidates, &[prospect], request.today).unwrap();
    assert_eq!(
        outlooks[0].decision,
        request.decide().unwrap(),
        "as a request would"
    );
    outlooks.into_iter().next().unwrap()
}

#[test]
fn an_outlook_is_a_match_a_maybe_or_a_miss_with_what_is_missing() {
    let check = |request: &Request, fit: Fit, percent: &str, missing: &[(&str, Option<&str>)]| {
        let outlook = outlook(request);
        let named = outlook.missing.iter().map(|course| {
            let remedy = course.remedy.as_ref().map(|remedy| remedy.en.as_str());
            (course.title.as_str(), remedy)
        });
        assert_eq!(named.collect::<Vec<_>>(), missing);
        assert_eq!(
            (outlook.fit, outlook.percent.to_string().as_str()),
            (fit, percent)
        );
    };
    // The rules could give 22.00, the cap lets 21.70.
    let mut request = Request::new();
    let (two, three) = (
        ("课程102", Some("a listed outcome")),
        ("课程103", Some("a listed outcome")),
    );
    check(&request, Fit::Maybe, "27.64", &[two, three]);
    request.candidates[0].grade = "58".parse().unwrap();
    let grade = ("课程101", Some("grade 60.00 instead of 58.00"));
    check(&request, Fit::Miss, "0.00", &[grade, two, three]);
    let all: Vec<Candidate> = (1..=3).map(|n| candidate(n, n, "2024-01-10")).collect();
    check(&request.clone().of(&all), Fit::Match, "100.00", &[]);
    // What stands granted counts, what the learner has anyway is not asked for.
    let mut later = request.clone().of(&all[1..2]);
    later.history.grants = vec![past(101, hundredths("6"))];
    later.history.courses = [entry(101), entry(103)].into_iter().collect();
    check(&later, Fit::Match, "100.00", &[]);
    // Nothing may be converted at all.
    let none = request.share_of("0", "62");
    check(
        &none.of(&all[..1]),
        Fit::Miss,
        "0.00",
        &[
            ("课程101", Some("6.00 credits more room under P-35")),
            two,
            three,
        ],
    );
}
