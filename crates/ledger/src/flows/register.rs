//! The register: institutions, programmes, documents and clients.
//!
//! Loading the same thing again changes nothing; loading another thing under the same key is a
//! conflict that names it.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{Grant, KeepRegister, Role};
use creditbank_domain::conversion::{Document, Programme};
use creditbank_domain::fault::Fault;
use creditbank_domain::identifier::UnifiedSocialCreditCode;
use creditbank_domain::ids::{ClientId, InstitutionId, ProgrammeId};
use creditbank_domain::institution::{AllianceRole, InstitutionKind, InstitutionLevel, Standing};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::InstitutionCode;
use serde_json::json;

use crate::error::LedgerError;
use crate::new_id::new_id;
use crate::store::{Ledger, Tx};
use crate::tables::api_clients::{self, ClientRow};
use crate::tables::institutions::{self, InstitutionRow};
use crate::tables::{audit_events, programmes};

/// What loading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisterCounts {
    /// New.
    pub added: u32,
    /// There already, with the same content.
    pub already_there: u32,
}

impl RegisterCounts {
    pub(super) fn add(&mut self, new: bool) {
        let count = if new {
            &mut self.added
        } else {
            &mut self.already_there
        };
        *count = count.saturating_add(1);
    }

    pub(super) fn figures(self) -> serde_json::Value {
        json!({ "added": self.added, "already_there": self.already_there })
    }
}

/// An institution to be registered; it begins in good standing.
#[derive(Debug, Clone)]
pub struct NewInstitution {
    /// How it is known outside.
    pub code: InstitutionCode,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// Its unified social credit code.
    pub uscc: Option<UnifiedSocialCreditCode>,
    /// What it is.
    pub kinds: Vec<InstitutionKind>,
    /// National, provincial or municipal.
    pub level: Option<InstitutionLevel>,
    /// Its part in the alliance.
    pub alliance_role: AllianceRole,
    /// First day of membership.
    pub joined_on: Option<NaiveDate>,
    /// First day whose outcomes it may post.
    pub term_from: Option<NaiveDate>,
    /// Last day whose outcomes it may post.
    pub term_to: Option<NaiveDate>,
    /// Whether its posts may open accounts.
    pub may_open_accounts: bool,
}

/// Something else is registered under the key.
pub(super) fn registered_otherwise(what: &str, key: &str) -> LedgerError {
    LedgerError::Conflict(Fault::new(
        "REGISTERED_OTHERWISE",
        format!("{what} {key} 已登记且内容不同,请核对后使用新的编号或版本"),
        format!("{what} {key} is registered with other content; check it, or use another key"),
    ))
}

/// Finds an institution by the code that a person wrote.
pub(super) fn institution_id(
    tx: &mut Tx<'_>,
    code: &InstitutionCode,
) -> Result<InstitutionId, LedgerError> {
    institutions::find_by_code(tx.conn(), code)?
        .map(|row| InstitutionId::from_uuid(row.institution_id))
        .ok_or_else(|| institution_unknown(code))
}

pub(super) fn institution_unknown(code: &InstitutionCode) -> LedgerError {
    LedgerError::Refused(Fault::new(
        "INSTITUTION_UNKNOWN",
        format!("机构代码 {code} 未登记,请核对或先登记该机构"),
        format!("no institution has the code {code}; check it or register the institution first"),
    ))
}

