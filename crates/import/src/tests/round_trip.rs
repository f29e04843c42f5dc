//! Whatever layout, encoding, delimiter and order records are written in, they are read as they
//! were.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::encoding::Encoding;

/// What is written; what is read has to be the same.
#[derive(Debug, Clone)]
struct Written {
    number: String,
    name: String,
    course: String,
    credits: u32,
    score: u32,
    resit: bool,
    day: NaiveDate,
}

fn written() -> impl Strategy<Value = Vec<Written>> {
    let text = "[A-Z0-9][A-Z0-9·-]{0,9}";
    let name = "[\u{4E00}-\u{4FFF}\u{20000}-\u{20010}A-Za-z][\u{4E00}-\u{4FFF}A-Za-z·,\"]{0,8}";
    let one = (
        "0[0-9]{1,9}",
        name,
        text,
        0_u32..10_000,
        // What lies between is taken for a share: line_share.rs.
        prop_oneof![Just(0_u32), 100_u32..=10_000],
        any::<bool>(),
        0_i64..20_000,
    );
    let one = one.prop_map(
        |(number, name, course, credits, score, resit, days)| Written {
            number,
            name,
            course,
            credits,
            score,
            resit,
            day: day("1960-01-01") + chrono::Duration::days(days),
        },
    );
    proptest::collection::vec(one, 1..8)
}

fn decimal(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl Written {
    /// The cells under [`HEADINGS`].
    fn cells(&self) -> [String; 7] {
        [
            self.number.clone(),
            self.name.clone(),
            self.course.clone(),
            decimal(self.credits),
            decimal(self.score),
            if self.resit { "补考" } else { "正常" }.to_owned(),
            self.day.to_string(),
        ]
    }

    fn json(&self) -> String {
        let [number, name, course, credits, score, mark, on] = self.cells();
        let credits = serde_json::value::RawValue::from_string(credits).unwrap();
        json!({
            "student_number": number, "name": name, "course_code": course,
            "credits": credits, "grade": score, "marks": [mark], "awarded_on": on,
        })
        .to_string()
    }

    fn elmo(&self) -> String {
        let [number, name, course, credits, score, _, on] = self.cells();
        let name = name.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<elmo><learner><identifier type=\"studentNumber\">{number}</identifier>\
             <givenNames/><familyName>{name}</familyName></learner><report>\
             <learningOpportunitySpecification><identifier type=\"local\">{course}</identifier>\
             <specifies><learningOpportunityInstance><date>{on}</date>\
             <resultLabel>{score}</resultLabel><credit><value>{credits}</value></credit>\
             </learningOpportunityInstance></specifies></learningOpportunitySpecification>\
             </report></elmo>"
        )
    }

    fn pesc(&self) -> String {
        let [number, name, course, credits, score, _, on] = self.cells();
        let repeat = if self.resit { "RepeatCounted" } else { "" };
        format!(
            "<CollegeTranscript><Student><Person><SchoolAssignedPersonID>{number}\
             </SchoolAssignedPersonID><Name><LastName>{name}</LastName></Name></Person>\
             <AcademicRecord><Course><CourseRepeatCode>{repeat}</CourseRepeatCode>\
             <CourseCreditEarned>{credits}</CourseCreditEarned><CourseAcademicGrade>{score}\
             </CourseAcademicGrade><OriginalCourseID>{course}</OriginalCourseID>\
             <CourseEndDate>{on}</CourseEndDate></Course></AcademicRecord></Student>\
             </CollegeTranscript>"
        )
    }
}

const HEADINGS: [&[&str]; 7] = [
    &["学号", "学籍号", "REGN_NO"],
    &["姓名", "CNAME"],
    &["课程代码", "课程编号", "Course_Code"],
    &["学分", "获得学分"],
    &["成绩", "总评 成绩"],
    &["考试性质", "备注"],
    &["获得日期", "＊考试日期"],
];

