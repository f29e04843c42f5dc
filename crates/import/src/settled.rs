//! By which mapping a file is read: the one that was said, noted, or kept for its layout.

use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::ImportId;
use creditbank_ledger::Ledger;
use creditbank_ledger::reads::{self, MappingVersion};

use crate::error::ImportError;
use crate::faults;
use crate::input::Input;
use crate::mapping::ColumnMapping;
use crate::transcript::Transcript;
use crate::trust::Trust;

/// A mapping that is kept already, or the dictionary alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// What it says.
    pub mapping: ColumnMapping,
    /// Where it is kept.
    pub kept: Option<MappingVersion>,
}

impl Settled {
    /// By what an import is read, or a job's answer says.
    ///
    /// # Errors
    /// `MAPPING_INVALID` where what is kept cannot be read.
    pub fn of(used: Option<(MappingVersion, serde_json::Value)>) -> Result<Self, Fault> {
        let Some((kept, mapping)) = used else {
            return Ok(Self::default());
        };
        Ok(Self {
            mapping: serde_json::from_value(mapping).map_err(|_| broken_mapping())?,
            kept: Some(kept),
        })
    }
}

/// Opens a file, with the mapping that the institution has saved for its layout.
pub(crate) fn open_transcript(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    input: &Input,
    given: Option<&ColumnMapping>,
    found: &mut Option<MappingVersion>,
) -> Result<Transcript, ImportError> {
    let mut failed = None;
    let transcript = Transcript::open_input(input, given, &mut |layout| {
        if failed.is_some() {
            return None;
        }
        let saved = saved_for(ledger, grant, layout).map_err(|error| failed = Some(error));
        let (mapping, kept) = saved.ok().flatten()?;
        *found = Some(kept);
        Some(mapping)
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(transcript?),
    }
}

/// What is kept for a layout.
pub(crate) fn saved_for(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    layout: &str,
) -> Result<Option<(ColumnMapping, MappingVersion)>, ImportError> {
    let Some(saved) = reads::mapping(ledger, grant, layout).map_err(ImportError::Ledger)? else {
        return Ok(None);
    };
    let mapping = serde_json::from_value(saved.mapping).map_err(|_| broken_mapping())?;
    Ok(Some((mapping, saved.kept)))
}

/// By which mapping an import is read, once that is noted.
pub(crate) fn noted_mapping(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<Option<Settled>, ImportError> {
    let used = reads::mapping_used(ledger, grant, import).map_err(ImportError::Ledger)?;
    let settled = used.map(|used| Settled::of(used.mapping)).transpose();
    Ok(settled?)
}

/// Whose signatures count for an import: what was noted when it began, else what holds now.
pub(crate) fn noted_trust(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    import: ImportId,
) -> Result<Option<Trust>, ImportError> {
    let found = reads::signature_found(ledger, grant, import).map_err(ImportError::Ledger)?;
    Ok(found.as_ref().map(Trust::noted))
}

pub(crate) fn broken_mapping() -> Fault {
    let zh = "为该表头保存的列映射无法读取,请重新给出";
    faults::mapping_invalid(
        zh,
        "the one saved for this layout cannot be read; give it again",
    )
}
