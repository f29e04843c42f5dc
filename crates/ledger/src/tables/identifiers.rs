//! `identity.identifiers` and `identity.names`: who the learners are, sealed.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{InstitutionId, LearnerId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached_for;
use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::learners::{Account, AccountRow};

/// An identifier ready to be stored.
pub(crate) struct SealedIdentifier {
    pub(crate) digest: [u8; 32],
    pub(crate) learner_id: LearnerId,
    pub(crate) kind: &'static str,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(embed)]
    account: AccountRow,
}

/// Whose identifiers these digests are, as far as they are known.
pub(crate) fn list_by_digests(
    conn: &mut PgConnection,
    digests: &[[u8; 32]],
) -> Result<Vec<([u8; 32], Account)>, LedgerError> {
    let wanted: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
    let rows: Vec<FoundRow> = cached_for(
        digests.len(),
        "select i.digest, l.learner_id, l.learner_no \
         from identity.identifiers i join learners l using (learner_id) \
         where i.digest = any($1)",
    )
    .bind::<Array<Binary>, _>(wanted)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let digest = <[u8; 32]>::try_from(row.digest.as_slice())
                .map_err(|_| LedgerError::Corrupt("identity.identifiers.digest"))?;
            Ok((digest, Account::try_from(row.account)?))
        })
        .collect()
}

#[derive(QueryableByName)]
struct DigestRow {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
}

/// Stores the identifiers that nobody has yet and gives their digests back. Waits for whoever is
/// storing the same one at this moment; give them in the order of their digests.
pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    identifiers: &[SealedIdentifier],
    now: DateTime<Utc>,
) -> Result<Vec<Vec<u8>>, LedgerError> {
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
         on conflict (digest) do nothing returning digest",
    )
    .bind::<Array<Binary>, _>(digests)
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Nullable<SqlUuid>>, _>(issuers)
    .bind::<Array<Binary>, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .load(tx.conn())?;
    Ok(rows.into_iter().map(|row| row.digest).collect())
}

/// Stores what learners are called.
pub(crate) fn insert_names(
    tx: &mut Tx<'_>,
    names: &[(LearnerId, Vec<u8>)],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let learners: Vec<Uuid> = names.iter().map(|(id, _)| id.as_uuid()).collect();
    let sealed: Vec<&[u8]> = names.iter().map(|(_, sealed)| sealed.as_slice()).collect();
    diesel::sql_query(
        "insert into identity.names (learner_id, sealed, created_at) \
         select learner_id, sealed, $3 from unnest($1::uuid[], $2::bytea[]) as n (learner_id, sealed) \
         on conflict (learner_id) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<Binary>, _>(sealed)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// An identifier as it is stored.
#[derive(QueryableByName)]
pub(crate) struct StoredIdentifierRow {
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Binary)]
    pub(crate) sealed: Vec<u8>,
}

/// The identifiers of a learner, sealed.
pub(crate) fn list_of(
    conn: &mut PgConnection,
    learner: LearnerId,
) -> Result<Vec<StoredIdentifierRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select kind, sealed from identity.identifiers where learner_id = $1 order by created_at",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .load(conn)?)
}

/// What a learner is called, sealed.
pub(crate) fn find_name(
    conn: &mut PgConnection,
    learner: LearnerId,
) -> Result<Option<Vec<u8>>, LedgerError> {
    #[derive(QueryableByName)]
    struct NameRow {
        #[diesel(sql_type = Binary)]
        sealed: Vec<u8>,
    }
    let rows: Vec<NameRow> =
        diesel::sql_query("select sealed from identity.names where learner_id = $1")
            .bind::<SqlUuid, _>(learner.as_uuid())
            .load(conn)?;
    Ok(rows.into_iter().next().map(|row| row.sealed))
}
