//! Of which institutions a regulator sees the figures.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use creditbank_domain::authz::{Action, Grant, Role};
use diesel::prelude::*;

use crate::error::LedgerError;
use crate::tables::remits;

/// The codes of the institutions whose figures the caller sees; nothing where it is all of them.
///
/// Only a regulator's view is narrowed, and only where nothing else that the caller is shows all.
pub(super) fn supervised<A: Action>(
    conn: &mut PgConnection,
    grant: &Grant<A>,
    today: NaiveDate,
) -> Result<Option<BTreeSet<String>>, LedgerError> {
    let actor = grant.actor();
    let shows_all = [Role::Secretariat, Role::Auditor, Role::Operator];
    let is_more = actor.roles.iter().any(|role| shows_all.contains(role));
    match actor.institution {
        Some(regulator) if actor.roles.contains(&Role::Regulator) && !is_more => {
            remits::supervised_on(conn, regulator, today)
        }
        _ => Ok(None),
    }
}
