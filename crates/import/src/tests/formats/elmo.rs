use super::*;

const NAMESPACE: &str = "https://github.com/emrex-eu/elmo-schemas/tree/v1";

fn learner(number: &str, given: &str, family: &str) -> String {
    format!(
        "<learner><citizenship>CN</citizenship>\
         <identifier type=\"studentNumber\">{number}</identifier>\
         <givenNames>{given}</givenNames><familyName>{family}</familyName></learner>"
    )
}

fn specification(code: &str, instance: &str, parts: &str) -> String {
    format!(
        "<learningOpportunitySpecification><identifier type=\"local\">{code}</identifier>\
         <title xml:lang=\"en\">{code}</title><specifies><learningOpportunityInstance>{instance}\
         </learningOpportunityInstance></specifies>{parts}</learningOpportunitySpecification>"
    )
}

fn part(inner: &str) -> String {
    format!("<hasPart>{inner}</hasPart>")
}

fn passed(label: &str, credits: &str) -> String {
    format!(
        "<date>2024-06-30</date><status>passed</status><resultLabel>{label}</resultLabel>\
         <credit><scheme>学分</scheme><value>{credits}</value></credit>"
    )
}

fn elmo(learner: &str, report: &str) -> String {
    format!("<elmo xmlns=\"{NAMESPACE}\">{learner}<report>{report}</report></elmo>")
}

#[test]
fn a_programme_its_modules_and_their_courses_count_once() {
    let courses_of_module = [
        part(&specification("C1", &passed("85", "3"), "")),
        part(&specification("C2", &passed("90", "2"), "")),
    ]
    .concat();
    let module = part(&specification(
        "MOD",
        &passed("87", "5"),
        &courses_of_module,
    ));
    let lecture = part(&specification("L", "<status>passed</status>", ""));
    let course_alone = part(&specification("C3", &passed("70", "4"), &lecture));
    let programme = specification(
        "PROG",
        "<credit><scheme>学分</scheme><value>9</value></credit>",
        &[module, course_alone].concat(),
    );
    let running = specification(
        "C4",
        "<status>in-progress</status><date>2024-06-30</date>",
        "",
    );
    let file = TestFile::new(elmo(
        &learner("007", "三", "张"),
        &[programme, running].concat(),
    ));
    let lines = file.read().unwrap();
    let expected = [
        course("C1", "85.00", "2024-06-30", Some(300)),
        course("C2", "90.00", "2024-06-30", Some(200)),
        course("C3", "70.00", "2024-06-30", Some(400)),
    ];
    assert_eq!(courses(&lines), expected);
    assert_eq!(faults(&lines), [(4, vec!["RESULT_NOT_YET"])]);
    assert_eq!(lines[0].report().unwrap().learner, named("007", "张三"));
    let told = &lines[3].content.as_ref().unwrap_err()[0];
    assert!(
        told.en
            .contains("/elmo/report/learningOpportunitySpecification[2]"),
        "{}",
        told.en
    );
    assert_comes_back(&file, &options());
}

#[test]
fn an_answer_of_ewp_holds_many_people_s_transcripts() {
    let one = |number: &str, name: &str| {
        format!(
            "<tor><omobility-id>{number}</omobility-id>{}</tor>",
            elmo(
                &learner(number, name, "王"),
                &specification("C1", &passed("85", "3"), "")
            )
        )
    };
    let nobody = format!(
        "<tor>{}</tor>",
        elmo("", &specification("C1", &passed("85", "3"), ""))
    );
    for root in ["tors-get-response", "imobility-tors-get-response"] {
        let file = TestFile::new(format!(
            "<{root} xmlns=\"https://github.com/erasmus-without-paper/x\">{}{}{nobody}</{root}>",
            one("1", "一"),
            one("2", "二")
        ));
        let lines = file.read().unwrap();
        let learners: Vec<_> = lines
            .iter()
            .filter_map(|line| Some(line.report()?.learner.clone()))
            .collect();
        assert_eq!(learners, [named("1", "王一"), named("2", "王二")]);
        assert_eq!(
            faults(&lines),
            [(3, vec!["NAME_MISSING", "LEARNER_MISSING"])],
            "nobody inherits the transcript before"
        );
    }
}

#[test]
fn a_result_holds_no_formula_and_both_languages() {
    let inner = specification("=HYPERLINK(1)", &passed("85", "3"), "");
    let file = TestFile::new(elmo(&learner("007", "三", "张"), &inner));
    let result = result_of(&file, &options());
    assert!(
        result.starts_with('\u{FEFF}'),
        "a spreadsheet needs the mark"
    );
    assert!(result.contains(",'=HYPERLINK(1),"), "{result}");
    assert!(
        result.contains("已拒绝,OUTCOME_UNKNOWN,第1行,unknown"),
        "{result}"
    );
}
