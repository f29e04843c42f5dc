//! Hour tables: loaded by one, approved by another, in force from their day, side by side.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::conversion::Document;
use creditbank_domain::fault::Fault;
use creditbank_domain::hour_table::HourTable;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::flows::hour_table_form::{self, HourTableForm};
use crate::flows::register::{add_document, registered_otherwise};
use crate::new_id::new_id;
use crate::store::Ledger;
use crate::tables::audit_events;
use crate::tables::hour_tables::{self, HourTableRow};

/// A table to be loaded.
#[derive(Debug, Clone)]
pub struct NewHourTable {
    /// Whose table it is.
    pub authority: String,
    /// The authority's code of it, the same over all versions.
    pub code: String,
    /// Which version: a new content is a new version.
    pub version: u32,
    /// The document that it rests on.
    pub document: Document,
    /// First day of an activity that it decides.
    pub valid_from: NaiveDate,
    /// Last such day; open where there is none.
    pub valid_to: Option<NaiveDate>,
    /// What it says.
    pub content: HourTableForm,
}

/// Loads a version of a table; the same content again is the one that is there.
///
/// # Errors
/// [`LedgerError::Refused`] where a value is no good, two rows fit the same facts or the table is
/// otherwise none, [`LedgerError::Conflict`] where the version is there with other content.
pub fn propose_hour_table(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewHourTable,
    proposed_by: &str,
    now: DateTime<Utc>,
) -> Result<Uuid, LedgerError> {
    let row = row_of(new, proposed_by, now)?;
    table_of(&row)
        .map_err(LedgerError::Refused)?
        .check()
        .map_err(|fault| LedgerError::Refused(Fault::from(&fault)))?;
    ledger.write(grant, |tx| {
        add_document(tx, &new.document, now)?;
        if !hour_tables::insert(tx, &row)? {
            let there = hour_tables::list(tx.conn(), &row.authority, &row.code)?;
            let there = there.into_iter().find(|there| there.version == row.version);
            let there = there.ok_or(LedgerError::Contended)?;
            if there.sha256 != row.sha256 {
                let key = format!("{} {} v{}", row.authority, row.code, row.version);
                return Err(registered_otherwise("学时表/hour table", &key));
            }
            return Ok(there.table_id);
        }
        let figures = json!({ "code": row.code, "version": row.version, "by": proposed_by });
        audit_events::insert(tx, grant, ("hour_table", Some(row.table_id)), &figures, now)?;
        Ok(row.table_id)
    })
}

/// Approves a table; approving what is approved changes nothing.
///
/// # Errors
/// [`LedgerError::Refused`] where whoever loaded it approves it, [`LedgerError::NotFound`].
pub fn approve_hour_table(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    table_id: Uuid,
    approved_by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        let row = hour_tables::find(tx.conn(), table_id)?.ok_or(LedgerError::NotFound)?;
        if row.state == "approved" {
            return Ok(());
        }
        if row.proposed_by == approved_by {
            return Err(LedgerError::Refused(Fault::new(
                "ONE_APPROVER",
                "学时表须由提出人以外的人批准",
                "a table is approved by somebody else than who proposed it",
            )));
        }
        if hour_tables::approve(tx, table_id, approved_by, now)? {
            let figures = json!({ "state": "approved", "by": approved_by });
            audit_events::insert(tx, grant, ("hour_table", Some(table_id)), &figures, now)?;
        }
        Ok(())
    })
}

fn row_of(
    new: &NewHourTable,
    proposed_by: &str,
    now: DateTime<Utc>,
) -> Result<HourTableRow, LedgerError> {
    let unstorable = |_| LedgerError::Corrupt("an hour table's content");
    let content = serde_json::to_value(&new.content).map_err(unstorable)?;
    let said = json!([
        new.authority,
        new.code,
        new.version,
        new.valid_from,
        new.valid_to,
        new.document.number,
        content,
    ]);
    Ok(HourTableRow {
        table_id: new_id(),
        authority: new.authority.clone(),
        code: new.code.clone(),
        version: i32::try_from(new.version)
            .map_err(|_| LedgerError::Corrupt("hour_tables.version"))?,
        document_number: new.document.number.clone(),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        content,
        sha256: Sha256::digest(said.to_string()).to_vec(),
        state: "proposed".to_owned(),
        proposed_by: proposed_by.to_owned(),
        created_at: now,
    })
}

/// The table that a row holds.
pub(super) fn table_of(row: &HourTableRow) -> Result<HourTable, Fault> {
    let wrong = |wrong: &dyn std::fmt::Display| {
        Fault::new(
            "HOUR_TABLE_VALUE",
            "学时表内容有误",
            format!("the hour table's content: {wrong}"),
        )
    };
    let form: HourTableForm =
        serde_json::from_value(row.content.clone()).map_err(|error| wrong(&error))?;
    Ok(HourTable {
        authority: row.authority.clone(),
        code: row.code.clone(),
        version: u32::try_from(row.version).map_err(|error| wrong(&error))?,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        document_number: row.document_number.clone(),
        unit: hour_table_form::parsed(&form.unit, "/table/unit")?,
        rows: hour_table_form::rows(&form)?,
        caps: hour_table_form::caps(&form)?,
    })
}
