use proptest::prelude::*;

use super::*;

#[test]
fn decimal_texts_are_read_exactly_or_refused() {
    let check = |text: &str, expected: Result<i64, AmountError>| {
        assert_eq!(
            text.parse::<Hundredths>().map(Hundredths::get),
            expected,
            "{text}"
        );
    };
    check("3", Ok(300));
    check("3.5", Ok(350));
    check("3.50", Ok(350));
    check("3.500", Ok(350));
    check("0.01", Ok(1));
    check("1000000.00", Ok(100_000_000));
    check("1000000.01", Err(AmountError::TooLarge));
    check("99999999999999999999", Err(AmountError::TooLarge));
    check("3.505", Err(AmountError::TooManyDecimals));
    check("", Err(AmountError::Empty));
    check(".", Err(AmountError::NotANumber));
    check(".5", Err(AmountError::NotANumber));
    check("5.", Err(AmountError::NotANumber));
    check("-1", Err(AmountError::NotANumber));
    check("+1", Err(AmountError::NotANumber));
    check("1e3", Err(AmountError::NotANumber));
    check("1.2.3", Err(AmountError::NotANumber));
    check("٣", Err(AmountError::NotANumber));
}

#[test]
fn an_amount_is_never_zero() {
    assert_eq!(
        Amount::new(Unit::Credit, Hundredths::ZERO),
        Err(AmountError::NotPositive)
    );
    assert!(Amount::new(Unit::Credit, Hundredths(1)).is_ok());
}

#[test]
fn a_share_rounds_down() {
    let share = |base: &str, percent: &str| {
        let base: Hundredths = base.parse().unwrap();
        base.share_rounded_down(percent.parse().unwrap())
            .unwrap()
            .to_string()
    };
    assert_eq!(share("62.00", "35"), "21.70");
    assert_eq!(share("62.01", "35"), "21.70");
    assert_eq!(share("80.00", "33.33"), "26.66");
    assert_eq!(share("0.01", "99.99"), "0.00");
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in 0..=Hundredths::MAX.0) {
        let amount = Hundredths(value);
        prop_assert_eq!(amount.to_string().parse::<Hundredths>(), Ok(amount));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}") {
        let _ = text.parse::<Hundredths>();
    }

    #[test]
    fn minus_undoes_plus(a in 0..1_000_000_000_i64, b in 0..1_000_000_000_i64) {
        let (a, b) = (Hundredths(a), Hundredths(b));
        prop_assert_eq!(a.plus(b).and_then(|sum| sum.minus(b)), Ok(a));
    }

    #[test]
    fn a_share_never_exceeds_the_exact_one(base in 0..10_000_000_i64, share in 0..=10_000_i64) {
        let got = Hundredths(base).share_rounded_down(Hundredths(share)).unwrap().get();
        prop_assert!(got * 10_000 <= base * share);
        prop_assert!((got + 1) * 10_000 > base * share);
    }
}
