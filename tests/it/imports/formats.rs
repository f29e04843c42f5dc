//! Every family of formats through the real import: the same results give the same books.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use creditbank_domain::amount::Hundredths;
use creditbank_domain::completion::Thresholds;
use creditbank_import::{ColumnMapping, ImportOptions};
use creditbank_ledger::flows::{LineStatus, NewCatalogueVersion, VersionDetails};
use kit::{TestBank, UNIVERSITY, course, posting};
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{TestFile, figures, in_transactions_of, told};

/// Student, name, course, credits, score: of two courses that the university has.
const RESULTS: [(&str, &str, &str, &str, u32); 8] = [
    ("0701", "张一", "MATH101", "4", 85),
    ("0701", "张一", "PE102", "1.5", 90),
    ("0702", "李二", "MATH101", "4", 59),
    ("0702", "李二", "PE102", "1.5", 60),
    ("0703", "王三", "MATH101", "4", 100),
    ("0703", "王三", "PE102", "1.5", 0),
    ("0704", "赵四", "MATH101", "4", 61),
    ("0704", "赵四", "PE102", "1.5", 75),
];
const DAY: &str = "2025-06-30";

/// What each student has to own, from the table above alone.
fn expected() -> BTreeMap<String, String> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (student, _, _, credits, score) in RESULTS {
        let credits: Hundredths = credits.parse().unwrap();
        let earned = if score >= 60 { credits.get() } else { 0 };
        *sums.entry(student.to_owned()).or_default() += earned;
    }
    let shown =
        |(student, sum): (String, i64)| (student, format!("{}.{:02}", sum / 100, sum % 100));
    sums.into_iter().map(shown).collect()
}

fn balances(bank: &TestBank) -> BTreeMap<String, String> {
    let students: Vec<_> = expected().into_keys().collect();
    let students: Vec<_> = students.iter().map(String::as_str).collect();
    let sums = bank.credits_by_student_number(UNIVERSITY, &students);
    sums.into_iter().collect()
}

fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn lines_of(one: impl Fn((&str, &str, &str, &str, u32)) -> String) -> String {
    RESULTS.map(one).concat()
}

fn csv() -> Vec<u8> {
    let rows = lines_of(|(student, name, course, credits, score)| {
        format!("{student},{name},{course},{credits},{score},{DAY}\n")
    });
    format!("学号,姓名,课程代码,学分,成绩,获得日期\n{rows}").into_bytes()
}

fn blocks() -> Vec<u8> {
    let block = "课程代码,学分,成绩";
    let mut text = format!("学号,姓名,获得日期,{block},{block}\n");
    for pair in RESULTS.chunks(2) {
        let (student, name, ..) = pair[0];
        let cells = pair
            .iter()
            .map(|(_, _, course, credits, score)| format!("{course},{credits},{score}"));
        let cells: Vec<_> = cells.collect();
        text += &format!("{student},{name},{DAY},{}\n", cells.join(","));
    }
    text.into_bytes()
}

fn nad() -> Vec<u8> {
    let mut text = "REGN_NO,CNAME,SEM,AADHAAR_NO,DOI,SUB1NM,SUB1,SUB1_TOT,SUB1_CREDIT,\
                    SUB2NM,SUB2,SUB2_TOT,SUB2_CREDIT\n"
        .to_owned();
    for pair in RESULTS.chunks(2) {
        let (student, name, ..) = pair[0];
        let cells = pair
            .iter()
            .map(|(_, _, course, credits, score)| format!("x,{course},{score},{credits}"));
        let cells: Vec<_> = cells.collect();
        text += &format!(
            "{student},{name},3,999941057058,30/06/2025,{}\n",
            cells.join(",")
        );
    }
    text.into_bytes()
}

