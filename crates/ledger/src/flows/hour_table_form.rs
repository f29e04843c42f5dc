//! An hour table's unit, rows and caps as JSON: the form of packs and of `hour_tables.content`.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use creditbank_domain::amount::Hundredths;
use creditbank_domain::fault::Fault;
use creditbank_domain::hour_table::{Condition, Gives, HourCap, HourRow, SizeSpan, Span};
use creditbank_domain::text::bounded;
use serde::{Deserialize, Serialize};

/// The part of a table that decides.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HourTableForm {
    /// What is given: `hour`, mostly.
    pub unit: String,
    /// The rows.
    pub rows: Vec<RowForm>,
    /// The caps.
    #[serde(default)]
    pub caps: Vec<CapForm>,
}

/// A row: what it does not say fits everything.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowForm {
    code: String,
    activity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    profession: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<SpanForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<SpanForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<SizeForm>,
    gives: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<PerForm>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpanForm {
    from: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeForm {
    unit: String,
    from: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PerForm {
    every: u32,
    step: String,
    rounding: String,
}

/// A cap over a group of activities.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapForm {
    code: String,
    activities: BTreeSet<String>,
    most: String,
    year_starts: String,
}

/// The rows as domain values, or the place of the first value that is no good.
pub(super) fn rows(form: &HourTableForm) -> Result<Vec<HourRow>, Fault> {
    let rows = form.rows.iter().enumerate();
    rows.map(|(position, row)| row.read(&format!("/table/rows/{position}")))
        .collect()
}

/// The caps as domain values, or the place of the first value that is no good.
pub(super) fn caps(form: &HourTableForm) -> Result<Vec<HourCap>, Fault> {
    let caps = form.caps.iter().enumerate();
    caps.map(|(position, cap)| {
        let place = |field: &str| format!("/table/caps/{position}/{field}");
        Ok(HourCap {
            code: word(&cap.code, &place("code"))?,
            activities: cap.activities.clone(),
            most: parsed(&cap.most, &place("most"))?,
            year_starts: parsed(&cap.year_starts, &place("year_starts"))?,
        })
    })
    .collect()
}

impl RowForm {
    fn read(&self, at: &str) -> Result<HourRow, Fault> {
        let place = |field: &str| format!("{at}/{field}");
        let optional = |text: &Option<String>, field: &str| {
            text.as_deref()
                .map(|text| word(text, &place(field)))
                .transpose()
        };
        let size = self.size.as_ref().map(|size| -> Result<SizeSpan, Fault> {
            Ok(SizeSpan {
                unit: parsed(&size.unit, &place("size/unit"))?,
                span: Span {
                    from: size.from,
                    to: size.to,
                },
            })
        });
        let amount: Hundredths = parsed(&self.gives, &place("gives"))?;
        let gives = match &self.per {
            None => Gives::Fixed(amount),
            Some(per) => Gives::PerSize {
                every: per.every,
                amount,
                step: parsed(&per.step, &place("per/step"))?,
                rounding: parsed(&per.rounding, &place("per/rounding"))?,
            },
        };
        Ok(HourRow {
            code: word(&self.code, &place("code"))?,
            condition: Condition {
                profession: optional(&self.profession, "profession")?,
                activity: word(&self.activity, &place("activity"))?,
                class: optional(&self.class, "class")?,
                rank: self.rank.map(span),
                of: self.of.map(span),
                size: size.transpose()?,
            },
            gives,
        })
    }
}

const fn span(form: SpanForm) -> Span {
    Span {
        from: form.from,
        to: form.to,
    }
}

fn word(text: &str, place: &str) -> Result<String, Fault> {
    bounded("text", text, 80).map_err(|wrong| misread(place, &wrong))
}

pub(super) fn parsed<T: FromStr<Err: Display>>(text: &str, place: &str) -> Result<T, Fault> {
    text.parse().map_err(|wrong| misread(place, &wrong))
}

fn misread(place: &str, wrong: &dyn Display) -> Fault {
    Fault::new(
        "HOUR_TABLE_VALUE",
        format!("学时表 {place} 有误"),
        format!("the hour table at {place}: {wrong}"),
    )
}
