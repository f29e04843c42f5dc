use super::*;

#[test]
fn a_reason_is_told_with_its_figures_behind_it_where_there_are_any() {
    let check = |figures: &str, zh: &str, en: &str| {
        let fault = Fault::of_reason(ReasonCode::GradeTooLow, figures);
        assert_eq!(fault, Fault::new("GRADE_TOO_LOW", zh, en));
    };
    check("", "成绩低于最低要求", "the grade is below the minimum");
    check(
        "58.00 < 60.00",
        "成绩低于最低要求(58.00 < 60.00)",
        "the grade is below the minimum (58.00 < 60.00)",
    );
}

#[test]
fn a_refusal_keeps_its_code_and_its_figures() {
    let refusal = Refusal {
        code: ReasonCode::NotYetEarned,
        detail: "2024-07-02 > 2024-07-01".to_owned(),
    };
    let fault = Fault::from(&refusal);
    assert_eq!(fault.code, "NOT_YET_EARNED");
    assert_eq!(fault.zh, "成果日期在未来(2024-07-02 > 2024-07-01)");
    assert_eq!(
        fault.to_string(),
        "NOT_YET_EARNED: the outcome's date lies in the future (2024-07-02 > 2024-07-01)"
    );
}