fn ods() -> Vec<u8> {
    let rows = String::from_utf8(csv()).unwrap();
    let rows = rows.lines().map(|line| {
        let cells = line
            .split(',')
            .map(|cell| format!("<t:table-cell><x:p>{cell}</x:p></t:table-cell>"));
        format!("<t:table-row>{}</t:table-row>", cells.collect::<String>())
    });
    let rows: String = rows.collect();
    let content = format!(
        "<o:document-content xmlns:o=\"o\" xmlns:t=\"t\" xmlns:x=\"x\"><o:body><o:spreadsheet>\
         <t:table t:name=\"成绩\">{rows}</t:table></o:spreadsheet></o:body></o:document-content>"
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet".to_owned();
    zipped(&[("mimetype", kind), ("content.xml", content)])
}

fn json_lines() -> Vec<u8> {
    let lines = lines_of(|(student, name, course, credits, score)| {
        let line = json!({
            "student_number": student, "name": name, "course_code": course, "credits": credits,
            "grade": score, "awarded_on": DAY,
        });
        format!("{line}\n")
    });
    lines.into_bytes()
}

fn elmo() -> Vec<u8> {
    let people = RESULTS.chunks(2).map(|pair| {
        let (student, name, ..) = pair[0];
        let courses = pair.iter().map(|(_, _, course, credits, score)| {
            format!(
                "<hasPart><learningOpportunitySpecification>\
                 <identifier type=\"local\">{course}</identifier><specifies>\
                 <learningOpportunityInstance><date>{DAY}</date><resultLabel>{score}</resultLabel>\
                 <credit><value>{credits}</value></credit></learningOpportunityInstance>\
                 </specifies></learningOpportunitySpecification></hasPart>"
            )
        });
        format!(
            "<tor><elmo><learner><identifier type=\"studentNumber\">{student}</identifier>\
             <familyName>{name}</familyName></learner><report><learningOpportunitySpecification>\
             <identifier type=\"local\">PROGRAMME</identifier><specifies>\
             <learningOpportunityInstance><date>{DAY}</date><status>passed</status><credit>\
             <value>120</value></credit></learningOpportunityInstance></specifies>{}\
             </learningOpportunitySpecification></report></elmo></tor>",
            courses.collect::<String>()
        )
    });
    format!(
        "<tors-get-response>{}</tors-get-response>",
        people.collect::<String>()
    )
    .into_bytes()
}

fn pesc() -> Vec<u8> {
    let people = lines_of(|(student, name, course, credits, score)| {
        format!(
            "<CollegeTranscript><Student><Person><SchoolAssignedPersonID>{student}\
             </SchoolAssignedPersonID><Name><LastName>{name}</LastName></Name></Person>\
             <AcademicRecord><AcademicSession><AcademicSessionDetail><SessionEndDate>{DAY}\
             </SessionEndDate></AcademicSessionDetail><Course><CourseCreditEarned>{credits}\
             </CourseCreditEarned><CourseAcademicGrade>{score}</CourseAcademicGrade>\
             <OriginalCourseID>{course}</OriginalCourseID></Course></AcademicSession>\
             </AcademicRecord></Student></CollegeTranscript>"
        )
    });
    format!("<AcademicRecordBatch>{people}</AcademicRecordBatch>").into_bytes()
}

fn clr() -> Vec<u8> {
    let people = RESULTS.chunks(2).map(|pair| {
        let (student, name, ..) = pair[0];
        let badges = pair.iter().map(|(_, _, course, credits, score)| {
            let credits: serde_json::Value = serde_json::from_str(credits).unwrap();
            json!({
                "type": ["VerifiableCredential", "OpenBadgeCredential"],
                "credentialSubject": {
                    "achievement": {"id": format!("urn:{course}"), "humanCode": course},
                    "creditsEarned": credits,
                    "result": [{"value": score.to_string()}],
                },
                "validFrom": format!("{DAY}T08:00:00Z"),
            })
        });
        let identity = |kind: &str, text: &str| {
            json!({"hashed": false, "identityType": kind, "identityHash": text})
        };
        json!({
            "type": ["VerifiableCredential", "ClrCredential"],
            "credentialSubject": {
                "identifier": [identity("studentId", student), identity("name", name)],
                "verifiableCredential": badges.collect::<Vec<_>>(),
            },
        })
    });
    serde_json::to_vec_pretty(&people.collect::<Vec<_>>()).unwrap()
}

fn one_roster() -> Vec<u8> {
    let results: Vec<_> = (1..).zip(RESULTS).collect();
    let rows = |one: &dyn Fn(usize, (&str, &str, &str, &str, u32)) -> String| {
        let rows = results.iter().map(|(number, result)| one(*number, *result));
        rows.collect::<String>()
    };
    let users = rows(&|_, (student, name, ..)| format!("u{student},student,,{name},{student}\n"));
    let parts = [
        (
            "manifest.csv",
            "propertyName,value\noneroster.version,1.1\n".to_owned(),
        ),
        (
            "users.csv",
            format!("sourcedId,role,givenName,familyName,identifier\n{users}"),
        ),
        (
            "courses.csv",
            "sourcedId,courseCode\ncm,MATH101\ncp,PE102\n".to_owned(),
        ),
        (
            "classes.csv",
            "sourcedId,courseSourcedId\nkMATH101,cm\nkPE102,cp\n".to_owned(),
        ),
        (
            "lineItems.csv",
            "sourcedId,title,classSourcedId,resultValueMax\niMATH101,Final,kMATH101,100\n\
             iPE102,总评,kPE102,100\nquiz,Quiz,kPE102,10\n"
                .to_owned(),
        ),
        (
            "results.csv",
            format!(
                "sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate\n{}\
                 q1,quiz,u0701,fully graded,7,{DAY}\n",
                rows(&|number, (student, _, course, _, score)| format!(
                    "r{number},i{course},u{student},fully graded,{score},{DAY}\n"
                ))
            ),
        ),
    ];
    zipped(&parts)
}

/// Every family that names no record of its own: one outcome whichever comes first.
fn families() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("csv", csv()),
        ("blocks", blocks()),
        ("nad", nad()),
        ("ods", ods()),
        ("json lines", json_lines()),
        ("elmo in ewp", elmo()),
        ("pesc", pesc()),
        ("clr", clr()),
    ]
}

