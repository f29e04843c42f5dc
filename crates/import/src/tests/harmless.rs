//! Valid documents with their parts moved about, behind every door that takes bytes from outside:
//! lines or a coded fault in both languages that the documentation knows, and nothing else.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::enemies::seeds;
use super::formats::one_roster::{an_exchange_with, part_of_a_small_exchange};
use super::workbooks::{a_small_ods_content, ods_with};
use super::*;
use crate::check_mapping;
use crate::result_file::{LineNote, write_result_file};
use crate::transcript::Transcript;

const CODES: &str = include_str!("../../../../docs/IMPORT.md");
/// Beside the faults of files: those that other chapters of the documentation name.
const ERRORS: &str = include_str!("../../../../docs/ERRORS.md");

/// One change of a valid document.
#[derive(Debug, Clone)]
enum Edit {
    /// A stretch is taken out.
    Cut,
    /// A stretch stands there twice.
    Repeat,
    /// A stretch stands somewhere else too.
    Copy(prop::sample::Index),
    /// A byte that means something in some format is put there.
    Put(u8),
}

type Edits = Vec<(prop::sample::Index, usize, Edit)>;

fn edits() -> impl Strategy<Value = Edits> {
    let meaning = prop::sample::select(b"<>&\"',;\t\n\r=[]{}:/#-.09\0\xFF".to_vec());
    let edit = prop_oneof![
        Just(Edit::Cut),
        Just(Edit::Repeat),
        any::<prop::sample::Index>().prop_map(Edit::Copy),
        meaning.prop_map(Edit::Put),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), 1_usize..200, edit), 1..6)
}

fn edited(mut bytes: Vec<u8>, edits: Edits) -> Vec<u8> {
    for (place, length, edit) in edits {
        if bytes.is_empty() {
            break;
        }
        let from = place.index(bytes.len());
        let to = (from + length).min(bytes.len());
        let stretch = bytes[from..to].to_vec();
        match edit {
            Edit::Cut => drop(bytes.drain(from..to)),
            Edit::Repeat => drop(bytes.splice(from..from, stretch)),
            Edit::Copy(other) => {
                let at = other.index(bytes.len());
                drop(bytes.splice(at..at, stretch));
            }
            Edit::Put(byte) => bytes[from] = byte,
        }
    }
    bytes
}

/// Fails where a fault is not for people, or known nowhere.
fn assert_told(fault: &Fault) {
    let code = format!("`{}`", fault.code);
    assert!(
        CODES.contains(&code) || ERRORS.contains(&code),
        "{code} is explained nowhere"
    );
    assert!(!fault.zh.is_empty() && !fault.en.is_empty() && fault.zh != fault.en);
    assert!(
        fault.zh.len() + fault.en.len() < 4_000,
        "{code} repeats the file"
    );
}

/// Every door.
fn behind_every_door(bytes: &[u8]) {
    let file = TestFile::new(bytes);
    let beside = ReadOptions {
        learner: Some(student("7")),
        ..options()
    };
    for options in [&options(), &beside] {
        match file.read_with(options) {
            Ok(lines) => {
                let refused = lines.iter().filter_map(|line| line.content.as_ref().err());
                refused.flatten().for_each(assert_told);
            }
            Err(fault) => assert_told(&fault),
        }
    }
    let requests = Transcript::open_requests(&file.path, None);
    let requests =
        requests.and_then(|mut it| it.for_each_row(&mut |_, _| ControlFlow::Continue(())));
    if let Err(fault) = requests {
        assert_told(&fault);
    }
    let out = file.path.with_extension("result");
    let written = write_result_file(&file.path, None, &out, &mut |_| {
        Ok(LineNote::new("已拒绝", "GRADE_MISSING", "没有成绩"))
    });
    match written {
        Ok(()) => drop(read_lines(&out, &beside, &pseudonym).inspect_err(assert_told)),
        Err(refused) => assert_told(refused.fault().expect("only the file is to blame")),
    }
}

