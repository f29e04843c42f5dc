//! A transcript file whose layout is understood: which sheets, which headers, which mapping.

use std::ops::ControlFlow;
use std::path::Path;

use creditbank_domain::fault::Fault;
use creditbank_domain::outcome::LearnerRef;

use crate::attendance::{self, Merged};
use crate::cell::Row;
use crate::dictionary::{self, Field};
use crate::faults;
use crate::header::{Header, Headings, layout_name};
use crate::input::Input;
use crate::line_learner::LEARNER_FIELDS;
use crate::mapping::ColumnMapping;
use crate::sheet::{LinesOf, Role, Sheet, find_sheets};
use crate::table::Table;

/// Looks up the mapping that was saved under a layout's name.
pub(crate) type SavedMappings<'a> = dyn FnMut(&str) -> Option<ColumnMapping> + 'a;

/// A file that is ready to be read line by line.
pub(crate) struct Transcript {
    /// Its rows.
    pub(crate) table: Table,
    /// The sheets on which the lines are, in their order.
    pub(crate) sheets: Vec<Sheet>,
    /// The mapping that applies, its keys folded.
    pub(crate) mapping: ColumnMapping,
    /// The name under which this layout's mapping is kept.
    pub(crate) layout: Option<String>,
    /// What the rows of an attendance list come to.
    attendance: Option<Merged>,
}

impl Transcript {
    /// Opens the file and finds its layout.
    ///
    /// A mapping given with the file comes first, then the one saved for its layout, then the
    /// dictionary alone. One that is given and says nothing is the dictionary alone too.
    pub(crate) fn open(
        path: &Path,
        given: Option<&ColumnMapping>,
        saved: &mut SavedMappings<'_>,
    ) -> Result<Self, Fault> {
        Self::open_input(&Input::of(path), given, saved)
    }

    /// The same of a file with a time of its own.
    pub(crate) fn open_input(
        input: &Input,
        given: Option<&ColumnMapping>,
        saved: &mut SavedMappings<'_>,
    ) -> Result<Self, Fault> {
        let plain = ColumnMapping::default();
        let said = given.unwrap_or(&plain);
        said.check()?;
        let mut table = Table::open(input, &Headings::new(said))?;
        let mut first_rows = Vec::new();
        for sheet in table.sheets() {
            let rows = table.first_rows(&sheet)?;
            first_rows.push((sheet, rows));
        }
        let mapping = if given.is_none() {
            let rows = first_rows.iter().flat_map(|(_, rows)| rows);
            rows.filter_map(|row| layout_name(row.cells()))
                .find_map(|name| saved(&name))
        } else {
            None
        };
        let mapping = mapping.unwrap_or_else(|| said.clone());
        let sheets = find_sheets(LinesOf::Outcomes, &mapping, &first_rows)?;
        let layout = sheets.iter().find_map(|sheet| {
            let rows = first_rows.iter().find(|(name, _)| *name == sheet.name);
            let mut rows = rows.map_or(&[][..], |(_, rows)| rows.as_slice()).iter();
            let row = rows.find(|row| row.line_no == sheet.header.line_no)?;
            layout_name(row.cells())
        });
        let mut transcript = Self {
            table,
            sheets,
            mapping: mapping.folded(),
            layout,
            attendance: None,
        };
        transcript.attendance = attendance::merge(&mut transcript, &first_rows)?;
        Ok(transcript)
    }

    /// Opens a file whose lines ask for something: of its columns only those of the learner are
    /// needed, and its layout is kept by nobody.
    pub(crate) fn open_requests(path: &Path, given: Option<&ColumnMapping>) -> Result<Self, Fault> {
        let plain = ColumnMapping::default();
        let mapping = given.unwrap_or(&plain);
        mapping.check()?;
        let mut table = Table::open(&Input::of(path), &Headings::of(LinesOf::Requests, mapping))?;
        if matches!(table, Table::Records(_)) {
            let (zh, en) = ("批次文件应为表格", "a file of requests is a table");
            return Err(faults::file_kind(zh, en));
        }
        let mut first_rows = Vec::new();
        for sheet in table.sheets() {
            let rows = table.first_rows(&sheet)?;
            first_rows.push((sheet, rows));
        }
        let sheets = find_sheets(LinesOf::Requests, mapping, &first_rows)?;
        let named = |header: &Header| LEARNER_FIELDS.iter().any(|field| header.has(*field));
        if !{ sheets.iter() }.all(|sheet| sheet.header.blocks.iter().all(named)) {
            let headings = LEARNER_FIELDS.map(dictionary::zh).join(", ");
            return Err(faults::learner_column_missing(&headings));
        }
        Ok(Self {
            table,
            sheets,
            mapping: mapping.folded(),
            layout: None,
            attendance: None,
        })
    }

    /// Refuses a layout from which no line could become an outcome.
    pub(crate) fn check(&self, learner: Option<&LearnerRef>) -> Result<(), Fault> {
        let blocks = self.sheets.iter().flat_map(|sheet| &sheet.header.blocks);
        for header in blocks {
            self.check_header(header, learner)?;
        }
        Ok(())
    }

    fn check_header(&self, header: &Header, learner: Option<&LearnerRef>) -> Result<(), Fault> {
        if header.has(Field::Action) && header.has(Field::SourceRef) {
            // Lines that withdraw need no more; of the others each says what it lacks.
            return Ok(());
        }
        let has_course = header.has(Field::CourseCode) || self.mapping.course.is_some();
        let has_grade = header.has(Field::Grade) || header.has(Field::Verdict);
        let needed = [(Field::CourseCode, has_course), (Field::Grade, has_grade)];
        if let Some((field, _)) = needed.into_iter().find(|(_, has)| !has) {
            let headings = dictionary::headings_of(field);
            return Err(faults::column_missing(dictionary::zh(field), &headings));
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

    /// Visits every row of every sheet that is read with its role, until told to stop.
    pub(crate) fn for_each_row(
        &mut self,
        visit: &mut dyn FnMut(Row, Role) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        for index in 0..self.sheets.len() {
            if self.for_each_row_of(index, visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Visits every row of one of the sheets, and says whether it was told to stop.
    pub(crate) fn for_each_row_of(
        &mut self,
        index: usize,
        visit: &mut dyn FnMut(Row, Role) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        let Self {
            table,
            sheets,
            attendance,
            ..
        } = self;
        let Some(sheet) = sheets.get(index) else {
            return Ok(ControlFlow::Continue(()));
        };
        let mut flow = ControlFlow::Continue(());
        table.for_each_row(&sheet.name, &mut |mut row| {
            let mut role = sheet.role_of(&row, index);
            if matches!(role, Role::Lines(_)) {
                sheet.refuse_pushed_aside(&mut row);
                if let Some(merged) = attendance {
                    role = merged.complete(&mut row, role);
                }
            }
            flow = visit(row, role);
            flow
        })?;
        Ok(flow)
    }
}
