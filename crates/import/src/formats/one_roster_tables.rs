//! The tables of a OneRoster exchange that say what a result is about.
//!
//! Results are streamed; what they refer to is kept, and how much of it may be kept is limited.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use creditbank_domain::fault::Fault;
use csv::StringRecord;
use zip::ZipArchive;

use super::elmo::full_name;
use super::metered::{Meter, Metered};
use crate::faults;
use crate::fold;
use crate::input::{Input, Opened};

/// The most bytes of a record.
const RECORD_BYTES_MAX: u64 = 1 << 20;
/// The most bytes of names and numbers that are kept, what keeps them counted roughly.
const KEPT_BYTES_MAX: usize = 96 << 20;
const ENTRY_BYTES: usize = 160;

/// An open exchange.
pub(super) struct Exchange {
    archive: ZipArchive<BufReader<Opened>>,
}

/// A record and the headings above it.
pub(super) struct Cells<'a> {
    headings: &'a HashMap<String, usize>,
    record: &'a StringRecord,
}

impl Cells<'_> {
    /// The cell under a heading, trimmed; empty where there is none.
    pub(super) fn get(&self, heading: &str) -> &str {
        let index = self.headings.get(&heading.to_ascii_lowercase());
        let cell = index.and_then(|index| self.record.get(*index));
        cell.unwrap_or_default().trim()
    }
}

impl Exchange {
    /// Opens an archive that was checked before.
    pub(super) fn open(input: &Input) -> Result<Self, Fault> {
        let file = input
            .open()
            .map_err(|reason| faults::file_unreadable(&reason))?;
        let archive = ZipArchive::new(BufReader::new(file));
        Ok(Self {
            archive: archive.map_err(|_| faults::file_damaged("zip"))?,
        })
    }

    /// Visits every record of a file until told to stop; `visit` gets the number of the record in
    /// its file, the header being 1. False where there is no such file.
    pub(super) fn each(
        &mut self,
        name: &str,
        visit: &mut dyn FnMut(u64, Cells<'_>) -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        let names: Vec<String> = self
            .archive
            .file_names()
            .map(|name| name.map(|name| name.into_owned()).unwrap_or_default())
            .collect();
        let found = names.into_iter().find(|it| it.eq_ignore_ascii_case(name));
        let Some(found) = found else {
            return Ok(false);
        };
        let damaged = || faults::file_damaged(name);
        let part = self.archive.by_name(&found).map_err(|_| damaged())?;
        let (part, meter) = Metered::new(part, RECORD_BYTES_MAX);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(part);
        let headings = headings_of(&mut reader).ok_or_else(damaged)?;
        visit_all(&mut reader, &meter, &headings, visit)
            .map_err(|fault| fault.unwrap_or_else(damaged))?;
        Ok(true)
    }
}

fn headings_of<R: Read>(reader: &mut csv::Reader<R>) -> Option<HashMap<String, usize>> {
    let headings = reader.headers().ok()?;
    let keys = headings.iter().map(|heading| {
        let heading = heading.trim_start_matches('\u{FEFF}').trim();
        heading.to_ascii_lowercase()
    });
    Some(keys.zip(0..).collect())
}

fn visit_all<R: Read>(
    reader: &mut csv::Reader<R>,
    meter: &Meter,
    headings: &HashMap<String, usize>,
    visit: &mut dyn FnMut(u64, Cells<'_>) -> Result<bool, Fault>,
) -> Result<(), Option<Fault>> {
    let mut record = StringRecord::new();
    let mut number = 1;
    loop {
        meter.next_piece();
        if !reader.read_record(&mut record).map_err(|_| None)? {
            return Ok(());
        }
        number += 1;
        let cells = Cells {
            headings,
            record: &record,
        };
        if !visit(number, cells).map_err(Some)? {
            return Ok(());
        }
    }
}

/// Who a user is.
#[derive(Default)]
pub(super) struct User {
    pub(super) number: String,
    pub(super) name: String,
}

/// A thing graded in a class.
#[derive(Default)]
pub(super) struct LineItem {
    title: String,
    category: String,
    pub(super) class: String,
    pub(super) period: String,
    pub(super) score_max: String,
}

/// A class of a course.
#[derive(Default)]
pub(super) struct Class {
    pub(super) course: String,
    pub(super) term: String,
}

/// A course.
#[derive(Default)]
pub(super) struct Course {
    pub(super) code: String,
    pub(super) title: String,
}

/// How a class's results come to be a course's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// This is the result of the course.
    Counts,
    /// A quiz beside the result of the course.
    Beside,
    /// Several could be the result of the course.
    Ambiguous,
}

/// All that results refer to, by `sourcedId`.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) users: HashMap<String, User>,
    pub(super) items: HashMap<String, LineItem>,
    pub(super) classes: HashMap<String, Class>,
    pub(super) courses: HashMap<String, Course>,
    /// Term and last day.
    pub(super) sessions: HashMap<String, (String, String)>,
    categories: HashMap<String, String>,
    counting: HashMap<String, Counting>,
    kept_bytes: usize,
}

