//! A CSV with a header, in whatever encoding it was saved, and words that have two languages.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use encoding_rs::{GB18030, UTF_8};

use crate::problem::Problem;

/// The most faults that are shown at once.
const SHOWN_MAX: usize = 20;

/// What is wrong with one cell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CellFault {
    line: u64,
    heading: &'static str,
    en: String,
}

/// One row, its cells by heading.
pub(crate) struct Record {
    line: u64,
    cells: BTreeMap<String, String>,
}

impl Record {
    /// Where it stands in the file.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// What stands under a heading, trimmed; nothing where there is no such column.
    pub(crate) fn text(&self, heading: &'static str) -> &str {
        self.cells.get(heading).map_or("", String::as_str)
    }

    /// A fault of the cell under a heading.
    pub(crate) fn fault(&self, heading: &'static str, en: impl Display) -> CellFault {
        CellFault {
            line: self.line,
            heading,
            en: en.to_string(),
        }
    }

    /// The value of a cell that must not be empty.
    pub(crate) fn value<T>(&self, heading: &'static str) -> Result<T, CellFault>
    where
        T: FromStr<Err: Display>,
    {
        self.read(heading, str::parse)
    }

    /// The value of a cell, read by a function of its own.
    pub(crate) fn read<T, E: Display>(
        &self,
        heading: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, CellFault> {
        match self.text(heading) {
            "" => Err(self.fault(heading, "the cell is empty")),
            text => read(text).map_err(|wrong| self.fault(heading, wrong)),
        }
    }

    /// The same for a cell that may be empty.
    pub(crate) fn optional<T, E: Display>(
        &self,
        heading: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, CellFault> {
        if self.text(heading).is_empty() {
            Ok(None)
        } else {
            self.read(heading, read).map(Some)
        }
    }

    /// 是 or 否; 否 where nothing is said.
    pub(crate) fn flag(&self, heading: &'static str) -> Result<bool, CellFault> {
        match self.text(heading) {
            "是" | "yes" | "true" | "1" => Ok(true),
            "" | "否" | "no" | "false" | "0" => Ok(false),
            _ => Err(self.fault(heading, "write 是 or 否 (yes or no)")),
        }
    }
}

/// Several values in one cell, between semicolons of either width.
pub(crate) fn listed<T, E>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, E> {
    let parts = text.split([';', ';', '、']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(read).collect()
}

/// A word of a closed list, in Chinese or as on the wire.
pub(crate) fn word<T>(chinese: &[(&str, T)], text: &str) -> Result<T, String>
where
    T: FromStr + Copy,
{
    if let Some((_, value)) = chinese.iter().find(|(zh, _)| *zh == text) {
        return Ok(*value);
    }
    text.parse().map_err(|_| {
        let known: Vec<&str> = chinese.iter().map(|(zh, _)| *zh).collect();
        format!("the word is not known; write one of {}", known.join("、"))
    })
}

/// Reads every row by `read`, or says everything that is wrong.
pub(crate) fn read_rows<T>(
    bytes: &[u8],
    needed: &[&'static str],
    read: impl Fn(&Record) -> Result<T, CellFault>,
) -> Result<Vec<T>, Problem> {
    let records = records(bytes, needed)?;
    let mut values = Vec::with_capacity(records.len());
    let mut faults = Vec::new();
    for record in &records {
        match read(record) {
            Ok(value) => values.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(values)
    } else {
        Err(refused(&faults))
    }
}

fn records(bytes: &[u8], needed: &[&'static str]) -> Result<Vec<Record>, Problem> {
    let text = decoded(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings: Vec<String> = match reader.headers() {
        Ok(found) => found.iter().map(str::to_owned).collect(),
        Err(error) => return Err(malformed(&error)),
    };
    let missing: Vec<&str> = needed
        .iter()
        .filter(|name| !headings.iter().any(|h| h == *name))
        .copied()
        .collect();
    if !missing.is_empty() {
        let missing = missing.join("、");
        return Err(Problem::new(
            "COLUMN_MISSING",
            format!("缺少列:{missing}"),
            format!("these columns are missing: {missing}"),
        ));
    }
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| malformed(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let cells = headings
            .iter()
            .cloned()
            .zip(row.iter().map(str::to_owned))
            .collect();
        records.push(Record { line, cells });
    }
    Ok(records)
}

/// BOM, then strict UTF-8, then GB 18030; never a guess past that.
fn decoded(bytes: &[u8]) -> Result<String, Problem> {
    let (text, _, wrong) = UTF_8.decode(bytes);
    if !wrong {
        return Ok(text.into_owned());
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(text.into_owned()),
        None => Err(Problem::new(
            "FILE_ENCODING",
            "文件既不是 UTF-8 也不是 GB 18030",
            "the file is neither UTF-8 nor GB 18030",
        )
        .todo("请另存为 CSV UTF-8", "save it as CSV UTF-8")),
    }
}

fn malformed(error: &csv::Error) -> Problem {
    Problem::new(
        "FILE_KIND",
        format!("不是 CSV 文件({error})"),
        format!("no CSV file ({error})"),
    )
}

fn refused(faults: &[CellFault]) -> Problem {
    let shown = faults.iter().take(SHOWN_MAX).map(|fault| {
        let CellFault { line, heading, en } = fault;
        format!("\n    第 {line} 行 line {line}, 「{heading}」: {en}")
    });
    let shown: String = shown.collect();
    let count = faults.len();
    Problem::new(
        "REGISTER_FILE",
        format!("有 {count} 行不能登记,未作任何改动"),
        format!("{count} lines cannot be registered; nothing was changed:{shown}"),
    )
    .todo("请更正后重新登记", "correct them and load the file again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8]) -> Result<Vec<u32>, String> {
        read_rows(bytes, &["数"], |record| record.value("数")).map_err(|it| it.to_string())
    }

    #[test]
    fn every_encoding_in_which_registers_are_saved_is_read() {
        let text = "名,数\r\n甲,1\r\n乙, 2 \r\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        let marked = format!("\u{FEFF}{text}");
        for bytes in [text.as_bytes(), gbk.as_ref(), marked.as_bytes()] {
            assert_eq!(numbers(bytes).unwrap(), [1, 2]);
        }
    }

    #[test]
    fn one_bad_line_refuses_the_file_and_is_named() {
        let refusal = numbers("数\n1\nzwei\n3\n\"\"\n".as_bytes()).unwrap_err();
        assert!(
            refusal.contains("REGISTER_FILE") && refusal.contains("line 3"),
            "{refusal}"
        );
        assert!(refusal.contains("line 5"), "{refusal}");
        assert!(
            numbers("名\n1\n".as_bytes())
                .unwrap_err()
                .contains("COLUMN_MISSING")
        );
        assert!(
            numbers(b"\xFF\xFF\xFF")
                .unwrap_err()
                .contains("FILE_ENCODING")
        );
    }
}