#[test]
fn every_family_posts_the_same_outcomes_and_the_next_one_finds_them_there() {
    let all = families();
    for first in 0..all.len() {
        let bank = TestBank::start();
        for (turn, offset) in [0, 1, 4].into_iter().enumerate() {
            let (name, bytes) = &all[(first + offset) % all.len()];
            let file = TestFile::new(bytes);
            let view = bank.import(UNIVERSITY, &file.path, &posting());
            let wanted = if turn == 0 {
                [8, 8, 0, 0]
            } else {
                [8, 0, 8, 0]
            };
            let refused = told(&bank, UNIVERSITY, view.import_id);
            assert_eq!(figures(&view), wanted, "{name}: {refused:?}");
        }
        assert_eq!(balances(&bank), expected(), "{}", all[first].0);
    }
}

#[test]
fn a_oneroster_exchange_posts_the_results_of_its_courses_and_no_quiz() {
    let bank = TestBank::start();
    let file = TestFile::new(one_roster());
    assert_eq!(
        figures(&bank.import(UNIVERSITY, &file.path, &posting())),
        [8, 8, 0, 0]
    );
    assert_eq!(
        figures(&bank.import(UNIVERSITY, &file.path, &posting())),
        [8, 0, 8, 0]
    );
    assert_eq!(balances(&bank), expected());
}

#[test]
fn an_import_of_any_family_that_is_cut_off_goes_on_and_doubles_nothing() {
    let mut all = families();
    all.push(("one roster", one_roster()));
    for (name, bytes) in all {
        let bank = TestBank::start();
        let file = TestFile::new(bytes);
        let options: ImportOptions = in_transactions_of(3, posting());
        let mut transactions = 0;
        let cut = catch_unwind(AssertUnwindSafe(|| {
            bank.try_import_through(bank.ledger(), UNIVERSITY, &file.path, &options, &mut |_| {
                transactions += 1;
                assert!(transactions < 2, "cut off");
            })
        }));
        assert!(cut.is_err(), "{name} was cut off");
        let view = bank.import(UNIVERSITY, &file.path, &options);
        assert_eq!(figures(&view), [8, 8, 0, 0], "{name}");
        assert_eq!(balances(&bank), expected(), "{name}");
    }
}

#[test]
fn what_is_no_table_comes_back_as_one_with_each_line_s_answer() {
    let bank = TestBank::start();
    let unknown = String::from_utf8(elmo())
        .unwrap()
        .replace("PE102", "=NOWHERE");
    let file = TestFile::new(unknown);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(figures(&view), [8, 4, 0, 4]);
    let out = file.beside("result.csv");
    bank.try_result_file(UNIVERSITY, view.import_id, &file.path, None, &out)
        .unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    let rows: Vec<_> = text.trim_start_matches('\u{FEFF}').lines().collect();
    assert!(rows[0].starts_with("位置,") && rows[0].ends_with("行状态,错误代码,说明,explanation"));
    assert!(rows[1].contains(",已入账,,"), "{}", rows[1]);
    assert!(rows[2].contains(",'=NOWHERE,") && rows[2].contains("OUTCOME_UNKNOWN"));
    // Corrected and sent again, the four that were there are there, and the others are posted.
    let corrected = TestFile::new(text.replace("'=NOWHERE", "PE102"));
    let view = bank.import(UNIVERSITY, &corrected.path, &posting());
    assert_eq!(figures(&view), [8, 4, 4, 0]);
    assert_eq!(balances(&bank), expected());
}

#[test]
fn of_an_attendance_list_86_7_percent_earns_the_class_and_78_3_percent_does_not() {
    let bank = TestBank::start();
    let training = NewCatalogueVersion {
        details: VersionDetails {
            completion: Some(Thresholds {
                attendance: Some("80".parse().unwrap()),
                ..Thresholds::default()
            }),
            ..VersionDetails::default()
        },
        ..course(UNIVERSITY, "TR-1", "2.00")
    };
    bank.publish(&[training]);
    let list = "会议主题,讲座,,\n学号,姓名,入会时间,离会时间\n\
                0701,张一,2025-06-30 09:00:00,2025-06-30 09:40:00\n\
                0702,李二,2025-06-30 09:00:00,2025-06-30 09:47:00\n\
                0701,张一,2025-06-30 09:30:00,2025-06-30 09:52:00\n";
    let said = r#"{"course": "TR-1", "attendance": {"held_minutes": 60}}"#;
    let mapping: ColumnMapping = serde_json::from_str(said).unwrap();
    let options = ImportOptions {
        mapping: Some(mapping),
        ..posting()
    };
    let file = TestFile::new(list);
    let view = bank.import(UNIVERSITY, &file.path, &options);
    assert_eq!(figures(&view), [2, 2, 0, 0]);
    let line = |no: u64, code: &str| (no, LineStatus::Posted, code.to_owned());
    assert_eq!(
        told(&bank, UNIVERSITY, view.import_id),
        [line(4, "GRADE_TOO_LOW")]
    );
    let sums = bank.credits_by_student_number(UNIVERSITY, &["0701", "0702"]);
    let expected = [("0701", "2.00"), ("0702", "0.00")];
    assert_eq!(
        sums,
        expected.map(|(one, sum)| (one.to_owned(), sum.to_owned()))
    );
}
