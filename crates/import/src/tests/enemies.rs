//! Files that mean harm, and files that chance has broken: each is refused by its name or read in
//! part; none makes the reader panic, hang or fill the memory.

use proptest::prelude::*;

use super::*;

fn code(bytes: impl AsRef<[u8]>) -> &'static str {
    let file = TestFile::new(bytes);
    let beside = ReadOptions {
        learner: Some(student("7")),
        ..options()
    };
    file.read_with(&beside).unwrap_err().code
}

const COURSE: &str = "<learningOpportunitySpecification><identifier type=\"local\">C1</identifier>\
    <specifies><learningOpportunityInstance><date>2024-06-30</date><resultLabel>85</resultLabel>\
    </learningOpportunityInstance></specifies></learningOpportunitySpecification>";

fn elmo(inner: &str) -> String {
    format!("<elmo><report>{inner}</report></elmo>")
}

#[test]
fn every_bad_document_has_its_own_code_and_place() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let outside = "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
    let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
    let whole = elmo(COURSE);
    let cases = [
        (format!("{bomb}{whole}"), "XML_DOCTYPE"),
        (
            format!("<?xml version=\"1.0\"?>{outside}{whole}"),
            "FILE_KIND",
        ),
        (elmo("<x>&f;</x>"), "XML_ENTITY"),
        (elmo("<x y=\"&f;\"/>"), "XML_ENTITY"),
        (elmo("<x>&#xFFFFFFFF;</x>"), "XML_ENTITY"),
        (elmo(&deep), "NESTED_TOO_DEEP"),
        (whole[..whole.len() - 9].to_owned(), "FILE_DAMAGED"),
        (whole.replace("</report>", "</raport>"), "FILE_DAMAGED"),
        (format!("{whole}{whole}"), "FILE_DAMAGED"),
        (format!("{whole}behind"), "FILE_DAMAGED"),
        (elmo(""), "NO_RECORDS"),
        (
            whole.replace("<elmo>", "<elmo xmlns=\"http://example.com/x\">"),
            "XML_NAMESPACE",
        ),
        (
            "<CollegeTranscript xmlns=\"urn:x\"/>".to_owned(),
            "XML_NAMESPACE",
        ),
        ("<CollegeTranscript/>".to_owned(), "NO_RECORDS"),
        ("<transcript><course/></transcript>".to_owned(), "FILE_KIND"),
        ("{\"type\":\"ClrCredential\"".to_owned(), "FILE_DAMAGED"),
        ("{\"type\":\"Diploma\"}".to_owned(), "FILE_KIND"),
        ("[1,2]".to_owned(), "FILE_KIND"),
        ("[]".to_owned(), "NO_RECORDS"),
        (
            format!("{}{}", "[".repeat(400), "]".repeat(400)),
            "FILE_DAMAGED",
        ),
    ];
    for (text, expected) in cases {
        let shown: String = text.chars().take(100).collect();
        let found = code(&text);
        // A document whose DOCTYPE comes before its root is told by either name.
        let doctype = expected == "FILE_KIND" && text.contains("DOCTYPE");
        if doctype {
            assert_eq!(found, "XML_DOCTYPE", "{shown}");
        } else {
            assert_eq!(found, expected, "{shown}");
        }
    }
    let fault = TestFile::new(elmo("<x>&f;</x>")).read().unwrap_err();
    assert!(
        fault.zh.contains("字节") && fault.en.contains("byte"),
        "{fault}"
    );
}

#[test]
fn a_broken_tail_is_found_before_the_first_line_is_read() {
    let many = elmo(&COURSE.repeat(2_000));
    let cut = &many[..many.len() - 40];
    let mut visited = 0;
    let file = TestFile::new(cut);
    let opened = crate::transcript::Transcript::open(&file.path, None, &mut |_| None);
    if let Ok(mut transcript) = opened {
        transcript
            .for_each_row(&mut |_, _| {
                visited += 1;
                std::ops::ControlFlow::Continue(())
            })
            .unwrap_err();
    }
    assert_eq!(visited, 0);
}

