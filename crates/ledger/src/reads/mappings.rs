//! How an institution's files are read: what is kept, what is asked, what an import came to.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::ids::{ImportId, ImportJobId};
use serde_json::Value;

use crate::error::LedgerError;
use crate::reads::SignatureFound;
use crate::store::Ledger;
use crate::tables::import_mappings::{self, UsedRow};
use crate::tables::mapping_versions::{self, MappingRow};
use crate::tables::{
    count, hundredths, import_credits, import_jobs, import_lines, import_questions,
    import_signatures, imports, parsed,
};

/// A version of what is kept under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingVersion {
    /// The institution's name for it, or the digest of a header row.
    pub name: String,
    /// Counted from 1.
    pub version: u32,
}

impl MappingVersion {
    pub(crate) fn new(name: String, version: i32) -> Result<Self, LedgerError> {
        let corrupt = |_| LedgerError::Corrupt("mapping_versions.version");
        let version = u32::try_from(version).map_err(corrupt)?;
        Ok(Self { name, version })
    }

    pub(crate) fn stored(&self) -> Result<i32, LedgerError> {
        let corrupt = |_| LedgerError::Corrupt("mapping_versions.version");
        i32::try_from(self.version).map_err(corrupt)
    }
}

/// A mapping that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingView {
    /// Which one.
    pub kept: MappingVersion,
    /// What it says.
    pub mapping: Value,
    /// Since when.
    pub saved_at: DateTime<Utc>,
}

impl TryFrom<MappingRow> for MappingView {
    type Error = LedgerError;

    fn try_from(row: MappingRow) -> Result<Self, LedgerError> {
        Ok(Self {
            kept: MappingVersion::new(row.name, row.version)?,
            mapping: row.mapping,
            saved_at: row.saved_at,
        })
    }
}

/// The mapping that an import is read by; none where the known headings are enough.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingUsed {
    /// What it says, and where it is kept.
    pub mapping: Option<(MappingVersion, Value)>,
}

impl TryFrom<UsedRow> for MappingUsed {
    type Error = LedgerError;

    fn try_from(row: UsedRow) -> Result<Self, LedgerError> {
        let mapping = match (row.name, row.version, row.mapping) {
            (Some(name), Some(version), Some(mapping)) => {
                Some((MappingVersion::new(name, version)?, mapping))
            }
            _ => None,
        };
        Ok(Self { mapping })
    }
}

/// What a job asks.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionsView {
    /// Counted from 1.
    pub round: u32,
    /// The name under which the answer is kept.
    pub layout: String,
    /// The questions; none once they are answered, for they hold samples of the file.
    pub questions: Option<Value>,
    /// When it asked.
    pub asked_at: DateTime<Utc>,
}

/// What an import came to, beside its counts.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportSummary {
    /// How it was read; none before it was.
    pub mapping: Option<MappingUsed>,
    /// How many lines each code rejected; a line may have several.
    pub rejected_by_code: Vec<(String, u64)>,
    /// What the posted lines earned.
    pub credits: Vec<(Unit, Hundredths)>,
    /// What was found of the file's signature; none where it has none.
    pub signature: Option<SignatureFound>,
}

/// The institution's mapping of that name, its last version.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn mapping(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    name: &str,
) -> Result<Option<MappingView>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = mapping_versions::find(conn, institution, name)?;
        row.map(TryInto::try_into).transpose()
    })
}

/// The institution's mappings behind the name `after`, each by its last version.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn mappings(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    after: &str,
    limit: u32,
) -> Result<Vec<MappingView>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let rows = mapping_versions::list(conn, institution, after, limit)?;
        rows.into_iter().map(TryInto::try_into).collect()
    })
}

/// By which mapping an import is read, once that is noted.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn mapping_used(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<Option<MappingUsed>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        let row = import_mappings::find(conn, institution, import)?;
        row.map(TryInto::try_into).transpose()
    })
}

/// What a job asked last.
///
/// # Errors
/// [`LedgerError::NotFound`], also where it asked nothing.
pub fn import_questions(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    job: ImportJobId,
) -> Result<QuestionsView, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        import_jobs::find(conn, job, Some(institution))?;
        let row = import_questions::last(conn, job)?;
        let corrupt = |_| LedgerError::Corrupt("import_questions.sealed");
        let questions = match row.sealed {
            Some(sealed) => {
                let opened = ledger.keys().open_of(job.as_uuid().as_bytes(), &sealed)?;
                Some(serde_json::from_slice(&opened).map_err(corrupt)?)
            }
            None => None,
        };
        Ok(QuestionsView {
            round: u32::try_from(row.round)
                .map_err(|_| LedgerError::Corrupt("import_questions.round"))?,
            layout: row.layout,
            questions,
            asked_at: row.asked_at,
        })
    })
}

/// What an import came to.
///
/// # Errors
/// [`LedgerError::NotFound`].
pub fn import_summary(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<ImportSummary, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        imports::find(conn, institution, import)?;
        let mapping = import_mappings::find(conn, institution, import)?;
        let rejected = import_lines::rejected_by_code(conn, import)?.into_iter();
        let credits = import_credits::list(conn, import)?.into_iter();
        let signature = import_signatures::find(conn, institution, import)?;
        Ok(ImportSummary {
            mapping: mapping.map(TryInto::try_into).transpose()?,
            rejected_by_code: rejected
                .map(|(code, lines)| Ok((code, count(lines, "import_lines")?)))
                .collect::<Result<_, LedgerError>>()?,
            credits: credits
                .map(|row| {
                    let earned = hundredths(row.hundredths, "import_credits.hundredths")?;
                    Ok((parsed(&row.unit, "import_credits.unit")?, earned))
                })
                .collect::<Result<_, LedgerError>>()?,
            signature: signature.map(TryInto::try_into).transpose()?,
        })
    })
}

/// Which of these course codes name an entry of the institution's that has a level, in any version.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn leveled_courses(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    codes: &[String],
) -> Result<Vec<String>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        crate::tables::catalogue::list_leveled(conn, institution, codes)
    })
}

/// Which of these course codes the institution has no entry for.
///
/// # Errors
/// [`LedgerError::Unavailable`].
pub fn unknown_courses(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    codes: &[String],
) -> Result<Vec<String>, LedgerError> {
    let institution = grant.institution()?;
    ledger.read(grant, |conn| {
        crate::tables::catalogue::list_unknown(conn, institution, codes)
    })
}
