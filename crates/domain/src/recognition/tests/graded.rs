use super::*;
use crate::grading::GradingScheme;
use crate::grading::tests::{five, german};

fn graded(scheme: &GradingScheme, grade: &str, minimum: &str, expected: &str) {
    let mut post = Post::new().graded(grade.parse().unwrap());
    post.version.grading = Some(scheme.clone());
    post.version.minimum_grade = minimum.parse().unwrap();
    check(&post, expected);
}

#[test]
fn the_versions_scheme_says_what_is_a_grade_and_what_passes_and_repeats_none_that_is_not() {
    graded(&german(), "1.3", "pass", EARNED);
    graded(&german(), "4", "pass", EARNED);
    graded(&german(), "4.3", "pass", "nothing: GRADE_TOO_LOW");
    graded(&german(), "2.7", "2.5", "nothing: GRADE_TOO_LOW");
    graded(
        &german(),
        "5.01",
        "pass",
        "GRADE_NOT_IN_SCHEME: DE: 5.00 – 1.00",
    );
    graded(
        &german(),
        "87",
        "pass",
        "GRADE_NOT_IN_SCHEME: DE: 5.00 – 1.00",
    );
    graded(&five(), "good", "pass", EARNED);
    graded(
        &five(),
        "85",
        "pass",
        "GRADE_NOT_IN_SCHEME: CN5: 优秀、良好、中等、及格、不及格",
    );
    graded(
        &five(),
        "A",
        "pass",
        "GRADE_NOT_IN_SCHEME: CN5: 优秀、良好、中等、及格、不及格",
    );
    // No grade of any scheme.
    graded(&german(), "exempted", "pass", EARNED);
    graded(
        &german(),
        "absent",
        "pass",
        "nothing: RESULT_WITHOUT_CREDIT",
    );
}
