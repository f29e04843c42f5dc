//! Keys, tokens and a state without a ledger, for the tests of this crate.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadImport, RequestConversion, RunImport};
use creditbank_domain::ids::{CohortId, ImportId, ImportJobId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::CohortOrder;
use creditbank_ledger::reads::{CohortFileView, ImportJobView, ImportState, ImportView};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use uuid::Uuid;

use super::{Authentication, ClientRegister, TokenAlgorithm, TokenClaims, TokenVerifier};
use crate::abuse::{RateLimits, Throttle};
use crate::access_log::AccessLog;
use crate::clock::Clock;
use crate::desk::{DeskError, ImportDesk, Making, Part, Upload};
use crate::draining::Draining;
use crate::evidence_desk::EvidenceDesk;
use crate::handle::{GateLimits, LedgerHandle};
use crate::metrics::Metrics;
use crate::posting::Posting;
use crate::read_log::ReadLog;
use crate::state::{ApiLimits, ApiState};

pub(crate) const ISSUER: &str = "https://issuer.test";
pub(crate) const AUDIENCE: &str = "creditbank";

/// Drawn for these tests; signs nothing else.
const PRIVATE_PEM: &[u8] = b"-----BEGIN PRIVATE KEY-----\n\
MC4CAQAwBQYDK2VwBCIEIILe0623IHSCut/imXBWiYEw0cABq/+ikk5SVWxkjSM9\n\
-----END PRIVATE KEY-----\n";
const PUBLIC_PEM: &[u8] = b"-----BEGIN PUBLIC KEY-----\n\
MCowBQYDK2VwAyEAyaGggkLZsJsTN5epCeiQqc9dmHKsMACXIQIGiQmyL1I=\n\
-----END PUBLIC KEY-----\n";
const OTHER_PRIVATE_PEM: &[u8] = b"-----BEGIN PRIVATE KEY-----\n\
MC4CAQAwBQYDK2VwBCIEIL+D8vqh/q6jR/KqXygu5OTL1qKPS5Q3BVcmLBO/7sHV\n\
-----END PRIVATE KEY-----\n";

pub(crate) fn now() -> DateTime<Utc> {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

pub(crate) fn learner_no() -> LearnerNo {
    LearnerNo::from_random(0x0012_3456_789A_BCDE)
}

pub(crate) fn verifier() -> TokenVerifier {
    TokenVerifier::from_pem(TokenAlgorithm::EdDsa, PUBLIC_PEM, ISSUER, AUDIENCE).unwrap()
}

pub(crate) fn claims(roles: &[&str]) -> TokenClaims {
    TokenClaims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: Uuid::from_u128(1),
        exp: now().timestamp() + 600,
        iat: now().timestamp(),
        nbf: None,
        institution: Some(Uuid::from_u128(2)),
        learner_no: None,
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        ..TokenClaims::default()
    }
}

pub(crate) fn signed(claims: &TokenClaims) -> String {
    let key = EncodingKey::from_ed_pem(PRIVATE_PEM).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}

pub(crate) fn signed_by_another(claims: &TokenClaims) -> String {
    let key = EncodingKey::from_ed_pem(OTHER_PRIVATE_PEM).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}

/// Signed with the public key as if it were a shared secret: the classic confusion.
pub(crate) fn signed_with_the_public_key(claims: &TokenClaims) -> String {
    let key = EncodingKey::from_secret(PUBLIC_PEM);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

/// A value of the `Authorization` header.
pub(crate) fn bearer(roles: &[&str]) -> String {
    format!("Bearer {}", signed(&claims(roles)))
}

/// A desk that takes everything and finds nothing.
struct Desk;

impl ImportDesk for Desk {
    fn accept(
        &self,
        _: &Grant<RunImport>,
        upload: Upload,
        now: DateTime<Utc>,
    ) -> Result<ImportView, DeskError> {
        let bytes = std::fs::read(&upload.path).map_err(DeskError::Storage)?;
        assert_eq!(u64::try_from(bytes.len()).unwrap(), upload.byte_count);
        Ok(ImportView {
            import_id: ImportId::from_uuid(Uuid::from_u128(3)),
            file_name: upload.file_name,
            mode: upload.mode,
            state: ImportState::Running,
            read: 0,
            posted: 0,
            already_posted: 0,
            rejected: 0,
            accounts_opened: 0,
            failure: None,
            started_at: now,
            finished_at: None,
        })
    }

    fn receive(
        &self,
        _: &Grant<RunImport>,
        _: ImportJobId,
        _: Part,
        _: DateTime<Utc>,
    ) -> Result<ImportJobView, DeskError> {
        Err(DeskError::NotFound)
    }

    fn check_mapping(
        &self,
        mapping: &serde_json::Value,
    ) -> Result<serde_json::Value, creditbank_domain::fault::Fault> {
        Ok(mapping.clone())
    }

    fn mapping_faults(
        &self,
        _: &serde_json::Value,
    ) -> Vec<(Vec<String>, creditbank_domain::fault::Fault)> {
        Vec::new()
    }

    fn ask(
        &self,
        _: &Grant<RequestConversion>,
        _: Upload,
        _: &CohortOrder,
        _: DateTime<Utc>,
    ) -> Result<CohortFileView, DeskError> {
        Err(DeskError::NotFound)
    }

    fn cohort_result(
        &self,
        _: &Grant<RequestConversion>,
        _: CohortId,
    ) -> Result<Making, DeskError> {
        Err(DeskError::NotFound)
    }

    fn result_file(&self, _: &Grant<ReadImport>, id: ImportId) -> Result<Making, DeskError> {
        match id.as_uuid().as_u128() {
            3 => Err(DeskError::StillRunning),
            _ => Err(DeskError::NotFound),
        }
    }
}

pub(crate) fn state() -> ApiState {
    ApiState {
        readings: ReadLog::none(),
        refusals: AccessLog::none(),
        throttle: Throttle::new(&RateLimits::none()),
        posting: Posting::one_by_one(Clock::fixed(now())),
        ledger: LedgerHandle::without_ledger(GateLimits::default()),
        verifier: Arc::new(verifier()),
        authentication: Arc::new(Authentication::new(ISSUER, AUDIENCE)),
        clients: ClientRegister::trusting(),
        imports: Arc::new(Desk),
        evidence: EvidenceDesk::new(creditbank_vault::Vault::memory()),
        clock: Clock::fixed(now()),
        limits: ApiLimits {
            json_bytes_max: 4_096,
            upload_bytes_max: 1_000_000,
            ..ApiLimits::default()
        },
        metrics: Metrics::default(),
        draining: Draining::default(),
    }
}
