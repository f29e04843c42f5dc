//! Rows in Postgres' binary `COPY` format, cut into files of so many rows each.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};

use crate::bank::{BenchBank, TWIN};

/// Signature, flags and the length of a header extension that nobody writes.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Where a row would say how many columns it has.
const END: [u8; 2] = (-1_i16).to_be_bytes();

/// What one `COPY … TO` wrote.
pub struct CopiedRows {
    bytes: Vec<u8>,
    /// Where each row begins, and where the last one ends.
    bounds: Vec<usize>,
}

impl CopiedRows {
    pub fn read(file: &Path) -> Result<Self> {
        let bytes = std::fs::read(file)?;
        ensure!(bytes.starts_with(HEADER), "not a binary copy");
        let mut at = HEADER.len();
        let mut bounds = vec![at];
        loop {
            let columns = i16::from_be_bytes(taken(&bytes, &mut at)?);
            if columns < 0 {
                return Ok(Self { bytes, bounds });
            }
            for _ in 0..columns {
                let length = i32::from_be_bytes(taken(&bytes, &mut at)?);
                // Nothing follows where it is null, which is -1.
                at += usize::try_from(length).unwrap_or(0);
            }
            bounds.push(at);
        }
    }

    /// Writes so many rows a file, the files beside this one, and names them.
    pub fn write_in_parts(&self, beside: &Path, rows: usize) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut first = 0;
        while first + 1 < self.bounds.len() {
            let last = (first + rows).min(self.bounds.len() - 1);
            let part = &self.bytes[self.bounds[first]..self.bounds[last]];
            let file = beside.with_extension(files.len().to_string());
            std::fs::write(&file, [HEADER, part, &END].concat())?;
            files.push(file);
            first = last;
        }
        Ok(files)
    }
}

fn taken<const N: usize>(bytes: &[u8], at: &mut usize) -> Result<[u8; N]> {
    let end = *at + N;
    let taken = bytes.get(*at..end).context("a copy that was cut off")?;
    *at = end;
    Ok(taken.try_into()?)
}

/// Reads every `Time: 12.345 ms` of psql, in seconds.
pub fn timed(printed: &str) -> Vec<f64> {
    let times = printed.split("Time: ").skip(1);
    let times = times.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok());
    times.map(|milliseconds| milliseconds / 1e3).collect()
}

/// Writes the rows of a moment to a file and names it.
pub fn select(bank: &BenchBank, (table, rows): (&str, &str), at: DateTime<Utc>) -> Result<PathBuf> {
    let file = bank.folder.join(table);
    let (rows, name) = (rows.replace("{at}", &at.to_rfc3339()), file.display());
    bank.sql(&format!(
        "\\copy (select * from {table} where {rows} order by ctid) to '{name}' (format binary)"
    ))?;
    Ok(file)
}

/// Copies the rows of a moment into the twin, a table after the other in one transaction, and says
/// how many seconds that took.
pub fn copy_all(bank: &BenchBank, tables: &[(&str, &str)], at: DateTime<Utc>) -> Result<f64> {
    let mut script = "\\timing on\nbegin;\n".to_owned();
    for table in tables {
        let file = select(bank, *table, at)?;
        let (name, file) = (table.0, file.display());
        script += &format!("\\copy {name} from '{file}' (format binary)\n");
    }
    script += "commit;\n";
    let times = timed(&bank.sql_in(TWIN, &script)?);
    ensure!(times.len() == tables.len() + 2, "{} times", times.len());
    Ok(times.iter().sum())
}
