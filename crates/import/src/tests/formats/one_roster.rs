use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const PARTS: [(&str, &str); 8] = [
    (
        "manifest.csv",
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.results,bulk\n",
    ),
    (
        "users.csv",
        "sourcedId,status,dateLastModified,enabledUser,role,givenName,familyName,identifier\n\
         u1,,,true,student,三,张,007\nu2,,,true,student,四,李,\nt1,,,true,teacher,王,老师,T\n",
    ),
    (
        "courses.csv",
        "sourcedId,title,courseCode\nc1,高等数学,M1\nc2,体育,\n",
    ),
    (
        "classes.csv",
        "sourcedId,title,courseSourcedId,termSourcedIds\nk1,一班,c1,\"t1,t2\"\nk2,二班,c2,t1\nk3,三班,c2,t1\n",
    ),
    (
        "academicSessions.csv",
        "sourcedId,title,type,startDate,endDate\nt1,2024-2025-1,term,2024-09-01,2025-01-20\n",
    ),
    (
        "categories.csv",
        "sourcedId,title\ng1,Final Grade\ng2,Quiz\n",
    ),
    (
        "lineItems.csv",
        "sourcedId,title,classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax\n\
         i1,Term,k1,g1,t1,0,100\ni2,Quiz 1,k1,g2,t1,0,10\ni3,体育,k2,g2,t1,0,100.0\n\
         i4,A,k3,g2,t1,0,100\ni5,B,k3,g2,t1,0,100\n",
    ),
    (
        "results.csv",
        "sourcedId,status,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,textScore\n\
         r1,,i1,u1,fully graded,85.5000,2025-01-18,\nr2,,i2,u1,fully graded,9,2025-01-01,\n\
         r3,,i3,u2,fully graded,72,,\nr4,,i4,u1,fully graded,60,,\n\
         r5,tobedeleted,i1,u2,fully graded,50,,\nr6,,i1,u2,submitted,,,\nr7,,i3,u1,exempt,,,\n\
         r8,,i3,u9,fully graded,60,,\n",
    ),
];

pub(super) fn exchange(parts: &[(&str, &str)]) -> TestFile {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    TestFile::new(writer.finish().unwrap().into_inner())
}

#[test]
fn only_the_result_of_a_course_becomes_an_outcome() {
    let file = exchange(&PARTS);
    let lines = file.read().unwrap();
    let expected = [
        course("M1", "85.50", "2025-01-18", None),
        course("c2", "72.00", "2025-01-20", None),
        course("c2", "exempted", "2025-01-20", None),
    ];
    assert_eq!(courses(&lines), expected);
    let expected = [
        (3, vec!["LINE_ITEM_AMBIGUOUS"]),
        (4, vec!["DELETION_NOT_TAKEN"]),
        (5, vec!["RESULT_NOT_YET"]),
        (7, vec!["NAME_MISSING", "LEARNER_MISSING"]),
    ];
    assert_eq!(faults(&lines), expected);
    let first = lines[0].report().unwrap();
    assert_eq!(first.source_ref.as_str(), "r1");
    assert_eq!(first.learner, named("007", "张三"));
    assert_eq!(lines[1].report().unwrap().learner, named("u2", "李四"));
    let told = &lines[2].content.as_ref().unwrap_err()[0];
    assert!(told.zh.contains("results.csv:5"), "{}", told.zh);
}

#[test]
fn a_score_of_another_scale_is_refused_unless_a_text_says_it() {
    let mut parts = PARTS;
    parts[6].1 = "sourcedId,title,classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax\n\
                  i1,Term,k1,g1,t1,0,20\n";
    parts[7].1 = "sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,textScore\n\
                  r1,i1,u1,fully graded,18,2025-01-18,\nr2,i1,u2,fully graded,18,2025-01-18,A\n";
    let lines = exchange(&parts).read().unwrap();
    assert_eq!(faults(&lines), [(1, vec!["SCORE_SCALE"])]);
    assert_eq!(courses(&lines), [course("M1", "A", "2025-01-18", None)]);
}

#[test]
fn another_version_is_refused_and_the_result_is_a_table() {
    let mut parts = PARTS;
    parts[0].1 = "propertyName,value\noneroster.version,1.0\n";
    assert_eq!(exchange(&parts).read().unwrap_err().code, "FILE_KIND");
    assert_comes_back(&exchange(&PARTS), &options());
}

/// For whoever breaks it.
pub(in crate::tests) fn a_small_exchange() -> Vec<u8> {
    std::fs::read(&exchange(&PARTS).path).unwrap()
}

/// An exchange in which one part is something else.
pub(in crate::tests) fn an_exchange_with(part: usize, text: &str) -> Vec<u8> {
    let mut parts = PARTS;
    parts[part].1 = text;
    std::fs::read(&exchange(&parts).path).unwrap()
}

/// The text of one part of the small exchange.
pub(in crate::tests) const fn part_of_a_small_exchange(part: usize) -> &'static str {
    PARTS[part].1
}
