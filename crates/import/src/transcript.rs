//! A transcript file whose layout is understood: which sheet, which header, which mapping.

use std::ops::ControlFlow;
use std::path::Path;

use creditbank_domain::fault::Fault;
use creditbank_domain::outcome::LearnerRef;

use crate::cell::{Cell, Row};
use crate::dictionary::{self, Field};
use crate::faults;
use crate::header::{Header, Headings, layout_name};
use crate::line_cells::LineCells;
use crate::line_learner::LEARNER_FIELDS;
use crate::mapping::ColumnMapping;
use crate::table::Table;

/// Looks up the mapping that was saved under a layout's name.
pub(crate) type SavedMappings<'a> = dyn FnMut(&str) -> Option<ColumnMapping> + 'a;

/// A file that is ready to be read line by line.
pub(crate) struct Transcript {
    /// Its rows.
    pub(crate) table: Table,
    /// The sheet on which the lines are.
    pub(crate) sheet: String,
    /// The header on that sheet.
    pub(crate) header: Header,
    /// The mapping that applies, its keys folded.
    pub(crate) mapping: ColumnMapping,
    /// The name under which this layout's mapping is kept.
    pub(crate) layout: Option<String>,
}

/// What a row is for whoever copies or reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowRole {
    /// The header itself.
    Header,
    /// A line of the transcript.
    Line,
    /// A title, a footer, a blank row.
    Other,
}

impl Transcript {
    /// Opens the file and finds its layout.
    ///
    /// A mapping given with the file comes first, then the one saved for its layout, then the
    /// dictionary alone.
    pub(crate) fn open(
        path: &Path,
        given: Option<&ColumnMapping>,
        saved: &mut SavedMappings<'_>,
    ) -> Result<Self, Fault> {
        let plain = ColumnMapping::default();
        let given = given.unwrap_or(&plain);
        given.check()?;
        let mut table = Table::open(path, &Headings::new(given))?;
        let mut sheets = Vec::new();
        for sheet in table.sheets() {
            let rows = table.first_rows(&sheet)?;
            sheets.push((sheet, rows));
        }
        let mapping = if *given == plain {
            let rows = sheets.iter().flat_map(|(_, rows)| rows);
            rows.filter_map(|row| layout_name(row.cells()))
                .find_map(|name| saved(&name))
        } else {
            None
        };
        let mapping = mapping.unwrap_or_else(|| given.clone());
        let (sheet, header) = find_header(&mapping, &sheets)?;
        let rows = sheets
            .iter()
            .find(|(name, _)| *name == sheet)
            .map(|(_, rows)| rows.as_slice());
        let mut rows = rows.unwrap_or_default().iter();
        let row = rows.find(|row| row.line_no == header.line_no);
        let layout = row.and_then(|row| layout_name(row.cells()));
        Ok(Self {
            table,
            sheet,
            header,
            mapping: mapping.folded(),
            layout,
        })
    }

    /// Refuses a layout from which no line could become an outcome.
    pub(crate) fn check(&self, learner: Option<&LearnerRef>) -> Result<(), Fault> {
        let header = &self.header;
        for field in [Field::CourseCode, Field::Grade] {
            if !header.has(field) {
                let headings = dictionary::headings_of(field);
                return Err(faults::column_missing(dictionary::zh(field), &headings));
            }
        }
        let named = LEARNER_FIELDS.into_iter().find(|field| header.has(*field));
        match (named, learner) {
            (None, None) => {
                let headings = LEARNER_FIELDS.map(dictionary::zh).join(", ");
                return Err(faults::learner_column_missing(&headings));
            }
            (Some(field), Some(_)) => {
                return Err(faults::learner_named_twice(&header.shown(field)));
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        let dated = [Field::AwardedOn, Field::Term, Field::Year].map(|field| header.has(field));
        if !dated.contains(&true) && self.mapping.awarded_on.is_none() {
            let headings = [Field::AwardedOn, Field::Term]
                .map(dictionary::headings_of)
                .join(", ");
            return Err(faults::date_nowhere(&headings));
        }
        Ok(())
    }

    /// Visits every row of the sheet with its role, until told to stop.
    pub(crate) fn for_each_row(
        &mut self,
        visit: &mut dyn FnMut(Row, RowRole) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let Self {
            table,
            sheet,
            header,
            ..
        } = self;
        table.for_each_row(sheet, &mut |mut row| {
            let role = role_of(&row, header);
            if role == RowRole::Line && has_been_pushed_aside(&row, header) {
                let (cells, headings) = (row.cells().len(), header.headings.len());
                row.content = Err(faults::more_cells_than_headings(cells, headings));
            }
            visit(row, role)
        })
    }
}

fn role_of(row: &Row, header: &Header) -> RowRole {
    if row.line_no == header.line_no {
        return RowRole::Header;
    }
    let readable = row.content.is_ok();
    if row.line_no < header.line_no
        || (readable && LineCells::new(header, row.cells()).is_no_line())
    {
        return RowRole::Other;
    }
    RowRole::Line
}

/// In text an unquoted delimiter pushes the cells behind it aside; in a sheet nothing can.
fn has_been_pushed_aside(row: &Row, header: &Header) -> bool {
    let beyond = row.cells().get(header.headings.len()..).unwrap_or_default();
    row.place.is_some() && !beyond.iter().all(Cell::is_blank)
}

fn find_header(
    mapping: &ColumnMapping,
    sheets: &[(String, Vec<Row>)],
) -> Result<(String, Header), Fault> {
    let headings = Headings::new(mapping);
    let wanted = |name: &str| {
        mapping
            .sheet
            .as_ref()
            .is_none_or(|sheet| name.is_empty() || sheet == name)
    };
    let mut candidates = sheets.iter().filter(|(name, _)| wanted(name)).peekable();
    if candidates.peek().is_none() {
        return Err(faults::sheet_not_found(
            mapping.sheet.as_deref().unwrap_or_default(),
        ));
    }
    let found: Vec<_> = candidates
        .filter_map(|(name, rows)| headings.find(rows).map(|header| (name, header)))
        .collect();
    if found.len() > 1 {
        let names: Vec<_> = found.into_iter().map(|(name, _)| name.clone()).collect();
        return Err(faults::sheets_ambiguous(&names));
    }
    match found.into_iter().next() {
        Some((name, header)) => Ok((name.clone(), header?)),
        None => {
            let first = sheets.iter().find(|(name, _)| wanted(name));
            Err(headings.not_found(first.map_or(&[], |(_, rows)| rows.as_slice())))
        }
    }
}
