//! Result files of JSON Lines: every line again, with `status`, `codes` and `explanation`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::json;

use super::{LineNote, Notes, unwritable};
use crate::ImportError;
use crate::formats::json::Members;
use crate::formats::json_lines::{RESULT_MEMBERS, each_line};
use crate::input::Input;
use crate::physical_lines::PhysicalLine;

/// Writes every line with its note; one that is no object comes back as the text that it was.
pub(super) fn write(original: &Path, out: &Path, notes: &mut Notes<'_>) -> Result<(), ImportError> {
    let mut file = BufWriter::new(File::create(out).map_err(unwritable)?);
    let mut stopped = None;
    each_line(&Input::untimed(original), &mut |line, _| {
        let written =
            notes(line.no).and_then(|note| write_line(&mut file, &line, &note).map_err(unwritable));
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stopped = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    stopped.map_or(Ok(()), Err)?;
    file.flush().map_err(unwritable)
}

fn write_line(file: &mut impl Write, line: &PhysicalLine, note: &LineNote) -> std::io::Result<()> {
    let text = String::from_utf8_lossy(line.bytes.as_deref().unwrap_or_default());
    let members = match serde_json::from_str::<Members>(&text) {
        Ok(Members(members)) => members
            .iter()
            .filter(|(name, _)| !RESULT_MEMBERS.contains(&name.as_str()))
            .map(|(name, value)| format!("{}:{}", json!(name), value.get()))
            .collect(),
        Err(_) => vec![format!("\"line\":{}", json!(text))],
    };
    let [status, codes, text] = &note.cells;
    let codes: Vec<_> = codes.split("; ").filter(|code| !code.is_empty()).collect();
    let told = [
        json!(status),
        json!(codes),
        json!({"zh": text, "en": note.english}),
    ];
    let told = RESULT_MEMBERS.iter().zip(told);
    let told = told.map(|(name, value)| format!("\"{name}\":{value}"));
    let all: Vec<_> = members.into_iter().chain(told).collect();
    writeln!(file, "{{{}}}", all.join(","))
}
