//! Which character stands between two cells of a text file.

use crate::cell::Cell;
use crate::header::Headings;
use crate::record::Record;

/// The characters that are tried, the likeliest first.
const CANDIDATES: [char; 4] = [',', '\t', ';', '|'];

/// The delimiter under which most headings are known; else the one that cuts most lines alike.
///
/// Headings come first because a title may hold more commas than the table has semicolons.
pub(crate) fn sniff(lines: &[String], headings: &Headings<'_>) -> char {
    if let Some(declared) = lines.first().and_then(|line| declared(line)) {
        return declared;
    }
    let mut best = (',', (0, 0));
    for delimiter in CANDIDATES {
        let rows: Vec<_> = lines.iter().map(|line| cells(line, delimiter)).collect();
        let known = rows
            .iter()
            .map(|row| headings.known_in(row))
            .max()
            .unwrap_or_default();
        let score = (known, rows_alike(&rows));
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// The first line that Excel understands as a declaration: `sep=;`.
fn declared(line: &str) -> Option<char> {
    let mut rest = line.trim().strip_prefix("sep=").unwrap_or_default().chars();
    let delimiter = rest
        .next()
        .filter(|character| CANDIDATES.contains(character))?;
    rest.next().is_none().then_some(delimiter)
}

fn cells(line: &str, delimiter: char) -> Vec<Cell> {
    let mut record = Record::new(delimiter);
    record.feed(line);
    record
        .into_cells()
        .unwrap_or_default()
        .into_iter()
        .map(Cell::Text)
        .collect()
}

/// How many lines have the most common number of cells, where that is more than one.
fn rows_alike(rows: &[Vec<Cell>]) -> usize {
    let alike = |count: usize| rows.iter().filter(|row| row.len() == count).count();
    rows.iter()
        .map(Vec::len)
        .filter(|count| *count > 1)
        .map(alike)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::ColumnMapping;

    fn sniffed(lines: &[&str]) -> char {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        sniff(&lines, &Headings::new(&ColumnMapping::default()))
    }

    #[test]
    fn every_delimiter_is_found() {
        for delimiter in CANDIDATES {
            let header = ["学号", "课程代码", "成绩"].join(&delimiter.to_string());
            let line = ["1", "a, b; c", "60"].join(&delimiter.to_string());
            assert_eq!(
                sniffed(&[&header, &line, &line]),
                delimiter,
                "{delimiter:?}"
            );
        }
    }

    #[test]
    fn unknown_headings_leave_it_to_the_number_of_cells() {
        assert_eq!(sniffed(&["a;b,c;d", "1;2;3", "4;5,0;6"]), ';');
        assert_eq!(sniffed(&["one column"]), ',');
    }

    #[test]
    fn excel_s_own_declaration_is_obeyed() {
        assert_eq!(sniffed(&["sep=;", "学号,课程代码,成绩"]), ';');
        assert_eq!(sniffed(&["sep=x", "a,b"]), ',');
    }
}
