//! `rule_set_documents`: what rule sets say, and what the codes in them meant.

use std::collections::BTreeMap;

use creditbank_domain::ids::{EntryId, InstitutionId, ProgrammeId, RuleSetId};
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_rulebook::{EntryRef, Resolved, ResolvedEntry, RuleDocument, canonical_json, parse};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Jsonb, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// A document with what its codes meant when it was drafted.
#[derive(Debug, Clone)]
pub(crate) struct StoredDocument {
    pub(crate) document: RuleDocument,
    pub(crate) resolved: Resolved,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    rule_set: RuleSetId,
    document: &RuleDocument,
    resolved: &Resolved,
) -> Result<(), LedgerError> {
    let meant = serde_json::to_value(Meant::from(resolved))
        .map_err(|_| LedgerError::Corrupt("rule_set_documents.resolved"))?;
    diesel::sql_query(
        "insert into rule_set_documents (rule_set_id, content, checksum, resolved) \
         values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(rule_set.as_uuid())
    .bind::<Text, _>(canonical_json(document))
    .bind::<Binary, _>(document.checksum().as_bytes().as_slice())
    .bind::<Jsonb, _>(meant)
    .execute(tx.conn())?;
    Ok(())
}

/// What a rule set says; nothing for the older ones, which are rows of `articulation_rules`.
pub(crate) fn find(
    conn: &mut PgConnection,
    rule_set: RuleSetId,
) -> Result<Option<StoredDocument>, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        content: String,
        #[diesel(sql_type = Jsonb)]
        resolved: serde_json::Value,
    }
    let row: Option<Row> = diesel::sql_query(
        "select content, resolved from rule_set_documents where rule_set_id = $1",
    )
    .bind::<SqlUuid, _>(rule_set.as_uuid())
    .get_result(conn)
    .optional()?;
    row.map(|row| {
        let document = parse(row.content.as_bytes())
            .map_err(|_| LedgerError::Corrupt("rule_set_documents.content"))?;
        let meant: Meant = serde_json::from_value(row.resolved)
            .map_err(|_| LedgerError::Corrupt("rule_set_documents.resolved"))?;
        Ok(StoredDocument {
            document,
            resolved: meant.try_into()?,
        })
    })
    .transpose()
}

/// The form in `resolved`.
#[derive(Serialize, Deserialize)]
struct Meant {
    institutions: BTreeMap<String, Uuid>,
    entries: Vec<MeantEntry>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    programmes: BTreeMap<String, Uuid>,
}

#[derive(Serialize, Deserialize)]
struct MeantEntry {
    owner: String,
    code: String,
    id: Uuid,
    title: String,
}

impl From<&Resolved> for Meant {
    fn from(resolved: &Resolved) -> Self {
        let institutions = resolved.institutions.iter();
        let entries = resolved.entries.iter().map(|(entry, found)| MeantEntry {
            owner: entry.owner.as_str().to_owned(),
            code: entry.code.as_str().to_owned(),
            id: found.id.as_uuid(),
            title: found.title.clone(),
        });
        let programmes = resolved.programmes.iter();
        Self {
            programmes: programmes
                .map(|(code, id)| (code.clone(), id.as_uuid()))
                .collect(),
            institutions: institutions
                .map(|(code, id)| (code.as_str().to_owned(), id.as_uuid()))
                .collect(),
            entries: entries.collect(),
        }
    }
}

impl TryFrom<Meant> for Resolved {
    type Error = LedgerError;

    fn try_from(meant: Meant) -> Result<Self, LedgerError> {
        let corrupt = || LedgerError::Corrupt("rule_set_documents.resolved");
        let institution = |code: &str| InstitutionCode::new(code).map_err(|_| corrupt());
        let mut resolved = Self::default();
        for (code, id) in meant.institutions {
            let id = InstitutionId::from_uuid(id);
            resolved.institutions.insert(institution(&code)?, id);
        }
        for (code, id) in meant.programmes {
            resolved.programmes.insert(code, ProgrammeId::from_uuid(id));
        }
        for entry in meant.entries {
            let key = EntryRef {
                owner: institution(&entry.owner)?,
                code: CourseCode::new(&entry.code).map_err(|_| corrupt())?,
            };
            let found = ResolvedEntry {
                id: EntryId::from_uuid(entry.id),
                title: entry.title,
            };
            resolved.entries.insert(key, found);
        }
        Ok(resolved)
    }
}