/// What decides how the records are written.
#[derive(Debug, Clone)]
struct Layout {
    kind: usize,
    order: Vec<usize>,
    synonyms: Vec<usize>,
    delimiter: char,
    encoding: usize,
    crlf: bool,
    title: bool,
    blocks: bool,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let order = Just((0..7).collect::<Vec<_>>()).prop_shuffle();
    let synonyms = proptest::collection::vec(0_usize..3, 7);
    let delimiter = prop::sample::select(vec![',', ';', '\t', '|']);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let all = (0_usize..5, order, synonyms, delimiter, 0_usize..5, flags);
    all.prop_map(
        |(kind, order, synonyms, delimiter, encoding, (crlf, title, blocks))| Layout {
            kind,
            order,
            synonyms,
            delimiter,
            encoding,
            crlf,
            title,
            blocks,
        },
    )
}

impl Layout {
    fn rows(&self, records: &[Written]) -> Vec<Vec<String>> {
        let ordered = |cells: &[String]| {
            let cells = self.order.iter().map(|column| cells[*column].clone());
            cells.collect::<Vec<_>>()
        };
        let headings: Vec<_> = (0..7)
            .map(|column| {
                HEADINGS[column][self.synonyms[column] % HEADINGS[column].len()].to_owned()
            })
            .collect();
        let mut rows = Vec::new();
        if self.title {
            rows.push(vec!["某校成绩单".to_owned()]);
        }
        if self.blocks {
            rows.push([ordered(&headings), ordered(&headings)].concat());
            for pair in records.chunks(2) {
                let cells = pair.iter().flat_map(|record| ordered(&record.cells()));
                rows.push(cells.collect());
            }
        } else {
            rows.push(ordered(&headings));
            rows.extend(records.iter().map(|record| ordered(&record.cells())));
        }
        rows.push(vec!["合计".to_owned()]);
        rows
    }

    fn text(&self, records: &[Written]) -> Vec<u8> {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let delimiter = self.delimiter.to_string();
        let rows = self.rows(records);
        let rows = rows.iter().map(|row| {
            let cells: Vec<_> = row.iter().map(quoted).collect();
            cells.join(&delimiter)
        });
        let end = if self.crlf { "\r\n" } else { "\n" };
        let text = rows.collect::<Vec<_>>().join(end);
        let encodings = [
            Encoding::Utf8,
            Encoding::Utf8Bom,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
            Encoding::Gb18030,
        ];
        let encoding = encodings[self.encoding];
        [encoding.bom(), &encoding.encode(&text)].concat()
    }

    fn bytes(&self, records: &[Written]) -> Vec<u8> {
        let all = |one: fn(&Written) -> String| records.iter().map(one).collect::<Vec<_>>();
        match self.kind {
            0 => self.text(records),
            1 => {
                let rows = self.rows(records);
                let rows: Vec<Vec<_>> = rows
                    .iter()
                    .map(|row| row.iter().map(String::as_str).collect())
                    .collect();
                let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
                workbook(&rows).save_to_buffer().unwrap()
            }
            2 => all(Written::json).join("\n").into_bytes(),
            3 => {
                let inner: String = all(Written::elmo).concat();
                format!("<tors-get-response>{inner}</tors-get-response>").into_bytes()
            }
            _ => {
                let inner: String = all(Written::pesc).concat();
                format!("<TranscriptBatch>{inner}</TranscriptBatch>").into_bytes()
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn records_are_read_as_they_were_written(records in written(), layout in layouts()) {
        let lines = TestFile::new(layout.bytes(&records)).read().unwrap();
        let read: Vec<_> = lines.iter().map(|line| line.report().unwrap().clone()).collect();
        prop_assert_eq!(read.len(), records.len());
        for (one, record) in read.iter().zip(&records) {
            prop_assert_eq!(&one.learner, &named(&record.number, record.name.trim()));
            prop_assert_eq!(one.entry.code.as_str(), record.course.as_str());
            prop_assert_eq!(one.grade.to_string(), decimal(record.score));
            prop_assert_eq!(one.awarded_on, record.day);
            let stated = one.stated[0].hundredths.get();
            prop_assert_eq!(stated, i64::from(record.credits));
            // ELMO has no word for a second attempt, and PESC one for both kinds of it.
            let again = one.attempt != creditbank_domain::grade::Attempt::First;
            prop_assert_eq!(again, record.resit && layout.kind != 3);
        }
    }
}
