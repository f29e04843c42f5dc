//! The cap on what conversions fill of a programme, and the order in which they fill it.

use super::*;

#[test]
fn one_item_may_fill_the_cap_to_the_last_hundredth_and_is_cut_beyond() {
    let granted_before = |credits: &str, expected: &str| {
        check(&Request::new().granted_before(credits), &[expected]);
    };
    granted_before("0", "granted 6.00 of 6.00");
    granted_before("15.69", "granted 6.00 of 6.00");
    granted_before("15.70", "granted 6.00 of 6.00");
    granted_before("15.71", "cut 5.99 of 6.00: CAP_PROGRAMME");
    granted_before("18", "cut 3.70 of 6.00: CAP_PROGRAMME");
    granted_before("21.69", "cut 0.01 of 6.00: CAP_PROGRAMME");
    granted_before("21.70", "refused 0.00 of 6.00: CAP_PROGRAMME");
    granted_before("21.71", "refused 0.00 of 6.00: CAP_PROGRAMME");
    granted_before("62", "refused 0.00 of 6.00: CAP_PROGRAMME");
}

#[test]
fn an_item_across_the_cap_is_explained_to_the_hundredth_in_both_languages() {
    let explained = |credits: &str, en: &str, zh: &str| {
        let request = Request::new().granted_before(credits);
        let decision = request.decide().unwrap();
        hold(&request, &decision);
        assert_eq!(decision.lines[0].explanation.en, en);
        assert_eq!(decision.lines[0].explanation.zh, zh);
    };
    explained(
        "18",
        "课程101: P-35: 35 % of 62.00 = 21.70; used 18.00; left 3.70; granted 3.70 of 6.00, \
         under 继教合作联盟〔2021〕12号 (ANHUI-TECH version 2 R1)",
        "依据继教合作联盟〔2021〕12号(ANHUI-TECH 第2版 R1):课程101;P-35:62.00 的 35 % = 21.70;\
         已用 18.00;剩余 3.70;申请 6.00,授予 3.70",
    );
    explained(
        "30",
        "课程101: P-35: 35 % of 62.00 = 21.70; used 30.00; left 0.00; granted 0.00 of 6.00, \
         under 继教合作联盟〔2021〕12号 (ANHUI-TECH version 2 R1)",
        "依据继教合作联盟〔2021〕12号(ANHUI-TECH 第2版 R1):课程101;P-35:62.00 的 35 % = 21.70;\
         已用 30.00;剩余 0.00;申请 6.00,授予 0.00",
    );
}

#[test]
fn what_an_earlier_line_of_the_request_uses_stands_in_the_next_ones_figures() {
    let request = Request::new().of(&[
        candidate(1, 3, "2024-01-10"),
        candidate(2, 1, "2024-01-11"),
        candidate(3, 2, "2024-01-12"),
    ]);
    let decision = request.decide().unwrap();
    let figures = [
        "35 % of 62.00 = 21.70; used 0.00; left 21.70; granted 12.00 of 12.00",
        "35 % of 62.00 = 21.70; used 12.00; left 9.70; granted 6.00 of 6.00",
        "35 % of 62.00 = 21.70; used 18.00; left 3.70; granted 3.70 of 4.00",
    ];
    for (line, figures) in decision.lines.iter().zip(figures) {
        let en = &line.explanation.en;
        assert!(en.contains(figures), "{en}\n{figures}");
    }
}

#[test]
fn the_cap_is_a_share_of_the_programme_rounded_down() {
    let share = |share: &str, total: &str, expected: &str, figures: &str| {
        let request = Request::new().share_of(share, total);
        check(&request, &[expected]);
        let decision = request.decide().unwrap();
        let en = &decision.lines[0].explanation.en;
        assert!(en.contains(figures), "{en}\n{figures}");
    };
    share("100", "6", "granted 6.00 of 6.00", "100 % of 6.00 = 6.00;");
    share(
        "99.99",
        "6",
        "cut 5.99 of 6.00: CAP_PROGRAMME",
        "99.99 % of 6.00 = 5.99;",
    );
    share(
        "33.33",
        "18",
        "cut 5.99 of 6.00: CAP_PROGRAMME",
        "33.33 % of 18.00 = 5.99;",
    );
    share(
        "12.5",
        "48",
        "granted 6.00 of 6.00",
        "12.50 % of 48.00 = 6.00;",
    );
    share(
        "0.01",
        "99.99",
        "refused 0.00 of 6.00: CAP_PROGRAMME",
        "0.01 % of 99.99 = 0.00;",
    );
    share(
        "0.01",
        "100",
        "cut 0.01 of 6.00: CAP_PROGRAMME",
        "0.01 % of 100.00 = 0.01;",
    );
    share(
        "0",
        "62",
        "refused 0.00 of 6.00: CAP_PROGRAMME",
        "0 % of 62.00 = 0.00;",
    );
    share(
        "35",
        "0",
        "refused 0.00 of 6.00: CAP_PROGRAMME",
        "35 % of 0.00 = 0.00;",
    );
}

