//! Lots of several units under one rule: none of them is counted in another one's unit.

use proptest::prelude::*;

use super::*;

/// A rule that needs so many lots of credits and so many of hours, and gives a course of 6.00.
fn request(credits: &[i64], hours: &[i64]) -> Request {
    let amounts = credits.iter().chain(hours);
    let lots = (1_u128..).zip(amounts).map(|(number, amount)| {
        let mut lot = candidate(number, number, "2024-01-10");
        let amount = Hundredths::new(*amount).unwrap();
        (lot.issued, lot.state) = (amount, LotState::Usable(amount));
        lot
    });
    let mut lots: Vec<Candidate> = lots.collect();
    for lot in &mut lots[credits.len()..] {
        lot.unit = Unit::Hour;
    }
    let sources = lots.iter().map(|lot| {
        let number = lot.entry_id.as_uuid().as_u128();
        Condition::Source(Source {
            unit: lot.unit,
            ..source(number)
        })
    });
    let mut request = Request::new().of(&lots);
    let mut rule = rule(1, 101, "6");
    rule.condition = Condition::AllOf(sources.collect());
    request.rule_set.rules = vec![rule];
    request
}

fn shares(credits: &[i64], hours: &[i64]) -> Vec<i64> {
    let decision = request(credits, hours).decide().unwrap();
    assert_eq!(decision.total.to_string(), "6.00");
    let lines = decision.lines.iter();
    lines.map(|line| line.granted.get()).collect()
}

#[test]
fn each_lot_of_another_unit_carries_as_much_and_of_one_unit_by_its_amount() {
    // 3.00 credits and 48.00 hours: by the bare numbers it would be 0.35 to 5.65.
    assert_eq!(shares(&[300], &[4_800]), [300, 300]);
    assert_eq!(shares(&[300, 300], &[4_800]), [200, 200, 200]);
    assert_eq!(shares(&[100, 300], &[4_800]), [100, 300, 200]);
    // One unit alone is divided by its amounts, as ever.
    assert_eq!(shares(&[100, 500], &[]), [100, 500]);
}

proptest! {
    #[test]
    fn counting_a_unit_in_smaller_pieces_changes_no_share(
        credits in prop::collection::vec(1_i64..2_000, 1..4),
        hours in prop::collection::vec(1_i64..2_000, 1..4),
        pieces in 1_i64..1_000,
    ) {
        let smaller: Vec<i64> = hours.iter().map(|amount| amount * pieces).collect();
        prop_assert_eq!(shares(&credits, &hours), shares(&credits, &smaller));
    }

    #[test]
    fn the_shares_are_the_whole_and_no_lot_carries_nothing(
        credits in prop::collection::vec(1_i64..2_000, 0..4),
        hours in prop::collection::vec(1_i64..2_000, 1..4),
    ) {
        let shares = shares(&credits, &hours);
        prop_assert_eq!(shares.iter().sum::<i64>(), 600);
        prop_assert!(shares.iter().all(|share| *share > 0), "{:?}", shares);
        // What the lots of one unit carry does not depend on how much of another there is.
        let per_unit: i64 = shares[..credits.len()].iter().sum();
        let lots = i64::try_from(shares.len()).unwrap();
        let counted = i64::try_from(credits.len()).unwrap();
        prop_assert!((per_unit * lots - 600 * counted).abs() <= 2 * lots, "{:?}", shares);
    }
}
