//! Figures beside their limits: the table that is printed and the file that is kept.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

/// One thing measured, beside its limit measured in the same run.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// What was measured.
    pub value: f64,
    /// What could be reached at best, or what it is compared with.
    pub limit: f64,
    /// `value` to `limit`; of times, `limit` to `value`: more is always better.
    pub ratio: f64,
    /// What the ratio should be at least; 0 where it is only told.
    pub target: f64,
    /// Of value and limit.
    pub unit: &'static str,
}

impl Figure {
    /// A rate: more is better.
    pub fn rate(name: impl Into<String>, value: f64, limit: f64, target: f64) -> Self {
        Self {
            name: name.into(),
            value,
            limit,
            ratio: value / limit,
            target,
            unit: "1/s",
        }
    }

    /// A time in microseconds: less is better.
    pub fn time(name: impl Into<String>, value: f64, limit: f64, target: f64) -> Self {
        Self {
            name: name.into(),
            value,
            limit,
            ratio: limit / value,
            target,
            unit: "us",
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.target > 0.0, self.ratio >= self.target) {
            (false, _) => "",
            (true, true) => "reached",
            (true, false) => "MISSED",
        }
    }
}

/// Whether a round is counted: the first of several only fills the caches.
pub const fn counts(round: usize, rounds: usize) -> bool {
    round > 0 || rounds == 1
}

/// The middle one: a run that was disturbed moves it little.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints the table.
pub fn print(figures: &[Figure]) {
    let wide = |text: &str| text.chars().count();
    let width = figures.iter().map(|f| wide(&f.name)).max().unwrap_or(0);
    println!(
        "{:width$}  {:>10}  {:>10}  {:>4}  {:>6}  {:>6}",
        "figure", "value", "limit", "unit", "ratio", "target"
    );
    for figure in figures {
        let target = match figure.target {
            target if target > 0.0 => format!("{target:.2}"),
            _ => "-".to_owned(),
        };
        println!(
            "{:width$}  {:>10.0}  {:>10.0}  {:>4}  {:>6.2}  {:>6}  {}",
            figure.name,
            figure.value,
            figure.limit,
            figure.unit,
            figure.ratio,
            target,
            figure.verdict()
        );
    }
}

/// Keeps the figures as JSON.
pub fn write(figures: &[Figure], path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(figures)?;
    std::fs::write(path, text + "\n").with_context(|| path.display().to_string())
}
