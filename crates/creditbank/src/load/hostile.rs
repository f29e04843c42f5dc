//! Registers and packs as they are loaded, with bytes changed, cut off, and in another encoding:
//! each is read or refused, whatever is in it.

use creditbank_domain::calendar::bank_day;
use encoding_rs::GB18030;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::problem::Problem;

type Reader = fn(&[u8]) -> Result<(), Problem>;

/// Each reader with a file that it reads.
const FILES: [(&str, &[u8], Reader); 9] = [
    (
        "institutions",
        include_bytes!("../../demo/institutions.csv"),
        |bytes| read_institutions(bytes).map(drop),
    ),
    (
        "technical schools",
        include_bytes!("../../demo/technical_schools.csv"),
        |bytes| read_institutions(bytes).map(drop),
    ),
    (
        "catalogue",
        include_bytes!("../../demo/catalogue.csv"),
        |bytes| read_catalogue(bytes).map(drop),
    ),
    (
        "programmes",
        include_bytes!("../../demo/programmes.csv"),
        |bytes| read_programmes(bytes).map(drop),
    ),
    (
        "calendar",
        include_bytes!("../../../../packs/calendars/2026.json"),
        |bytes| read_calendar(bytes).map(drop),
    ),
    (
        "frameworks",
        include_bytes!("../../../../packs/frameworks/cn10.json"),
        |bytes| read_frameworks(bytes).map(drop),
    ),
    (
        "governance",
        include_bytes!("../../../../packs/governance/anhui-2021.json"),
        |bytes| read_governance(bytes).map(drop),
    ),
    (
        "grading",
        include_bytes!("../../../../packs/grading/example.json"),
        |bytes| read_grading(bytes).map(drop),
    ),
    (
        "hours",
        include_bytes!("../../../../packs/hours/a.json"),
        |bytes| read_hour_table(bytes).map(drop),
    ),
];

#[test]
fn each_of_these_files_is_read_as_it_is() {
    for (name, bytes, read) in FILES {
        if let Err(refused) = read(bytes) {
            panic!("{name}: {refused}");
        }
    }
}

/// What is put in the place of a byte: more than one changes what a cell says.
fn inserted() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        select(vec![
            "\"",
            ",",
            "\n",
            "\r",
            "\0",
            "{",
            "[",
            "\\u0000",
            "-1",
            "1e400",
            "99999999999999999999999",
            "0.001",
            "2026-02-30",
            "9999999-01-01",
            "、;;",
            "是",
            "\u{FEFF}",
            "null",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        vec(any::<u8>(), 0..4),
    ]
}

proptest! {
    #[test]
    fn whatever_is_in_a_register_it_is_read_or_refused_with_a_reason(
        (_, whole, read) in select(FILES.to_vec()),
        changes in vec((any::<Index>(), inserted()), 0..5),
        cut in any::<Option<Index>>(),
        in_gb in any::<bool>(),
    ) {
        let mut bytes = whole.to_vec();
        for (at, instead) in changes {
            let at = at.index(bytes.len());
            bytes.splice(at..=at, instead);
            bytes.push(b'\n');
        }
        if let Some(at) = cut {
            bytes.truncate(at.index(bytes.len()));
        }
        if in_gb && let Ok(text) = std::str::from_utf8(&bytes) {
            bytes = GB18030.encode(text).0.into_owned();
        }
        if let Err(refused) = read(&bytes) {
            prop_assert!(refused.to_string().chars().count() > 8, "{refused}");
        }
    }

    #[test]
    fn lists_of_people_and_of_hours_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        let today = bank_day(chrono::DateTime::UNIX_EPOCH);
        let with_heading = ["姓名,证件类型,证件号码,学号\n".as_bytes(), &bytes].concat();
        for bytes in [&bytes, &with_heading] {
            let _ = read_accounts(bytes, today);
            let _ = read_hour_claims(bytes, today);
            let _ = read_subcategories(bytes);
            let _ = read_same_courses(bytes);
            let _ = read_chain(bytes);
            let _ = read_committee(bytes);
        }
    }
}