/// Valid documents that the seeds do not have.
fn more_seeds() -> Vec<Vec<u8>> {
    let record = serde_json::json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "ClrCredential"],
        "credentialSubject": {
            "identifier": [{"hashed": false, "identityType": "studentId", "identityHash": "1"}],
            "verifiableCredential": [
                {"type": ["AchievementCredential"], "validFrom": "2024-01-01", "credentialSubject": {
                    "achievement": {"id": "urn:a", "humanCode": "A", "resultDescription":
                        [{"id": "urn:r", "resultType": "Percent", "valueMax": "100"}]},
                    "result": [{"resultDescription": "urn:r", "value": "85"}]}},
                {"type": ["AchievementCredential"], "validFrom": "2024-01-01", "credentialSubject": {
                    "achievement": {"id": "urn:b", "humanCode": "B"}, "creditsEarned": 3}},
            ],
            "association": [
                {"associationType": "isChildOf", "sourceId": "urn:a", "targetId": "urn:b"},
            ],
        },
        "proof": [{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}],
    });
    let signed = "<tors-get-response><tor><elmo><learner><identifier type=\"local\">1</identifier>\
        </learner><report><learningOpportunitySpecification><identifier type=\"local\">C\
        </identifier><specifies><learningOpportunityInstance><date>2024-06-30</date>\
        <resultLabel>85</resultLabel></learningOpportunityInstance></specifies>\
        </learningOpportunitySpecification></report><Signature><SignedInfo>\
        <SignatureMethod Algorithm=\"urn:x#rsa-sha256\"/><Reference URI=\"\"/></SignedInfo>\
        <KeyInfo><X509Data><X509Certificate>AAAA</X509Certificate></X509Data></KeyInfo>\
        </Signature></elmo></tor></tors-get-response>";
    let cohort = "学号,姓名,备注\n1,张三,\n2,李四,\n";
    let result = "学号,课程代码,学期,成绩,行状态,错误代码,说明\n1,M,2024-2025-1,60,已入账,,\n";
    vec![
        record.to_string().into_bytes(),
        signed.as_bytes().to_vec(),
        cohort.as_bytes().to_vec(),
        result.as_bytes().to_vec(),
    ]
}

#[test]
fn every_seed_and_every_empty_door_is_told() {
    let all = seeds().into_iter().chain(more_seeds());
    all.for_each(|seed| behind_every_door(&seed));
    behind_every_door(b" ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn documents_with_parts_moved_about_end_in_lines_or_a_known_fault(
        seed in any::<prop::sample::Index>(),
        edits in edits(),
    ) {
        let mut all = seeds();
        all.extend(more_seeds());
        let seed = all.swap_remove(seed.index(all.len()));
        behind_every_door(&edited(seed, edits));
    }

    #[test]
    fn what_is_packed_is_broken_inside_its_package_too(part in 0_usize..9, edits in edits()) {
        // Of a broken archive nothing inside is ever seen.
        let bytes = if part == 8 {
            let content = edited(a_small_ods_content().into_bytes(), edits);
            ods_with(&String::from_utf8_lossy(&content))
        } else {
            let text = edited(part_of_a_small_exchange(part).as_bytes().to_vec(), edits);
            an_exchange_with(part, &String::from_utf8_lossy(&text))
        };
        behind_every_door(&bytes);
    }

    #[test]
    fn a_mapping_is_applied_or_refused_and_what_is_kept_is_kept_again(edits in edits()) {
        let valid = r#"{"columns": {"grade": "分儿", "course_code": ["a", "b"], "term":
            {"columns": ["XQ"], "separator": ""}}, "grade_words": {"Pass": "passed"},
            "term_dates": {"2013J": "2014-06-30"}, "awarded_on": "2014-07-31", "courses":
            {"A": "B"}, "sheet": "*", "attendance": {"held_minutes": 60, "percent_min": "80"}}"#;
        let bytes = edited(valid.as_bytes().to_vec(), edits);
        if let Ok(value) = serde_json::from_slice(&bytes) {
            match check_mapping(&value) {
                Ok(kept) => {
                    let again = check_mapping(&kept).unwrap();
                    prop_assert_eq!(&again, &kept);
                    let read: ColumnMapping = serde_json::from_value(kept).unwrap();
                    let said: ColumnMapping = serde_json::from_value(value).unwrap();
                    prop_assert_eq!(&read, &said);
                    let file = TestFile::new("学号,a,b,XQ,分儿\n1,A,B,2013J,60\n");
                    let options = ReadOptions { mapping: Some(read), ..options() };
                    if let Err(fault) = file.read_with(&options) {
                        assert_told(&fault);
                    }
                }
                Err(fault) => prop_assert_eq!(fault.code, "MAPPING_INVALID"),
            }
        }
    }
}
