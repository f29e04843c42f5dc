//! Attendance lists of meetings: rows of joining and leaving become one line a participant.
//!
//! Whoever leaves and comes back has several rows, and with two devices they overlap; the times
//! are merged, cut to the meeting where the list says when it was, and rounded down to minutes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDateTime;
use creditbank_domain::completion::{Attendance, Percent};
use creditbank_domain::fault::Fault;
use sha2::{Digest as _, Sha256};

use crate::cell::{Cell, Row};
use crate::dictionary::Field;
use crate::faults;
use crate::fold;
use crate::header::Header;
use crate::line_cells::LineCells;
use crate::line_learner::LEARNER_FIELDS;
use crate::moment::read_moment;
use crate::sheet::{Role, Sheet};
use crate::transcript::Transcript;

/// More rows than any meeting has; all participants are kept in memory.
const ROWS_MAX: usize = 200_000;
/// The longest number of minutes that anybody writes.
const MINUTES_BYTES_MAX: usize = 32;
/// The share with which a participant passes where nothing else is said.
const PERCENT_MIN: &str = "80";
/// How the head of a list names the meeting's beginning and end, folded.
const STARTS: [&str; 4] = ["会议开始时间", "预定会议开始时间", "开始时间", "starttime"];
const ENDS: [&str; 4] = ["会议结束时间", "预定会议结束时间", "结束时间", "endtime"];
/// What the list does not say itself and each line gets.
const ADDED: [Field; 4] = [
    Field::AttendedMinutes,
    Field::HeldMinutes,
    Field::AwardedOn,
    Field::Grade,
];

/// What each participant's first row comes to; the other rows are no lines.
pub(crate) struct Merged {
    first_rows: BTreeMap<(usize, u64), Result<Vec<Cell>, Fault>>,
}

/// The time of a participant, from all rows.
#[derive(Default)]
struct Presence {
    first: (usize, u64),
    from: Option<NaiveDateTime>,
    held: Option<String>,
    spans: Vec<(NaiveDateTime, NaiveDateTime)>,
    fault: Option<Fault>,
}

/// When the meeting was, where the head of the list says so.
#[derive(Clone, Copy, Default)]
struct Meeting {
    start: Option<NaiveDateTime>,
    end: Option<NaiveDateTime>,
}

impl Merged {
    /// The row as one line with what its participant's rows come to, or as none.
    pub(crate) fn complete(&self, row: &mut Row, role: Role) -> Role {
        let Role::Lines(mut lines) = role else {
            return role;
        };
        let Some(line) = lines.first_mut() else {
            return Role::Other;
        };
        match self.first_rows.get(&(line.sheet, row.line_no)) {
            Some(Ok(extra)) => line.extra.clone_from(extra),
            Some(Err(fault)) => row.content = Err(fault.clone()),
            None if row.content.is_err() => {}
            None => return Role::Other,
        }
        Role::Lines(lines)
    }
}

/// The cells of a row with those that no row has by itself behind the last heading.
pub(crate) fn completed(cells: &[Cell], width: usize, extra: &[Cell]) -> Vec<Cell> {
    let mut all = cells.to_vec();
    all.resize(width, Cell::Text(String::new()));
    all.extend_from_slice(extra);
    all
}

