use super::*;

fn transcript(namespace: &str, prefix: &str, number: &str, courses: &str) -> String {
    let (name, colon) = (
        format!("{prefix}CollegeTranscript"),
        prefix.trim_end_matches(':'),
    );
    let declared = match (namespace, colon) {
        ("", _) => String::new(),
        (namespace, "") => format!(" xmlns=\"{namespace}\""),
        (namespace, colon) => format!(" xmlns:{colon}=\"{namespace}\""),
    };
    format!(
        "<{name}{declared}><TransmissionData><DocumentID>1</DocumentID></TransmissionData>\
         <Student><Person><SchoolAssignedPersonID>{number}</SchoolAssignedPersonID>\
         <SSN>123456789</SSN><Name><FirstName>Ann</FirstName><LastName>Lee</LastName></Name>\
         </Person><AcademicRecord><AcademicSession><AcademicSessionDetail>\
         <SessionDesignator>2024-01</SessionDesignator><SessionEndDate>2024-05-17</SessionEndDate>\
         </AcademicSessionDetail>{courses}</AcademicSession>\
         <Course><OriginalCourseID>TR1</OriginalCourseID>\
         <CourseAcademicGrade>B</CourseAcademicGrade></Course></AcademicRecord></Student></{name}>"
    )
}

const COURSES: &str = "<Course><CourseCreditUnits>Semester</CourseCreditUnits>\
    <CourseCreditValue>3.0</CourseCreditValue><CourseCreditEarned>3.0</CourseCreditEarned>\
    <CourseAcademicGrade>A-</CourseAcademicGrade><OriginalCourseID>MATH101</OriginalCourseID>\
    <CourseTitle>Calculus</CourseTitle></Course>\
    <Course><CourseCreditUnits>Quarter</CourseCreditUnits><CourseCreditValue>4</CourseCreditValue>\
    <CourseAcademicGrade>F</CourseAcademicGrade><CourseRepeatCode>RepeatCounted</CourseRepeatCode>\
    <CourseSubjectAbbreviation>PHYS</CourseSubjectAbbreviation><CourseNumber>201</CourseNumber>\
    </Course>";

#[test]
fn every_version_and_no_namespace_are_the_same_outcomes() {
    let forms = [
        ("urn:org:pesc:message:CollegeTranscript:v1.3.0", "ColTrn:"),
        ("urn:org:pesc:message:CollegeTranscript:v1.4.0", "ColTrn:"),
        ("urn:org:pesc:message:CollegeTranscript:v1.6.0", "col:"),
        ("urn:org:pesc:message:CollegeTranscript:v1.6.0", ""),
        ("", ""),
    ];
    for (namespace, prefix) in forms {
        let file = TestFile::new(transcript(namespace, prefix, "S1", COURSES));
        let lines = file.read().unwrap();
        let expected = [
            course("MATH101", "A-", "2024-05-17", Some(300)),
            course("PHYS 201", "F", "2024-05-17", None),
        ];
        assert_eq!(courses(&lines), expected, "{namespace}");
        // The session's end is not that of a course beside it.
        assert_eq!(faults(&lines), [(3, vec!["DATE_MISSING"])], "{namespace}");
        let first = lines[0].report().unwrap();
        assert_eq!(first.learner, named("S1", "Ann Lee"));
        assert!(!format!("{lines:?}").contains("123456789"));
        assert_comes_back(&file, &options());
    }
}

#[test]
fn a_batch_holds_many_transcripts_and_a_repeat_is_a_retake() {
    use creditbank_domain::grade::Attempt;
    let one = |number: &str| transcript("", "", number, COURSES);
    let file = TestFile::new(format!(
        "<b:AcademicRecordBatch xmlns:b=\"urn:org:pesc:message:AcademicRecordBatch:v1.0.0\">{}{}\
         </b:AcademicRecordBatch>",
        one("S1"),
        one("S2")
    ));
    let lines = file
        .read_with(&mapping(r#"{"awarded_on": "2024-06-30"}"#))
        .unwrap();
    assert_eq!(lines.len(), 6);
    let outcomes: Vec<_> = lines.iter().map(|line| line.report().unwrap()).collect();
    assert_eq!(outcomes[1].attempt, Attempt::Retake);
    assert_eq!(outcomes[3].learner, named("S2", "Ann Lee"));
}

#[test]
fn utf16_and_gb18030_documents_are_read_as_their_declaration_says() {
    let body = transcript("", "", "S1", COURSES).replace("Ann", "阿依");
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{body}").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let gb = format!("<?xml version=\"1.0\" encoding=\"GB18030\"?>{body}");
    let gb = crate::encoding::Encoding::Gb18030.encode(&gb);
    let plain = TestFile::new(&body).read().unwrap();
    for bytes in [utf16, gb] {
        let lines = TestFile::new(bytes).read().unwrap();
        assert_eq!(told(&lines), told(&plain));
    }
}