impl Tables {
    /// Reads them all.
    pub(super) fn read(exchange: &mut Exchange) -> Result<Self, Fault> {
        let mut tables = Self::default();
        tables.people(exchange)?;
        tables.register(exchange)?;
        tables.gradebook(exchange)?;
        tables.count();
        Ok(tables)
    }

    /// Whether the results of a line item are those of its course.
    pub(super) fn counting(&self, item: &str) -> Counting {
        let known = self.counting.get(item).copied();
        known.unwrap_or(Counting::Ambiguous)
    }

    fn people(&mut self, exchange: &mut Exchange) -> Result<(), Fault> {
        exchange.each("users.csv", &mut |_, cells| {
            let role = cells.get("role").to_ascii_lowercase();
            if !role.is_empty() && role != "student" {
                return Ok(true);
            }
            let id = cells.get("sourcedId");
            let own = cells.get("identifier");
            let number = if own.is_empty() { id } else { own };
            let name = full_name(cells.get("givenName"), cells.get("familyName"));
            self.keep(&[id, number, &name])?;
            let user = User {
                number: number.to_owned(),
                name,
            };
            self.users.insert(id.to_owned(), user);
            Ok(true)
        })?;
        Ok(())
    }

    fn register(&mut self, exchange: &mut Exchange) -> Result<(), Fault> {
        exchange.each("courses.csv", &mut |_, cells| {
            let (id, code) = (cells.get("sourcedId"), cells.get("courseCode"));
            let course = Course {
                code: if code.is_empty() { id } else { code }.to_owned(),
                title: cells.get("title").to_owned(),
            };
            self.keep(&[id, &course.code, &course.title])?;
            self.courses.insert(id.to_owned(), course);
            Ok(true)
        })?;
        exchange.each("classes.csv", &mut |_, cells| {
            let id = cells.get("sourcedId");
            let terms = cells.get("termSourcedIds");
            let class = Class {
                course: cells.get("courseSourcedId").to_owned(),
                term: terms
                    .split(',')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
            };
            self.keep(&[id, &class.course, &class.term])?;
            self.classes.insert(id.to_owned(), class);
            Ok(true)
        })?;
        exchange.each("academicSessions.csv", &mut |_, cells| {
            let id = cells.get("sourcedId");
            let session = [cells.get("title"), cells.get("endDate")];
            self.keep(&[id, session[0], session[1]])?;
            let [title, ends_on] = session.map(str::to_owned);
            self.sessions.insert(id.to_owned(), (title, ends_on));
            Ok(true)
        })?;
        Ok(())
    }

    fn gradebook(&mut self, exchange: &mut Exchange) -> Result<(), Fault> {
        exchange.each("categories.csv", &mut |_, cells| {
            let (id, title) = (cells.get("sourcedId"), cells.get("title"));
            self.keep(&[id, title])?;
            self.categories.insert(id.to_owned(), title.to_owned());
            Ok(true)
        })?;
        exchange.each("lineItems.csv", &mut |_, cells| {
            let id = cells.get("sourcedId");
            let item = LineItem {
                title: cells.get("title").to_owned(),
                category: cells.get("categorySourcedId").to_owned(),
                class: cells.get("classSourcedId").to_owned(),
                period: cells.get("gradingPeriodSourcedId").to_owned(),
                score_max: cells.get("resultValueMax").to_owned(),
            };
            self.keep(&[id, &item.title, &item.category, &item.class])?;
            self.items.insert(id.to_owned(), item);
            Ok(true)
        })?;
        Ok(())
    }

    /// Of each class: its one item, else the one that calls itself final.
    fn count(&mut self) {
        let mut of_class: HashMap<&str, Vec<(&str, bool)>> = HashMap::new();
        for (id, item) in &self.items {
            let category = self.categories.get(&item.category);
            let is_final = is_final(&item.title) || category.is_some_and(|it| is_final(it));
            of_class
                .entry(&item.class)
                .or_default()
                .push((id, is_final));
        }
        let mut counting = HashMap::new();
        for items in of_class.into_values() {
            let finals = items.iter().filter(|(_, is_final)| *is_final).count();
            let only = items.len() == 1;
            for (id, is_final) in items {
                let how = match (finals, is_final) {
                    _ if only => Counting::Counts,
                    (1, true) => Counting::Counts,
                    (1.., false) => Counting::Beside,
                    (0, _) | (_, true) => Counting::Ambiguous,
                };
                counting.insert(id.to_owned(), how);
            }
        }
        self.counting = counting;
    }

    fn keep(&mut self, texts: &[&str]) -> Result<(), Fault> {
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        self.kept_bytes = self.kept_bytes.saturating_add(bytes + ENTRY_BYTES);
        if self.kept_bytes > KEPT_BYTES_MAX {
            return Err(faults::unpacked_too_large(
                "人员、课程、班级过多,请按学院拆分",
                "too many people, courses and classes; split the exchange",
            ));
        }
        Ok(())
    }
}

/// How gradebooks call what is the result of the course, folded.
fn is_final(title: &str) -> bool {
    matches!(
        fold::key(title).as_str(),
        "final"
            | "finalgrade"
            | "finalgrades"
            | "finalmark"
            | "coursegrade"
            | "overall"
            | "overallgrade"
            | "总评"
            | "总评成绩"
            | "总成绩"
            | "课程成绩"
            | "最终成绩"
    )
}
