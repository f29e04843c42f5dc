//! Grading schemes, tables between them and distributions of grades as one JSON pack.

use std::collections::BTreeMap;

use creditbank_domain::conversion::Document;
use creditbank_domain::grading::{
    ComparisonRow, ComparisonTable, Distribution, GradingScheme, Steps,
};
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{Gradings, NewDefaultScheme};
use serde::Deserialize;

use super::pack::{DocumentFile, PackKind, at, days, of_kind, read_json};
use crate::problem::Problem;

/// What a pack says, checked as a whole.
pub(crate) struct GradingPack {
    document: Document,
    schemes: Vec<GradingScheme>,
    defaults: Vec<NewDefaultScheme>,
    pub(crate) tables: Vec<ComparisonTable>,
    distributions: BTreeMap<String, Distribution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradingFile {
    kind: PackKind,
    /// Made up, to show the form.
    #[serde(rename = "example", default)]
    _example: bool,
    /// Where it comes from, in words.
    #[serde(rename = "source")]
    _source: String,
    document: DocumentFile,
    schemes: Vec<SchemeFile>,
    tables: Vec<TableFile>,
    #[serde(default)]
    distributions: Vec<DistributionFile>,
    /// Whose catalogue versions grade by which scheme where they name none.
    #[serde(default)]
    defaults: Vec<DefaultFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultFile {
    institution: String,
    scheme: String,
    valid_from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemeFile {
    code: String,
    steps: Option<Vec<String>>,
    worst: Option<String>,
    best: Option<String>,
    pass: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    code: String,
    from: String,
    to: String,
    valid_from: String,
    valid_to: Option<String>,
    rows: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    from: String,
    to: String,
    equals: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DistributionFile {
    scheme: String,
    counts: BTreeMap<String, u32>,
}

/// Reads a pack and checks it as a whole.
pub(crate) fn read_grading(bytes: &[u8]) -> Result<GradingPack, Problem> {
    let file: GradingFile = read_json(bytes)?;
    of_kind(file.kind, PackKind::Grading)?;
    let mut pack = GradingPack {
        document: file.document.read()?,
        defaults: Vec::with_capacity(file.defaults.len()),
        schemes: Vec::with_capacity(file.schemes.len()),
        tables: Vec::with_capacity(file.tables.len()),
        distributions: BTreeMap::new(),
    };
    for (position, scheme) in file.schemes.iter().enumerate() {
        let place = format!("/schemes/{position}");
        let scheme = scheme.read(&place)?;
        at(&place, scheme.check())?;
        let known = pack.scheme(&scheme.code).is_ok();
        at(
            &place,
            (!known).then_some(()).ok_or("this code stands twice"),
        )?;
        pack.schemes.push(scheme);
    }
    for (position, table) in file.tables.iter().enumerate() {
        let place = format!("/tables/{position}");
        let table = table.read(&place, &pack.document.number)?;
        let from = at(&place, pack.scheme(&table.from))?;
        let to = at(&place, pack.scheme(&table.to))?;
        at(&place, table.check(from, to))?;
        pack.tables.push(table);
    }
    for (position, default) in file.defaults.iter().enumerate() {
        let place = format!("/defaults/{position}");
        at(&format!("{place}/scheme"), pack.scheme(&default.scheme))?;
        let (valid_from, _) = days(&place, &default.valid_from, None)?;
        let code = InstitutionCode::new(&default.institution);
        pack.defaults.push(NewDefaultScheme {
            institution: at(&format!("{place}/institution"), code)?,
            valid_from,
            scheme: default.scheme.clone(),
        });
    }
    for (position, distribution) in file.distributions.into_iter().enumerate() {
        let place = format!("/distributions/{position}/scheme");
        at(&place, pack.scheme(&distribution.scheme))?;
        let counts = distribution.counts.into_iter().collect();
        pack.distributions
            .insert(distribution.scheme, Distribution { counts });
    }
    Ok(pack)
}

impl GradingPack {
    /// What of it is registered; its distributions only advise.
    pub(crate) fn registered(self) -> Gradings {
        Gradings {
            document: self.document,
            schemes: self.schemes,
            tables: self.tables,
            defaults: self.defaults,
        }
    }

    /// The scheme of a code.
    pub(crate) fn scheme(&self, code: &str) -> Result<&GradingScheme, Problem> {
        let found = self.schemes.iter().find(|scheme| scheme.code == code);
        found.ok_or_else(|| {
            Problem::new(
                "SCHEME_UNKNOWN",
                format!("规则包中没有成绩制 {code}"),
                format!("the pack has no grading scheme {code}"),
            )
        })
    }

    /// A scheme with its distribution.
    pub(crate) fn distribution(
        &self,
        code: &str,
    ) -> Result<(&GradingScheme, &Distribution), Problem> {
        let scheme = self.scheme(code)?;
        let found = self.distributions.get(code).ok_or_else(|| {
            Problem::new(
                "DISTRIBUTION_UNKNOWN",
                format!("规则包中没有成绩制 {code} 的成绩分布"),
                format!("the pack has no distribution of {code}"),
            )
        })?;
        Ok((scheme, found))
    }
}

impl SchemeFile {
    fn read(&self, place: &str) -> Result<GradingScheme, Problem> {
        let steps = match (&self.steps, &self.worst, &self.best) {
            (Some(steps), None, None) => Steps::Named(steps.clone()),
            (None, Some(worst), Some(best)) => Steps::Numbers {
                worst: at(&format!("{place}/worst"), worst.parse())?,
                best: at(&format!("{place}/best"), best.parse())?,
            },
            _ => at(place, Err("a scheme has either steps, or worst and best"))?,
        };
        Ok(GradingScheme {
            code: at(&format!("{place}/code"), bounded("code", &self.code, 80))?,
            steps,
            pass: self.pass.clone(),
            source: self.source.clone(),
        })
    }
}

impl TableFile {
    fn read(&self, place: &str, document: &str) -> Result<ComparisonTable, Problem> {
        let (valid_from, valid_to) = days(place, &self.valid_from, self.valid_to.as_deref())?;
        let rows = self.rows.iter().map(|row| ComparisonRow {
            from: row.from.clone(),
            to: row.to.clone(),
            equals: row.equals.clone(),
        });
        Ok(ComparisonTable {
            code: at(&format!("{place}/code"), bounded("code", &self.code, 80))?,
            from: self.from.clone(),
            to: self.to.clone(),
            document_number: document.to_owned(),
            valid_from,
            valid_to,
            rows: rows.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use creditbank_domain::grading::{Comparison, Method, advise, compare};

    use super::*;

    const EXAMPLE: &str = include_str!("../../../../packs/grading/example.json");

    #[test]
    fn the_example_compares_by_its_table_and_advises_by_its_distributions() {
        let pack = read_grading(EXAMPLE.as_bytes()).unwrap();
        let (hundred, five) = (pack.scheme("CN100").unwrap(), pack.scheme("CN5").unwrap());
        let day = "2025-06-01".parse().unwrap();
        let found = compare(("85", hundred), ("良好", five), &pack.tables, day);
        assert_eq!(found, Comparison::Passes(Some("CN100-CN5".to_owned())));
        let (german, five) = (
            pack.distribution("DE").unwrap(),
            pack.distribution("CN5").unwrap(),
        );
        let advice = advise("1.7", german, five).unwrap();
        assert_eq!(
            (advice.grade.as_str(), advice.method),
            ("良好", Method::Overlap)
        );
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let check = |from: &str, to: &str, place: &str| {
            let wrong = EXAMPLE.replacen(from, to, 1);
            assert_ne!(wrong, EXAMPLE, "{from}");
            let refusal = read_grading(wrong.as_bytes()).err().unwrap();
            assert_eq!(refusal.code(), "PACK_FILE");
            assert!(refusal.to_string().contains(place), "{refusal}");
        };
        check("\"pass\": \"60\"", "\"pass\": \"160\"", "/schemes/0");
        check(
            "\"CN5\",\n      \"steps\"",
            "\"CN100\",\n      \"steps\"",
            "/schemes/1",
        );
        check("\"to\": \"CN5\"", "\"to\": \"CN6\"", "/tables/0");
        check("\"89.99\"", "\"90\"", "/tables/0");
        check("\"2025-01-01\"", "\"2025-1-1\"", "/tables/0/valid_from");
        check(
            "\"distributions\"",
            "\"defaults\": [{ \"institution\": \"1\", \"scheme\": \"FR\", \"valid_from\": \"2025-01-01\" }],\n  \"distributions\"",
            "/defaults/0/scheme",
        );
        check(
            "\"scheme\": \"DE\"",
            "\"scheme\": \"FR\"",
            "/distributions/1/scheme",
        );
    }
}