/// Registers institutions.
///
/// # Errors
/// [`LedgerError::Conflict`] where a code is registered with other content; nothing is added then.
pub fn register_institutions(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &[NewInstitution],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        let mut counts = RegisterCounts::default();
        for institution in new {
            let row = institution_row(institution);
            let inserted = institutions::insert(tx, &row, now)?;
            if !inserted {
                let there = institutions::find_by_code(tx.conn(), &institution.code)?
                    .ok_or(LedgerError::Contended)?;
                let same = InstitutionRow {
                    institution_id: there.institution_id,
                    standing: there.standing.clone(),
                    ..row
                };
                if same != there {
                    let code = institution.code.as_str();
                    return Err(registered_otherwise("机构/institution", code));
                }
            }
            counts.add(inserted);
        }
        audit_events::insert(tx, grant, ("institutions", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

fn institution_row(new: &NewInstitution) -> InstitutionRow {
    InstitutionRow {
        institution_id: new_id(),
        code: new.code.as_str().to_owned(),
        name_zh: new.name_zh.clone(),
        name_en: new.name_en.clone(),
        uscc: new.uscc.as_ref().map(|code| code.as_str().to_owned()),
        kinds: new
            .kinds
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        level: new.level.map(|level| level.as_str().to_owned()),
        standing: Standing::Active.as_str().to_owned(),
        alliance_role: new.alliance_role.as_str().to_owned(),
        joined_on: new.joined_on,
        term_from: new.term_from,
        term_to: new.term_to,
        may_open_accounts: new.may_open_accounts,
    }
}

/// Changes whether an institution may act.
///
/// # Errors
/// [`LedgerError::Refused`] for an unknown code.
pub fn set_standing(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    code: &InstitutionCode,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        let id = institution_id(tx, code)?;
        institutions::update_standing(tx, code, standing.as_str())?;
        let subject = ("institution", Some(id.as_uuid()));
        audit_events::insert(
            tx,
            grant,
            subject,
            &json!({ "standing": standing.as_str() }),
            now,
        )
    })
}

/// A programme to be registered.
#[derive(Debug, Clone)]
pub struct NewProgramme {
    /// Whose it is.
    pub institution: InstitutionCode,
    /// The institution's code of it.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// The credits it has in all.
    pub total_credits: Hundredths,
}

/// Registers programmes.
///
/// # Errors
/// [`LedgerError::Conflict`] where one is registered with other content; nothing is added then.
pub fn register_programmes(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &[NewProgramme],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        let mut counts = RegisterCounts::default();
        for wanted in new {
            let programme = Programme {
                id: ProgrammeId::from_uuid(new_id()),
                institution: institution_id(tx, &wanted.institution)?,
                title: wanted.title.clone(),
                total_credits: wanted.total_credits,
            };
            let inserted = programmes::insert(tx, &programme, &wanted.code, now)?;
            if !inserted {
                let there =
                    programmes::find_by_code(tx.conn(), programme.institution, &wanted.code)?
                        .ok_or(LedgerError::Contended)?;
                if (Programme {
                    id: there.id,
                    ..programme
                }) != there
                {
                    return Err(registered_otherwise("专业/programme", &wanted.code));
                }
            }
            counts.add(inserted);
        }
        audit_events::insert(tx, grant, ("programmes", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

/// Registers the documents that rules cite.
///
/// # Errors
/// [`LedgerError::Conflict`] where a number is registered with another title.
pub fn register_documents(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &[Document],
    now: DateTime<Utc>,
) -> Result<RegisterCounts, LedgerError> {
    ledger.write(grant, |tx| {
        let mut counts = RegisterCounts::default();
        for document in new {
            counts.add(add_document(tx, document, now)?);
        }
        audit_events::insert(tx, grant, ("documents", None), &counts.figures(), now)?;
        Ok(counts)
    })
}

/// Registers a document inside a transaction; false where it is there.
pub(super) fn add_document(
    tx: &mut Tx<'_>,
    document: &Document,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = programmes::insert_document(tx, document, now)?;
    if !inserted {
        let there = programmes::find_document(tx.conn(), &document.number)?;
        if there.as_ref() != Some(document) {
            return Err(registered_otherwise("文件/document", &document.number));
        }
    }
    Ok(inserted)
}

/// A program that is to call the API.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// What it is called; unique.
    pub name: String,
    /// For whom it acts.
    pub institution: Option<InstitutionCode>,
    /// Whose account it may see, for a learner's client.
    pub learner_no: Option<LearnerNo>,
    /// What it is.
    pub roles: Vec<Role>,
}

/// Registers a client, or gives the one of that name.
///
/// # Errors
/// [`LedgerError::Conflict`] where the name is registered with other rights.
pub fn register_client(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    new: &NewClient,
    now: DateTime<Utc>,
) -> Result<ClientId, LedgerError> {
    ledger.write(grant, |tx| {
        let institution = new.institution.as_ref();
        let row = ClientRow {
            client_id: new_id(),
            name: new.name.clone(),
            institution_id: institution
                .map(|code| institution_id(tx, code))
                .transpose()?
                .map(|id| id.as_uuid()),
            institution_code: institution.map(|code| code.as_str().to_owned()),
            learner_no: new.learner_no.map(|number| number.as_str().to_owned()),
            roles: new
                .roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect(),
            scopes: None,
            keeper_id: None,
            active: true,
            created_at: now,
        };
        let inserted = api_clients::insert(tx, &row)?;
        let there =
            api_clients::find_by_name(tx.conn(), &row.name)?.ok_or(LedgerError::Contended)?;
        let same = there.institution_id == row.institution_id
            && there.learner_no == row.learner_no
            && there.roles == row.roles
            && there.scopes == row.scopes;
        if !same {
            return Err(registered_otherwise("客户端/client", &row.name));
        }
        if inserted {
            let figures = json!({ "roles": row.roles });
            let subject = ("client", Some(there.client_id));
            audit_events::insert(tx, grant, subject, &figures, now)?;
        }
        Ok(ClientId::from_uuid(there.client_id))
    })
}

/// Takes a client's rights away: its tokens are refused from the next look at the register on.
///
/// # Errors
/// [`LedgerError::NotFound`] for an unknown name.
pub fn deactivate_client(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    ledger.write(grant, |tx| {
        let client = api_clients::find_by_name(tx.conn(), name)?.ok_or(LedgerError::NotFound)?;
        api_clients::deactivate(tx, client.client_id)?;
        let subject = ("client", Some(client.client_id));
        audit_events::insert(tx, grant, subject, &json!({ "active": false }), now)
    })
}
