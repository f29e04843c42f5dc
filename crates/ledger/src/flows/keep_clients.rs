//! An institution's programs kept by its admin, and every member's by the secretariat: made with
//! rights that reach no further than the institution, given secrets and keys, switched off.
//!
//! What stands in the ledger of a secret is its hash; the secret itself never comes here, so what is
//! kept under an idempotency key cannot tell it either.

use chrono::{DateTime, TimeDelta, Utc};
use creditbank_domain::authz::{Grant, KeepClients, Role, Scopes, View};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ClientId, ClientSecretId, PersonId};
use creditbank_domain::text::{InstitutionCode, bounded};
use serde_json::{Value, json};

use super::credentials::{NewClientKey, NewSecret, keep_key, keep_secret};
use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::new_id::new_id;
use crate::reads::{ClientView, KEPT_ROLES, KeptClient, client_kept, kept_of};
use crate::store::{Ledger, Tx};
use crate::tables::api_clients::{self, ClientRow};
use crate::tables::client_secrets::{self, Named};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{audit_events, institutions};

/// How many programs of an institution are not switched off.
const CLIENTS_MAX: i64 = 50;

/// How many of a program's keys count at the same moment.
const KEYS_MAX: usize = 5;

const NAME_CHARACTERS_MAX: usize = 120;

/// A program that is to act for an institution.
#[derive(Debug, Clone)]
pub struct ClientOrder {
    /// What it is called; unique in the bank.
    pub name: String,
    /// For whom it acts.
    pub institution: InstitutionCode,
    /// As what.
    pub roles: Vec<Role>,
    /// To what of that it is narrowed for good.
    pub scopes: Scopes,
}

/// Makes a program. It can do nothing before it has a secret or a key.
///
/// # Errors
/// [`LedgerError::NotFound`] for another institution, [`LedgerError::Refused`] for rights that the
/// caller does not give, [`LedgerError::Conflict`] where the name is taken or there are too many.
pub fn make_client_once(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    order: &ClientOrder,
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let only = kept_of(grant)?;
        let there = institutions::find_by_code(tx.conn(), &order.institution)?;
        let there = there.filter(|row| only.is_none_or(|own| own.as_uuid() == row.institution_id));
        let there = there.ok_or(LedgerError::NotFound)?;
        let institution_id = there.institution_id;
        refuse_unless_active(&there.try_into()?)?;
        refuse_beyond(grant, &order.roles, &order.scopes)?;
        let name = bounded("name", &order.name, NAME_CHARACTERS_MAX)
            .map_err(|wrong| LedgerError::Refused(wrong.into()))?;
        if api_clients::count_active(tx.conn(), institution_id)? >= CLIENTS_MAX {
            return Err(LedgerError::Conflict(too_many()));
        }
        let roles = order.roles.iter().map(ToString::to_string);
        let row = ClientRow {
            client_id: new_id(),
            name,
            institution_id: Some(institution_id),
            institution_code: Some(order.institution.as_str().to_owned()),
            learner_no: None,
            roles: roles.collect(),
            scopes: scope_names(&order.scopes),
            keeper_id: hand_of(grant).map(|person| person.as_uuid()),
            active: true,
            created_at: now,
        };
        if !api_clients::insert(tx, &row)? {
            return Err(LedgerError::Conflict(name_taken()));
        }
        let client = ClientId::from_uuid(row.client_id);
        let figures = json!({ "roles": row.roles, "scopes": row.scopes });
        note(tx, grant, client, &figures, now)?;
        client_kept(tx.conn(), only, client, now)
    })
}

