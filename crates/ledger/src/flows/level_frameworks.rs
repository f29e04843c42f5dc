//! Registers frameworks of levels and what documents state between them.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::level::{LevelFramework, LevelMapping};

use crate::error::LedgerError;
use crate::flows::register::{RegisterCounts, registered_otherwise};
use crate::store::Ledger;
use crate::tables::{audit_events, level_frameworks};

/// Registers frameworks, then mappings between frameworks that are registered.
///
/// # Errors
/// [`LedgerError::Conflict`] where a framework or a mapping is registered with other content,
/// [`LedgerError::Refused`] where a mapping names a level that there is not. Nothing is added then.
pub fn register_frameworks(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    frameworks: &[LevelFramework],
    mappings: &[LevelMapping],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        let mut counts = RegisterCounts::default();
        for wanted in frameworks {
            counts.add(level_frameworks::insert(tx, wanted, now)?);
        }
        let there = level_frameworks::list(tx.conn())?;
        if let Some(other) = frameworks.iter().find(|wanted| !there.contains(wanted)) {
            return Err(registered_otherwise("等级框架/framework", &other.code));
        }
        let known = level_frameworks::on(tx.conn(), bank_day(now))?;
        for wanted in mappings {
            for level in [&wanted.from, &wanted.to] {
                let checked = known.check(level);
                checked.map_err(|wrong| LedgerError::Refused(wrong.into()))?;
            }
            counts.add(level_frameworks::insert_mapping(tx, wanted, now)?);
        }
        let there = level_frameworks::list_mappings(tx.conn())?;
        if let Some(other) = mappings.iter().find(|wanted| !there.contains(wanted)) {
            let (from, to) = (&other.from, &other.to);
            let key = format!(
                "{} {} → {} {}",
                from.framework, from.value, to.framework, to.value
            );
            return Err(registered_otherwise("等级对应/mapping", &key));
        }
        audit_events::insert(
            tx,
            grant,
            ("level_frameworks", None),
            &counts.figures(),
            now,
        )?;
        Ok(counts)
    })
}
