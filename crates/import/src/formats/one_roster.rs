//! OneRoster 1.1 and 1.2 exchanges: results of line items of classes of courses.
//!
//! A gradebook holds every quiz. Only what is the result of a course becomes an outcome: the one
//! line item of its class, or the one that calls itself final; nothing is guessed beyond that.

use std::ops::ControlFlow;

use creditbank_domain::fault::Fault;

use super::one_roster_tables::{Cells, Counting, Exchange, Tables};
use super::{Column, FormatRecord, RecordSource, said};
use crate::cell::Cell;
use crate::dictionary::Field;
use crate::faults;
use crate::input::Input;

/// A OneRoster exchange whose archive was checked.
pub(crate) struct OneRosterSource {
    input: Input,
    tables: Tables,
}

impl OneRosterSource {
    /// Reads the manifest and what results refer to.
    pub(crate) fn open(input: &Input) -> Result<Self, Fault> {
        let mut exchange = Exchange::open(input)?;
        let mut version = None;
        exchange.each("manifest.csv", &mut |_, cells| {
            if cells.get("propertyName") == "oneroster.version" {
                version = Some(cells.get("value").to_owned());
            }
            Ok(true)
        })?;
        if version
            .as_deref()
            .is_none_or(|it| it != "1.1" && it != "1.2")
        {
            return Err(faults::one_roster_version());
        }
        Ok(Self {
            input: input.clone(),
            tables: Tables::read(&mut exchange)?,
        })
    }
}

impl RecordSource for OneRosterSource {
    fn for_each(
        &mut self,
        visit: &mut dyn FnMut(FormatRecord) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut exchange = Exchange::open(&self.input)?;
        exchange.each("results.csv", &mut |number, cells| {
            let item = cells.get("lineItemSourcedId");
            let content = match self.tables.counting(item) {
                Counting::Beside => return Ok(true),
                Counting::Ambiguous => Err(faults::line_items_ambiguous()),
                Counting::Counts => self.content(&cells),
            };
            let flow = visit(FormatRecord {
                line_no: None,
                at: Some(format!("results.csv:{number}")),
                content,
                // How far the archive has been read is not known; the bar stands still.
                bytes_read: 0,
            });
            Ok(flow.is_continue())
        })?;
        Ok(())
    }
}

impl OneRosterSource {
    fn content(&self, cells: &Cells<'_>) -> Result<Vec<(Column, Cell)>, Fault> {
        if cells.get("status").eq_ignore_ascii_case("tobedeleted") {
            return Err(faults::one_roster_deletion());
        }
        let tables = &self.tables;
        let user = tables.users.get(cells.get("studentSourcedId"));
        let item = tables.items.get(cells.get("lineItemSourcedId"));
        let class = item.and_then(|item| tables.classes.get(&item.class));
        let course = class.and_then(|class| tables.courses.get(&class.course));
        let period = item.and_then(|item| tables.sessions.get(&item.period));
        let session = period.or_else(|| tables.sessions.get(&class?.term));
        let text_score = cells.get("textScore");
        let score = cells.get("score");
        let score_max = item.map_or("", |item| item.score_max.trim());
        if text_score.is_empty() && !score.is_empty() && !is_hundred(score_max) {
            return Err(faults::score_scale());
        }
        // 1.2 says by two columns of its own that the result is still to come.
        let open = ["inProgress", "incomplete"]
            .into_iter()
            .any(|column| cells.get(column).eq_ignore_ascii_case("true"));
        let mark = match cells.get("scoreStatus").to_ascii_lowercase().as_str() {
            "exempt" => "免修",
            "partially graded" | "submitted" => "缓考",
            _ if open => "缓考",
            _ => "",
        };
        let grade = if text_score.is_empty() {
            score
        } else {
            text_score
        };
        let day = match cells.get("scoreDate") {
            "" => session.map_or("", |(_, ends_on)| ends_on),
            day => day,
        };
        let fields = [
            (Field::StudentNumber, user.map_or("", |it| &it.number)),
            (Field::Name, user.map_or("", |it| &it.name)),
            (Field::CourseCode, course.map_or("", |it| &it.code)),
            (Field::CourseTitle, course.map_or("", |it| &it.title)),
            (Field::Term, session.map_or("", |(title, _)| title)),
            (Field::Grade, trimmed_decimals(grade)),
            (Field::Marks, mark),
            (Field::AwardedOn, &super::day::day_of(day)),
            (Field::SourceRef, cells.get("sourcedId")),
        ];
        let fields = fields.into_iter();
        Ok(fields
            .filter_map(|(field, text)| said(Column::Field(field), text))
            .collect())
    }
}

/// Where a scale is stated, only that of 100 is ours.
pub(super) fn is_hundred(score_max: &str) -> bool {
    let whole = score_max.split('.').next().unwrap_or_default();
    let zeros = score_max.get(whole.len()..).unwrap_or_default();
    score_max.is_empty() || whole == "100" && zeros.chars().all(|c| matches!(c, '.' | '0'))
}

/// `85.0000` is 85: trailing zeros behind two decimals say nothing.
fn trimmed_decimals(score: &str) -> &str {
    let Some((whole, decimals)) = score.split_once('.') else {
        return score;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() <= 2 {
        return score;
    }
    score.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_scale_of_a_hundred_is_ours() {
        assert!(["", "100", "100.0", "100.00"].into_iter().all(is_hundred));
        assert!(
            !["20", "4.0", "1000", "100.5", "10"]
                .into_iter()
                .any(is_hundred)
        );
    }

    #[test]
    fn zeros_behind_the_point_are_no_third_decimal() {
        let cases = [
            ("85.0000", "85"),
            ("85.500", "85.5"),
            ("85.125", "85.125"),
            ("85.50", "85.50"),
            ("100", "100"),
            ("A.000", "A.000"),
        ];
        for (score, shown) in cases {
            assert_eq!(trimmed_decimals(score), shown);
        }
    }
}