/// Keeps a secret, which counts from now on; the others do with it until the `overlap` has passed.
///
/// # Errors
/// [`LedgerError::NotFound`] where it is none of the institution's, [`LedgerError::Refused`] where
/// it may more than the caller or has too many, [`LedgerError::Conflict`] where it is switched off.
pub fn rotate_client_secret_once(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    (client, secret): (ClientId, &NewSecret<'_>),
    overlap: TimeDelta,
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    change(ledger, grant, client, request, now, |tx, there| {
        refuse_shown(grant, &there.client)?;
        client_secrets::end_all(tx, client.as_uuid(), now + overlap)?;
        keep_secret(tx, client.as_uuid(), secret, now)?;
        keep_hand(tx, grant, client)?;
        Ok(Some(
            json!({ "secret_added": secret.id, "overlap_hours": overlap.num_hours() }),
        ))
    })
}

/// Ends a secret at once; again it changes nothing.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such client or it never had that secret.
pub fn end_client_secret_once(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    (client, secret): (ClientId, ClientSecretId),
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    change(ledger, grant, client, request, now, |tx, _| {
        let (id, secret) = (client.as_uuid(), secret.as_uuid());
        if client_secrets::revoke(tx, id, secret, now)? {
            return Ok(Some(json!({ "secret_revoked": secret })));
        }
        refuse_unknown(tx, client, Named::Secret(secret))
    })
}

/// Keeps a public key, beside those that it has.
///
/// # Errors
/// As [`rotate_client_secret_once`]; [`LedgerError::Conflict`] where it had a key of that name.
pub fn add_client_key_once(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    (client, key): (ClientId, &NewClientKey<'_>),
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    change(ledger, grant, client, request, now, |tx, there| {
        refuse_shown(grant, &there.client)?;
        if there.keys.len() >= KEYS_MAX {
            return Err(LedgerError::Refused(too_many_keys()));
        }
        keep_key(tx, client.as_uuid(), key, now)?;
        keep_hand(tx, grant, client)?;
        Ok(Some(json!({ "key_added": key.kid })))
    })
}

/// Takes a key away at once; again it changes nothing.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such client or it never had that key.
pub fn end_client_key_once(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    (client, kid): (ClientId, &str),
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    change(ledger, grant, client, request, now, |tx, _| {
        if client_secrets::revoke_key(tx, client.as_uuid(), kid, now)? {
            return Ok(Some(json!({ "key_revoked": kid })));
        }
        refuse_unknown(tx, client, Named::Key(kid))
    })
}

/// Switches a program off for good; again it changes nothing. Servers that know it look again
/// within seconds.
///
/// # Errors
/// [`LedgerError::NotFound`] where it is none of the institution's.
pub fn end_client_once(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    client: ClientId,
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    change(ledger, grant, client, request, now, |tx, there| {
        if !there.client.active {
            return Ok(None);
        }
        api_clients::deactivate(tx, client.as_uuid())?;
        Ok(Some(json!({ "active": false })))
    })
}

/// One change of one program, written down with the figures that it gives, if it changed anything.
fn change(
    ledger: &Ledger,
    grant: &Grant<KeepClients>,
    client: ClientId,
    request: &Once<'_, KeptClient>,
    now: DateTime<Utc>,
    mut work: impl FnMut(&mut Tx<'_>, &KeptClient) -> Result<Option<Value>, LedgerError>,
) -> Result<Answered, LedgerError> {
    once(ledger, grant, request, now, |tx| {
        let only = kept_of(grant)?;
        api_clients::take_turn(tx, client.as_uuid())?;
        let there = client_kept(tx.conn(), only, client, now)?;
        if let Some(figures) = work(tx, &there)? {
            note(tx, grant, client, &figures, now)?;
        }
        client_kept(tx.conn(), only, client, now)
    })
}

fn note(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepClients>,
    client: ClientId,
    figures: &Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let subject = ("client", Some(client.as_uuid()));
    audit_events::insert(tx, grant, subject, figures, now)
}

/// The person who is shown what is made, through whatever program of theirs.
fn hand_of(grant: &Grant<KeepClients>) -> Option<PersonId> {
    let actor = grant.actor();
    actor.person.or(actor.keeper)
}

fn keep_hand(
    tx: &mut Tx<'_>,
    grant: &Grant<KeepClients>,
    client: ClientId,
) -> Result<(), LedgerError> {
    match hand_of(grant) {
        Some(person) => api_clients::set_keeper(tx, client.as_uuid(), person.as_uuid()),
        None => Ok(()),
    }
}

/// Whoever is shown a secret can do what the program can, so it is as if they made it.
fn refuse_shown(grant: &Grant<KeepClients>, client: &ClientView) -> Result<(), LedgerError> {
    if !client.active {
        return Err(LedgerError::Conflict(ended()));
    }
    refuse_beyond(grant, &client.roles, &client.scopes)
}

/// Nobody gives what reaches beyond the institution; a program of an institution gives nothing that
/// it has not itself; and what a token was narrowed to, that narrows what is made by it.
fn refuse_beyond(
    grant: &Grant<KeepClients>,
    roles: &[Role],
    scopes: &Scopes,
) -> Result<(), LedgerError> {
    let actor = grant.actor();
    let of_an_institution = matches!(grant.view(), View::OnlyOf(_));
    let by_a_program = actor.person.is_none() && of_an_institution;
    let beyond =
        |role: &&Role| !KEPT_ROLES.contains(role) || (by_a_program && !actor.roles.contains(role));
    if let Some(role) = roles.iter().find(beyond) {
        return Err(LedgerError::Refused(role_beyond(*role)));
    }
    if let Scopes::Only(wanted) = scopes
        && let Some(scope) = wanted.iter().find(|scope| !scope.is_of(roles))
    {
        return Err(LedgerError::Refused(scope_beyond(scope.as_str())));
    }
    if !actor.scopes.contain(scopes) {
        return Err(LedgerError::Refused(scopes_wider()));
    }
    Ok(())
}

fn refuse_unknown(
    tx: &mut Tx<'_>,
    client: ClientId,
    named: Named<'_>,
) -> Result<Option<Value>, LedgerError> {
    if client_secrets::had(tx.conn(), client.as_uuid(), named)? {
        return Ok(None);
    }
    Err(LedgerError::NotFound)
}

fn scope_names(scopes: &Scopes) -> Option<Vec<String>> {
    match scopes {
        Scopes::All => None,
        Scopes::Only(scopes) => Some(scopes.iter().map(ToString::to_string).collect()),
    }
}

fn role_beyond(role: Role) -> Fault {
    Fault::new(
        "CLIENT_ROLE_BEYOND",
        format!("角色 {role} 超出本机构或您自身的权限,不能授予客户端"),
        format!("the role {role} reaches beyond the institution, or beyond what you are yourself"),
    )
}

fn scope_beyond(scope: &str) -> Fault {
    Fault::new(
        "CLIENT_SCOPE_BEYOND",
        format!("所给角色均无权限范围 {scope},请更换角色或去掉该范围"),
        format!("none of the roles has anything of the scope {scope}; take it out, or add a role"),
    )
}

fn scopes_wider() -> Fault {
    Fault::new(
        "CLIENT_SCOPE_BEYOND",
        "客户端的权限范围超出当前令牌的范围,请缩小 scopes 或使用范围更大的令牌",
        "the client would have scopes that your token has not; name fewer, or use another token",
    )
}

fn name_taken() -> Fault {
    Fault::new(
        "CLIENT_NAME_TAKEN",
        "该名称已被使用,请在名称中加上本机构的代码",
        "the name is taken; put your institution's code into it",
    )
}

fn too_many() -> Fault {
    Fault::new(
        "CLIENTS_TOO_MANY",
        format!("每个机构最多 {CLIENTS_MAX} 个在用的客户端;请先停用不再需要的"),
        format!("an institution has at most {CLIENTS_MAX} clients; end one that is not needed"),
    )
}

fn too_many_keys() -> Fault {
    Fault::new(
        "CLIENT_KEYS_TOO_MANY",
        format!("该客户端已有 {KEYS_MAX} 个有效公钥,请先停用旧的"),
        format!("the client has {KEYS_MAX} keys that count; end an old one first"),
    )
}

fn ended() -> Fault {
    Fault::new(
        "CLIENT_ENDED",
        "该客户端已停用,不能再更改;请另行登记",
        "the client is switched off for good; make another one",
    )
}
