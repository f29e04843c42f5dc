//! An hour table (学时表) as one JSON pack.

use creditbank_domain::text::bounded;
use creditbank_ledger::flows::{HourTableForm, NewHourTable};
use serde::Deserialize;

use super::pack::{DocumentFile, PackKind, at, days, of_kind, read_json};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HourTableFile {
    kind: PackKind,
    /// Made up, to show the form.
    #[serde(rename = "example", default)]
    _example: bool,
    /// Where its figures come from, in words.
    #[serde(rename = "source")]
    _source: String,
    authority: String,
    code: String,
    version: u32,
    document: DocumentFile,
    valid_from: String,
    valid_to: Option<String>,
    table: HourTableForm,
}

/// Reads the pack; the ledger checks the table as a whole.
pub(crate) fn read_hour_table(bytes: &[u8]) -> Result<NewHourTable, Problem> {
    let file: HourTableFile = read_json(bytes)?;
    of_kind(file.kind, PackKind::HourTable)?;
    let (valid_from, valid_to) = days("", &file.valid_from, file.valid_to.as_deref())?;
    Ok(NewHourTable {
        authority: at("/authority", bounded("authority", &file.authority, 80))?,
        code: at("/code", bounded("code", &file.code, 80))?,
        version: file.version,
        document: file.document.read()?,
        valid_from,
        valid_to,
        content: file.table,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKS: [&str; 3] = [
        include_str!("../../../../packs/hours/a.json"),
        include_str!("../../../../packs/hours/b.json"),
        include_str!("../../../../packs/hours/c.json"),
    ];

    #[test]
    fn every_pack_is_read_and_says_that_it_is_an_example() {
        for pack in PACKS {
            let table = read_hour_table(pack.as_bytes()).unwrap();
            assert!(table.authority.starts_with("example-"));
            assert!(pack.contains("\"example\": true") && table.content.rows.len() > 3);
        }
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let check = |from: &str, to: &str, place: &str| {
            let wrong = PACKS[0].replacen(from, to, 1);
            assert_ne!(wrong, PACKS[0], "{from}");
            let refusal = read_hour_table(wrong.as_bytes()).err().unwrap();
            assert_eq!(refusal.code(), "PACK_FILE");
            assert!(refusal.to_string().contains(place), "{refusal}");
        };
        check("\"2027-12-31\"", "\"2027-02-29\"", "/valid_to");
        check("\"hour_table\"", "\"same_courses\"", "/kind");
        check("\"rank\"", "\"place\"", "unknown field `place`");
        check("\"from\": 1", "\"from\": -1", "-1");
    }
}