/// Merges the rows of an attendance list; `None` for every other file.
pub(crate) fn merge(
    transcript: &mut Transcript,
    first_rows: &[(String, Vec<Row>)],
) -> Result<Option<Merged>, Fault> {
    let is_list = |header: &Header| header.has(Field::JoinedAt) && header.has(Field::LeftAt);
    let mut blocks = transcript.sheets.iter().flat_map(|s| &s.header.blocks);
    if !blocks.any(is_list) {
        return Ok(None);
    }
    let sheets = transcript.sheets.clone();
    let meetings: Vec<_> = sheets
        .iter()
        .map(|sheet| Meeting::of(sheet, first_rows))
        .collect();
    let mut people: BTreeMap<[u8; 32], Presence> = BTreeMap::new();
    let mut rows = 0_usize;
    transcript.for_each_row(&mut |row, role| {
        if let (Role::Lines(lines), Ok(cells)) = (role, &row.content) {
            rows += 1;
            for line in lines {
                let header = sheets.get(line.sheet).and_then(|s| s.header.blocks.first());
                let meeting = meetings.get(line.sheet).copied().unwrap_or_default();
                if let Some(header) = header {
                    let cells = LineCells::new(header, cells);
                    let first = (line.sheet, row.line_no);
                    let key = key_of(cells, first);
                    let person = people.entry(key).or_insert_with(|| Presence {
                        first,
                        ..Presence::default()
                    });
                    person.add(cells, meeting);
                }
            }
        }
        if rows > ROWS_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if rows > ROWS_MAX {
        return Err(faults::attendance_too_long(ROWS_MAX));
    }
    for header in transcript
        .sheets
        .iter_mut()
        .flat_map(|s| &mut s.header.blocks)
    {
        for field in ADDED {
            // What the list says itself stays; what it does not say comes behind its columns.
            if header.has(field) && field != Field::HeldMinutes {
                header.add(Field::Ignored);
            } else {
                header.add(field);
            }
        }
    }
    let rules = transcript.mapping.attendance.clone().unwrap_or_default();
    let least = rules.percent_min.as_deref().unwrap_or(PERCENT_MIN);
    let least: Percent = least.parse().map_err(|_| faults::held_minutes_missing())?;
    let first_rows = people.into_values().map(|person| {
        let meeting = meetings.get(person.first.0).copied().unwrap_or_default();
        (
            person.first,
            person.cells(meeting, rules.held_minutes, least),
        )
    });
    Ok(Some(Merged {
        first_rows: first_rows.collect(),
    }))
}

/// Who it is, and of which course; a row that names nobody stands alone. A digest, for a cell may
/// be as long as a line.
fn key_of(cells: LineCells<'_>, row: (usize, u64)) -> [u8; 32] {
    let learner = LEARNER_FIELDS
        .into_iter()
        .find_map(|field| cells.text(field));
    let course = cells.text(Field::CourseCode).unwrap_or_default();
    let named = match learner {
        Some(learner) => format!("{}\n{course}", fold::half_width(&learner)),
        None => format!("\n{row:?}"),
    };
    Sha256::digest(named).into()
}

impl Meeting {
    fn of(sheet: &Sheet, first_rows: &[(String, Vec<Row>)]) -> Self {
        let rows = first_rows.iter().find(|(name, _)| *name == sheet.name);
        let rows = rows.map_or(&[][..], |(_, rows)| rows.as_slice());
        let head = || {
            let above = rows.iter().filter(|row| row.line_no < sheet.header.line_no);
            above.flat_map(|row| row.cells().windows(2))
        };
        let named = |names: &[&str]| {
            let mut pairs = head().filter_map(|pair| match pair {
                [name, value] => Some((fold::key(name.shown()), value.shown())),
                _ => None,
            });
            let found = pairs.find(|(key, _)| names.contains(&key.trim_end_matches(':')));
            found.and_then(|(_, value)| read_moment(value))
        };
        Self {
            start: named(&STARTS),
            end: named(&ENDS),
        }
    }

    /// The whole minutes between its beginning and its end.
    fn minutes(self) -> Option<u32> {
        let seconds = (self.end? - self.start?).num_seconds();
        u32::try_from(seconds / 60).ok().filter(|held| *held > 0)
    }
}

impl Presence {
    fn add(&mut self, cells: LineCells<'_>, meeting: Meeting) {
        if let Some(mut held) = cells.text(Field::HeldMinutes) {
            if held.len() > MINUTES_BYTES_MAX {
                // No number is so long; what is kept of it says so.
                held = "?".to_owned();
            }
            self.held.get_or_insert(held);
        }
        let [joined, left] = [Field::JoinedAt, Field::LeftAt].map(|field| {
            let moment = cells.text(field).and_then(|text| read_moment(&text));
            moment.ok_or_else(|| {
                let (zh, en) = (
                    "不是有效时间,请写成 2026-01-31 09:00:00",
                    "this is no time; write it as 2026-01-31 09:00:00",
                );
                cells.fault(field, "TIME_INVALID", zh, en)
            })
        });
        let (joined, left) = match (joined, left) {
            (Ok(joined), Ok(left)) => (joined, left),
            (Err(fault), _) | (_, Err(fault)) => {
                self.fault.get_or_insert(fault);
                return;
            }
        };
        if left < joined {
            let (zh, en) = ("离会早于入会", "the participant leaves before joining");
            let fault = cells.fault(Field::LeftAt, "TIME_INVALID", zh, en);
            self.fault.get_or_insert(fault);
            return;
        }
        self.from = Some(self.from.map_or(joined, |from| from.min(joined)));
        let joined = meeting.start.map_or(joined, |start| joined.max(start));
        let left = meeting.end.map_or(left, |end| left.min(end));
        if joined < left {
            self.spans.push((joined, left));
        }
    }

    /// What is added to the participant's first row.
    fn cells(
        mut self,
        meeting: Meeting,
        said: Option<u32>,
        least: Percent,
    ) -> Result<Vec<Cell>, Fault> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let column = self.held.as_deref().map(fold::half_width);
        let held = match column {
            Some(text) => text.parse().map_err(|_| faults::held_minutes_missing())?,
            None => said
                .or_else(|| meeting.minutes())
                .ok_or_else(faults::held_minutes_missing)?,
        };
        // Without the meeting's times, whoever came early would have been there for too long.
        let attended = merged_minutes(&mut self.spans).min(held);
        let attendance = Attendance::new(attended, held).map_err(Fault::from)?;
        let grade = if attendance.reaches(least) {
            "通过"
        } else {
            "不通过"
        };
        let day = self.from.map(|from| from.date().to_string());
        let texts = [
            attended.to_string(),
            held.to_string(),
            day.unwrap_or_default(),
            grade.to_owned(),
        ];
        Ok(texts.into_iter().map(Cell::Text).collect())
    }
}

/// The whole minutes of all spans together, none counted twice.
fn merged_minutes(spans: &mut [(NaiveDateTime, NaiveDateTime)]) -> u32 {
    spans.sort_unstable();
    let mut seconds = 0_i64;
    let mut until: Option<NaiveDateTime> = None;
    for (joined, left) in spans.iter() {
        let joined = until.map_or(*joined, |until| until.max(*joined));
        seconds = seconds.saturating_add((*left - joined).num_seconds().max(0));
        until = Some(until.map_or(*left, |until| until.max(*left)));
    }
    u32::try_from(seconds / 60).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> NaiveDateTime {
        read_moment("2026-11-22 09:00:00").unwrap() + chrono::Duration::minutes(minute)
    }

    proptest! {
        #[test]
        fn merged_time_is_that_of_every_minute_counted_by_itself(
            spans in proptest::collection::vec((0_i64..200, 0_i64..60), 0..12),
        ) {
            let counted = (0..260).filter(|minute| {
                spans.iter().any(|(from, length)| (*from..from + length).contains(minute))
            });
            let counted = u32::try_from(counted.count()).unwrap();
            let mut spans: Vec<_> = spans
                .iter()
                .map(|(from, length)| (at(*from), at(from + length)))
                .collect();
            prop_assert_eq!(merged_minutes(&mut spans), counted);
        }
    }
}
