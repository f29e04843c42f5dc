//! What a word for a level means is asked where it matters, and remembered.

use creditbank_domain::level::LevelFramework;
use creditbank_ledger::flows::NewCatalogueVersion;
use serde_json::json;

use super::*;

/// Certificates of one course that has a level on the framework, and of one that has none.
fn certificates(word: &str, first: usize) -> String {
    let mut text = "学号,学期,课程代码,学分,成绩,技能等级\r\n".to_owned();
    for (line, (course, level)) in [
        ("LEVELLED", word),
        ("LEVELLED", "高级工"),
        ("PLAIN", word),
        ("LEVELLED", word),
        ("PLAIN", "普通话"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = first + line;
        text += &format!("S{number:06},2024-2025-1,{course},4,70,{level}\r\n");
    }
    text
}

#[test]
fn words_for_levels_are_asked_where_the_course_has_one_and_remembered() {
    let office = Office::open();
    let skills = LevelFramework {
        code: "SKILL8".to_owned(),
        name_zh: "职业技能等级".to_owned(),
        name_en: "skill levels".to_owned(),
        lowest: 1,
        highest: 8,
        source: "a test".to_owned(),
    };
    let (ledger, now) = (office.bank.ledger(), office.bank.now());
    flows::register_frameworks(ledger, &kit::keeper(), &[skills], &[], now).unwrap();
    let levelled = kit::course(UNIVERSITY, "LEVELLED", "4.00");
    let levelled = NewCatalogueVersion {
        level: Some("SKILL8:4".parse().unwrap()),
        ..levelled
    };
    let plain = kit::course(UNIVERSITY, "PLAIN", "4.00");
    office.bank.publish(&[levelled, plain]);
    let job = office.hand_in(UNIVERSITY, &certificates("三级", 0));
    office.work();
    let (_, questions) = office.asked(&job);
    assert_eq!((questions.missing, office.outcomes()), (None, 0));
    let asked = &questions.level_words;
    assert_eq!(
        asked.len(),
        1,
        "{asked:?}: a word that no entry needs is no question"
    );
    let word = &asked[0];
    assert_eq!(
        (
            word.text.as_str(),
            word.lines,
            word.first_line,
            word.courses.join(" ").as_str()
        ),
        ("三级", 2, 2, "LEVELLED")
    );
    let column = questions.columns.iter().find(|it| it.heading == "技能等级");
    assert_eq!(column.unwrap().samples, ["三级", "高级工", "普通话"]);
    // What is no level is no answer, and changes nothing.
    let nonsense = json!({ "level_words": { "三级": "很高" } });
    assert_eq!(office.answer(&job, &nonsense), Err("MAPPING_INVALID"));
    assert_eq!(office.state(&job), ImportJobState::AwaitingAnswers);
    office
        .answer(&job, &json!({ "level_words": { "三级": "SKILL8:4" } }))
        .unwrap();
    office.work();
    assert_eq!(
        (office.state(&job), office.outcomes()),
        (ImportJobState::Finished, 5)
    );
    // Remembered for this layout and this institution.
    let next = office.hand_in(UNIVERSITY, &certificates("三级", 40));
    office.work();
    assert_eq!(
        (office.state(&next), office.outcomes()),
        (ImportJobState::Finished, 10)
    );
    // Not asked, it is rejected line by line as before; another word is another question.
    let other = office.hand_in(UNIVERSITY, &certificates("中级", 80));
    office.work();
    let (_, questions) = office.asked(&other);
    assert_eq!(questions.level_words[0].text, "中级");
    let (grant, none) = (office.registrar(UNIVERSITY), Some(QuestionsWanted::None));
    office.answer_as(&grant, &other, &json!({}), none).unwrap();
    office.work();
    assert_eq!(
        (office.state(&other), office.outcomes()),
        (ImportJobState::Finished, 13)
    );
    let codes = office.summary(&other).rejected_by_code;
    assert_eq!(codes, [("LEVEL_UNKNOWN".to_owned(), 2)]);
}
