//! JSON packs: rules of the field as data. One fault names its place, a JSON pointer.

use std::fmt::Display;

use chrono::NaiveDate;
use creditbank_domain::calendar::parse_day;
use creditbank_domain::conversion::Document;
use creditbank_domain::text::bounded;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Parses a pack of a kind into its shape.
pub(super) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::new(
            "PACK_FILE",
            format!("规则包格式有误({error})"),
            format!("the pack is malformed ({error})"),
        )
    })
}

/// Names the place of a value that is no good.
pub(super) fn at<T, E: Display>(pointer: &str, read: Result<T, E>) -> Result<T, Problem> {
    read.map_err(|wrong| {
        Problem::new(
            "PACK_FILE",
            format!("规则包 {pointer} 有误"),
            format!("the pack at {pointer}: {wrong}"),
        )
    })
}

/// What every pack says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PackKind {
    SameCourses,
    HourTable,
    Grading,
}

/// Refuses a pack of another kind.
pub(super) fn of_kind(kind: PackKind, wanted: PackKind) -> Result<(), Problem> {
    let same = (kind == wanted).then_some(());
    at("/kind", same.ok_or("this is a pack of another kind"))
}

/// A document that a pack rests on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentFile {
    number: String,
    title: String,
}

impl DocumentFile {
    pub(super) fn read(&self) -> Result<Document, Problem> {
        Ok(Document {
            number: at("/document/number", bounded("number", &self.number, 80))?,
            title: at("/document/title", bounded("title", &self.title, 200))?,
        })
    }
}

/// A first and a last day.
pub(super) fn days(
    place: &str,
    from: &str,
    to: Option<&str>,
) -> Result<(NaiveDate, Option<NaiveDate>), Problem> {
    let from = at(&format!("{place}/valid_from"), parse_day(from))?;
    let to = to.map(|day| at(&format!("{place}/valid_to"), parse_day(day)));
    Ok((from, to.transpose()?))
}
