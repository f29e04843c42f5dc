//! `identity.identifiers` and `identity.names`: who the learners are, sealed.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::ids::{InstitutionId, LearnerId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached_for;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::learners::{Account, AccountRow, SHOWN_AS};
use crate::tables::parsed;

/// An identifier ready to be stored.
pub(crate) struct SealedIdentifier {
    pub(crate) digest: [u8; 32],
    pub(crate) learner_id: LearnerId,
    pub(crate) kind: &'static str,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) sealed: Vec<u8>,
}

/// An identifier that is known.
pub(crate) struct FoundIdentifier {
    pub(crate) digest: [u8; 32],
    /// The account that it was stored for.
    pub(crate) holder: LearnerId,
    /// The account that the holder is shown as.
    pub(crate) account: Account,
    /// The accounts that are shown with that one.
    pub(crate) absorbed: Vec<LearnerId>,
    /// What the holder is called, sealed; not read unless names are asked for.
    pub(crate) sealed_name: Option<Vec<u8>>,
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = SqlUuid)]
    holder_id: Uuid,
    #[diesel(embed)]
    account: AccountRow,
    #[diesel(sql_type = Array<SqlUuid>)]
    absorbed: Vec<Uuid>,
    #[diesel(sql_type = Nullable<Binary>)]
    sealed_name: Option<Vec<u8>>,
}

/// Whether to read what the holders of identifiers are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    Read,
    Leave,
}

/// Whose identifiers these digests are, as far as they are known.
pub(crate) fn list_by_digests(
    conn: &mut PgConnection,
    digests: &[[u8; 32]],
    names: Names,
) -> Result<Vec<FoundIdentifier>, LedgerError> {
    let wanted: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
    let (name, join) = match names {
        Names::Read => (
            "n.sealed",
            "left join identity.names n on n.learner_id = i.learner_id",
        ),
        Names::Leave => ("null::bytea", ""),
    };
    let sql = format!(
        "select i.digest, i.learner_id as holder_id, {SHOWN_AS}, {name} as sealed_name \
         from identity.identifiers i join learners l using (learner_id) \
         left join learner_aliases a on a.absorbed_id = i.learner_id {join} \
         where i.digest = any($1)"
    );
    let rows: Vec<FoundRow> = cached_for(digests.len(), sql)
        .bind::<Array<Binary>, _>(wanted)
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(FoundIdentifier {
                digest: digest(&row.digest)?,
                holder: LearnerId::from_uuid(row.holder_id),
                account: row.account.try_into()?,
                absorbed: row.absorbed.into_iter().map(LearnerId::from_uuid).collect(),
                sealed_name: row.sealed_name,
            })
        })
        .collect()
}

fn digest(stored: &[u8]) -> Result<[u8; 32], LedgerError> {
    stored
        .try_into()
        .map_err(|_| LedgerError::Corrupt("identity.identifiers.digest"))
}

/// The identifiers for life that these learners have: kind and digest.
pub(crate) fn list_for_life(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<(LearnerId, IdentifierKind, [u8; 32])>, LedgerError> {
    #[derive(QueryableByName)]
    struct LifeRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Binary)]
        digest: Vec<u8>,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let kinds: Vec<&str> = IdentifierKind::ALL
        .iter()
        .filter(|kind| kind.is_for_life())
        .map(|kind| kind.as_str())
        .collect();
    let rows: Vec<LifeRow> = diesel::sql_query(
        "select learner_id, kind, digest from identity.identifiers \
         where learner_id = any($1) and kind = any($2)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<Text>, _>(kinds)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let kind = parsed(&row.kind, "identity.identifiers.kind")?;
            Ok((
                LearnerId::from_uuid(row.learner_id),
                kind,
                digest(&row.digest)?,
            ))
        })
        .collect()
}

#[derive(QueryableByName)]
struct DigestRow {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
}