#[test]
fn a_programme_revised_from_80_to_78_credits_moves_its_cap() {
    let revised = |total: &str, before: &str, expected: &str| {
        let request = Request::new().share_of("35", total);
        check(&request.granted_before(before), &[expected]);
    };
    revised("80", "22", "granted 6.00 of 6.00");
    revised("78", "22", "cut 5.30 of 6.00: CAP_PROGRAMME");
    revised("78", "21.30", "granted 6.00 of 6.00");
    // Filled under the old total: nothing is taken away and nothing more is given.
    revised("80", "28", "refused 0.00 of 6.00: CAP_PROGRAMME");
    revised("78", "28", "refused 0.00 of 6.00: CAP_PROGRAMME");
}

#[test]
fn the_oldest_outcomes_fill_the_cap_wherever_they_stand() {
    // Posted in the other order than achieved.
    let oldest = candidate(3, 3, "2024-01-09");
    let middle = candidate(2, 1, "2024-01-10");
    let newest = candidate(1, 2, "2024-01-11");
    let (first, second, third) = (
        "granted 12.00 of 12.00",
        "granted 6.00 of 6.00",
        "cut 3.70 of 4.00: CAP_PROGRAMME",
    );
    let ask = |candidates: [&Candidate; 3], expected: [&str; 3]| {
        check(&Request::new().of(&candidates.map(Clone::clone)), &expected);
    };
    ask([&oldest, &middle, &newest], [first, second, third]);
    ask([&oldest, &newest, &middle], [first, third, second]);
    ask([&middle, &oldest, &newest], [second, first, third]);
    ask([&middle, &newest, &oldest], [second, third, first]);
    ask([&newest, &oldest, &middle], [third, first, second]);
    ask([&newest, &middle, &oldest], [third, second, first]);
}

#[test]
fn outcomes_of_one_day_fill_the_cap_by_their_id() {
    let (low, high) = (candidate(1, 2, "2024-01-10"), candidate(2, 1, "2024-01-10"));
    let request = Request::new().granted_before("14");
    let (whole, part) = ("granted 4.00 of 4.00", "cut 3.70 of 6.00: CAP_PROGRAMME");
    check(
        &request.clone().of(&[low.clone(), high.clone()]),
        &[whole, part],
    );
    check(&request.of(&[high, low]), &[part, whole]);
}

#[test]
fn after_the_cap_is_reached_even_the_smallest_line_gets_nothing() {
    let mut request = Request::new()
        .granted_before("18")
        .of(&[candidate(1, 1, "2024-01-10"), candidate(2, 2, "2024-01-11")]);
    request.rule_set.rules[1] = rule(2, 102, "0.01");
    let cut = "cut 3.70 of 6.00: CAP_PROGRAMME";
    check(&request, &[cut, "refused 0.00 of 0.01: CAP_PROGRAMME"]);
    let request = request.granted_before("15.69");
    check(&request, &["granted 6.00 of 6.00", "granted 0.01 of 0.01"]);
}

#[test]
fn sums_beyond_64_bits_are_an_error_and_not_a_grant() {
    let mut request = Request::new();
    request.programme.total_credits = Hundredths::new(i64::MAX).unwrap();
    request.rule_set.caps = vec![programme_cap("100")];
    check(&request, &["granted 6.00 of 6.00"]);
    request.history.grants = vec![past(900, Hundredths::new(i64::MAX).unwrap())];
    check(&request, &["refused 0.00 of 6.00: CAP_PROGRAMME"]);
    request.rule_set.caps = vec![programme_cap("100.01")];
    assert_eq!(request.decide(), Err(AmountError::Overflow));
}
