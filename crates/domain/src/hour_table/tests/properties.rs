use proptest::prelude::*;

use super::*;
use crate::reason::ReasonCode;

proptest! {
    #[test]
    fn roundings_are_what_their_names_say(
        size in 1_u32..200_000, every in 1_u32..5_000, amount in 1_i64..5_000, step in 1_i64..500
    ) {
        let worth = |rounding| {
            let (amount, step) = (Hundredths::new(amount).unwrap(), Hundredths::new(step).unwrap());
            let mut table = table();
            table.caps.clear();
            table.rows = vec![row("R", sized("x", SizeUnit::Minutes, 0, 0), Gives::PerSize { every, amount, step, rounding })];
            match hours(&table, &sized_facts("x", SizeUnit::Minutes, size), &[]) {
                Ok(decided) => Some(decided.given.hundredths().get()),
                Err(refusal) if refusal.code == ReasonCode::NotInTable => Some(0),
                Err(_) => None,
            }
        };
        if let (Some(down), Some(nearest), Some(up)) =
            (worth(Rounding::Down), worth(Rounding::Nearest), worth(Rounding::Up))
        {
            let exact = i128::from(size) * i128::from(amount);
            let times = |worth: i64| i128::from(worth) * i128::from(every);
            prop_assert!(times(down) <= exact && exact < times(down + step));
            prop_assert!(times(up) >= exact && exact > times(up - step));
            prop_assert!(nearest == down || nearest == up);
            let (below, above) = (exact - times(down), times(up) - exact);
            prop_assert_eq!(nearest == up, above <= below || up == down);
            prop_assert_eq!((down % step, up % step), (0, 0));
        }
    }

    #[test]
    fn a_years_hours_never_exceed_its_cap_in_whatever_order(
        claims in prop::collection::vec((0_u32..700, 1_u32..9, any::<bool>()), 1..30)
    ) {
        let table = table();
        let mut before: Vec<EarlierHours> = Vec::new();
        for (days, rank, class_a) in claims {
            let done_on = day("2024-12-01") + chrono::Days::new(days.into());
            let facts = ActivityFacts { done_on, ..project(if class_a { "A" } else { "B" }, rank, "2025-01-01") };
            if let Ok(decided) = hours(&table, &facts, &before) {
                before.push(EarlierHours { activity: facts.activity, done_on, given: decided.given.hundredths() });
            }
        }
        for year in ["2024", "2025", "2026"] {
            let of_year = before.iter().filter(|one| one.done_on.to_string().starts_with(year));
            prop_assert!(Hundredths::sum(of_year.map(|one| one.given)).unwrap() <= h("50"));
        }
    }

    #[test]
    fn a_sound_table_has_one_row_at_most_for_any_facts(
        spans in prop::collection::vec((1_u32..6, 0_u32..4, 0_u32..3), 1..5), rank in 1_u32..9, class in 0_u32..3
    ) {
        let name = |class: u32| match class { 0 => "A", 1 => "B", _ => "C" };
        let mut table = table();
        table.rows = spans.iter().enumerate().map(|(n, (from, more, class))| {
            row(&format!("R{n}"), ranked(name(*class), *from, from + more), Gives::Fixed(h("1")))
        }).collect();
        let fitting = spans.iter().filter(|(from, more, of)| *of == class && (*from..=from + more).contains(&rank)).count();
        table.caps.clear();
        if table.check().is_ok() {
            prop_assert!(fitting <= 1);
            let decided = hours(&table, &project(name(class), rank, "2025-01-01"), &[]);
            prop_assert_eq!(decided.is_ok(), fitting == 1);
        }
    }
}