/// Stores the identifiers that nobody has yet, unless the learner has another one of a kind that
/// is for life, and gives their digests back. Waits for whoever is storing the same one at this
/// moment; give them in the order of their digests.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    identifiers: &[SealedIdentifier],
    now: DateTime<Utc>,
) -> Result<HashSet<[u8; 32]>, LedgerError> {
    let digests: Vec<&[u8]> = identifiers.iter().map(|i| i.digest.as_slice()).collect();
    let learners: Vec<Uuid> = identifiers.iter().map(|i| i.learner_id.as_uuid()).collect();
    let kinds: Vec<&str> = identifiers.iter().map(|i| i.kind).collect();
    let issuers: Vec<Option<Uuid>> = identifiers
        .iter()
        .map(|i| i.institution.map(|id| id.as_uuid()))
        .collect();
    let sealed: Vec<&[u8]> = identifiers.iter().map(|i| i.sealed.as_slice()).collect();
    let rows: Vec<DigestRow> = diesel::sql_query(
        "insert into identity.identifiers \
             (digest, learner_id, kind, institution_id, sealed, created_at) \
         select digest, learner_id, kind, institution_id, sealed, $6 \
         from unnest($1::bytea[], $2::uuid[], $3::text[], $4::uuid[], $5::bytea[]) \
             as i (digest, learner_id, kind, institution_id, sealed) \
         on conflict do nothing returning digest",
    )
    .bind::<Array<Binary>, _>(digests)
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Nullable<SqlUuid>>, _>(issuers)
    .bind::<Array<Binary>, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .load(tx.conn())?;
    rows.iter().map(|row| digest(&row.digest)).collect()
}

/// Stores what learners are called who have no name yet, and says whose names were stored.
pub(crate) fn insert_names(
    tx: &mut Tx<'_>,
    names: &[(LearnerId, Vec<u8>)],
    now: DateTime<Utc>,
) -> Result<HashSet<LearnerId>, LedgerError> {
    #[derive(QueryableByName)]
    struct NamedRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
    }
    let learners: Vec<Uuid> = names.iter().map(|(id, _)| id.as_uuid()).collect();
    let sealed: Vec<&[u8]> = names.iter().map(|(_, sealed)| sealed.as_slice()).collect();
    let rows: Vec<NamedRow> = diesel::sql_query(
        "insert into identity.names (learner_id, sealed, created_at) \
         select learner_id, sealed, $3 from unnest($1::uuid[], $2::bytea[]) as n (learner_id, sealed) \
         on conflict (learner_id) do nothing returning learner_id",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<Binary>, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .load(tx.conn())?;
    let named = rows.into_iter();
    Ok(named
        .map(|row| LearnerId::from_uuid(row.learner_id))
        .collect())
}

/// An identifier as it is stored.
#[derive(QueryableByName)]
pub(crate) struct StoredIdentifierRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Binary)]
    pub(crate) sealed: Vec<u8>,
}

/// The identifiers of learners, sealed, oldest first.
pub(crate) fn list_of(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<StoredIdentifierRow>, LedgerError> {
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    Ok(diesel::sql_query(
        "select learner_id, kind, sealed from identity.identifiers \
         where learner_id = any($1) order by created_at, digest",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?)
}

/// What learners are called, sealed; nothing for those who have no name.
pub(crate) fn list_names(
    conn: &mut PgConnection,
    learners: &[LearnerId],
) -> Result<Vec<(LearnerId, Vec<u8>)>, LedgerError> {
    #[derive(QueryableByName)]
    struct NameRow {
        #[diesel(sql_type = SqlUuid)]
        learner_id: Uuid,
        #[diesel(sql_type = Binary)]
        sealed: Vec<u8>,
    }
    let learners: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<NameRow> = diesel::sql_query(
        "select learner_id, sealed from identity.names where learner_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .load(conn)?;
    let names = rows.into_iter();
    Ok(names
        .map(|row| (LearnerId::from_uuid(row.learner_id), row.sealed))
        .collect())
}