#[test]
fn one_element_or_credential_that_fills_the_memory_is_refused() {
    let attachment = "x".repeat(18 << 20);
    assert_eq!(
        code(elmo(&format!("<attachment>{attachment}</attachment>"))),
        "ELEMENT_TOO_LARGE"
    );
    let wide = "<title>x</title>".repeat(60_000);
    let course =
        format!("<learningOpportunitySpecification>{wide}</learningOpportunitySpecification>");
    assert_eq!(code(elmo(&course)), "ELEMENT_TOO_LARGE");
    let attribute = "z".repeat(1 << 20);
    let course = format!(
        "<learningOpportunitySpecification>{}</learningOpportunitySpecification>",
        format!("<x y=\"{attribute}\"/>").repeat(5)
    );
    assert_eq!(code(elmo(&course)), "ELEMENT_TOO_LARGE", "attributes count");
    let name = "n".repeat(257);
    for long in [format!("<{name}/>"), format!("<x {name}=\"\"/>")] {
        assert_eq!(code(elmo(&long)), "ELEMENT_TOO_LARGE", "names are short");
    }
    let text = "y".repeat(9 << 20);
    assert_eq!(
        code(format!("[{{\"type\":\"{text}\"}}]")),
        "ELEMENT_TOO_LARGE"
    );
    // A large attachment that is within the limit is passed over.
    let small = format!("<attachment>{}</attachment>{COURSE}", "x".repeat(2 << 20));
    let beside = ReadOptions {
        learner: Some(student("7")),
        ..options()
    };
    assert_eq!(
        TestFile::new(elmo(&small))
            .read_with(&beside)
            .unwrap()
            .len(),
        1
    );
}

/// Valid files of every kind, to be broken.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let json =
        "{\"student_number\":\"1\",\"term\":\"2024-2025-1\",\"course_code\":\"M\",\"grade\":60}\n";
    let badge = "{\"type\":[\"OpenBadgeCredential\"],\"credentialSubject\":{\"achievement\":\
                 {\"humanCode\":\"C\"},\"result\":[{\"value\":\"A\"}]},\"validFrom\":\"2024-01-01\"}";
    let pesc = "<CollegeTranscript><Student><Person><SchoolAssignedPersonID>1\
                </SchoolAssignedPersonID></Person><AcademicSession><AcademicSessionDetail>\
                <SessionEndDate>2024-01-01</SessionEndDate></AcademicSessionDetail><Course>\
                <OriginalCourseID>C</OriginalCourseID><CourseAcademicGrade>A</CourseAcademicGrade>\
                </Course></AcademicSession></Student></CollegeTranscript>";
    let attendance =
        "学号,课程代码,入会时间,离会时间,应到分钟\n1,A,2026-11-22 09:00,2026-11-22 10:00,60\n";
    let blocks = "学号,课程代码,学期,成绩,学号,课程代码,学期,成绩\n1,M,2024-2025-1,60,2,M,,\n";
    let nad = "REGN_NO,CNAME,SEM,DOI,SUB1,SUB1_GRADE,SUB2,SUB2_GRADE\n1,N,3,15/06/2026,C,A,D,B\n";
    let texts = [json, badge, pesc, attendance, blocks, nad];
    let mut all: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    all.push(elmo(COURSE).into_bytes());
    all.push(super::workbooks::a_small_xls());
    all.push(super::pages::a_small_page());
    all.push(super::pages::a_small_xml_book());
    all.push(super::workbooks::a_small_ods());
    all.push(super::formats::one_roster::a_small_exchange());
    let rows: &[&[&str]] = &[
        &["学号", "课程代码", "学期", "成绩"],
        &["1", "M", "2024-2025-1", "60"],
    ];
    all.push(workbook(rows).save_to_buffer().unwrap());
    all
}

/// Reads whatever it is, by every door, and gives the numbers of its lines.
fn numbers(bytes: &[u8]) -> Option<Vec<u64>> {
    let file = TestFile::new(bytes);
    let beside = ReadOptions {
        learner: Some(student("7")),
        ..options()
    };
    let lines = file.read().or_else(|_| file.read_with(&beside)).ok()?;
    let numbers = line_nos(&lines);
    let again = file.read().or_else(|_| file.read_with(&beside)).unwrap();
    assert_eq!(
        line_nos(&again),
        numbers,
        "an import goes on by these numbers"
    );
    Some(numbers)
}

#[test]
fn every_seed_is_read_before_it_is_broken() {
    for (index, seed) in seeds().iter().enumerate() {
        let numbers = numbers(seed);
        assert!(
            numbers.is_some_and(|numbers| !numbers.is_empty()),
            "seed {index}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn broken_files_of_every_kind_end_in_lines_or_a_fault(
        seed in 0_usize..13,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..12),
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for (place, byte, how) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        if let Some(numbers) = numbers(&bytes) {
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        }
    }

    #[test]
    fn random_bytes_behind_the_mark_of_any_kind_end_in_lines_or_a_fault(
        mark in 0_usize..9,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let marks: [&[u8]; 9] = [
            b"<elmo>",
            b"<CollegeTranscript>",
            b"<Workbook><Worksheet><Table><Row>",
            b"<table><tr><td>",
            b"{\"grade\":",
            b"[{\"type\":",
            b"PK\x03\x04",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            b"",
        ];
        let _ = numbers(&[marks[mark], &bytes].concat());
    }
}
