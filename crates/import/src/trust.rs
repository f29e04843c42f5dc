//! Whose signatures count: the certificates that the operator named, and no others.
//!
//! A certificate is trusted as it is, by its digest: no chain is followed, and what signed it is
//! nobody's business here.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::{DateTime, SubsecRound as _, Utc};
use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::SignatureFound;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

/// What the process was told.
static SAID: OnceLock<TrustedSenders> = OnceLock::new();

/// A certificate is a few kilobytes, a file of them a chain.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Institutions of one bank.
const SENDERS_MAX: usize = 10_000;

/// Says for the whole process whose signatures count; what is said first holds.
pub fn trust_senders(senders: TrustedSenders) {
    let _ = SAID.set(senders);
}

/// The certificates of trusted senders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedSenders(Vec<TrustedSender>);

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedSender {
    /// Whom it names.
    pub subject: String,
    /// Digest of the certificate.
    pub sha256: [u8; 32],
    /// From when on it is valid.
    pub not_before: DateTime<Utc>,
    /// Until when.
    pub not_after: DateTime<Utc>,
}

impl TrustedSender {
    /// Whether it is valid at a moment.
    #[must_use]
    pub fn is_valid_at(&self, at: DateTime<Utc>) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

impl TrustedSenders {
    /// Reads a file of PEM certificates, or every `.pem`, `.crt` and `.cer` of a directory.
    ///
    /// # Errors
    /// `TRUSTED_CERTIFICATES` with the file that cannot be read or holds no certificate.
    pub fn read(place: &Path) -> Result<Self, Fault> {
        let mut senders = Vec::new();
        for file in files_of(place)? {
            let refused = |why: &dyn fmt::Display| unreadable(&file, why);
            let size = fs::metadata(&file).map_err(|why| refused(&why))?.len();
            if size > FILE_BYTES_MAX {
                return Err(refused(&format!("> {FILE_BYTES_MAX} bytes")));
            }
            let pem = fs::read(&file).map_err(|why| refused(&why))?;
            let parts = pem::parse_many(&pem).map_err(|why| refused(&why))?;
            for part in &parts {
                let certificate = (part.tag() == "CERTIFICATE").then(|| enclosed(part.contents()));
                let (_, sender) = certificate.flatten().ok_or_else(|| refused(&part.tag()))?;
                senders.push(sender);
            }
            if parts.is_empty() {
                return Err(refused(&"no PEM certificate"));
            }
            if senders.len() > SENDERS_MAX {
                return Err(refused(&format!("> {SENDERS_MAX} certificates")));
            }
        }
        Ok(Self(senders))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &TrustedSender> {
        self.0.iter()
    }
}

/// Whose signatures count for one reading of a file, and when it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Digests of certificates.
    fingerprints: Vec<[u8; 32]>,
    /// By when certificates are judged; only where one is trusted.
    pub(crate) at: DateTime<Utc>,
}

impl Trust {
    /// What the operator says now.
    pub(crate) fn at(now: DateTime<Utc>) -> Self {
        let said = SAID.get().into_iter().flat_map(TrustedSenders::iter);
        Self::of(said.map(|sender| sender.sha256).collect(), now)
    }

    /// Some certificates at some moment.
    pub(crate) fn of(fingerprints: Vec<[u8; 32]>, now: DateTime<Utc>) -> Self {
        Self {
            fingerprints,
            // As precise as what is noted of it.
            at: now.trunc_subsecs(6),
        }
    }

    /// What led to what was found before: the same file comes to the same again.
    pub(crate) fn noted(found: &SignatureFound) -> Self {
        Self {
            fingerprints: found.certificate_sha256.into_iter().collect(),
            at: found.checked_at,
        }
    }

    /// Whether a certificate of this digest counts.
    pub(crate) fn knows(&self, sha256: &[u8; 32]) -> bool {
        self.fingerprints.contains(sha256)
    }
}

/// What an enclosed certificate says of itself.
pub(crate) fn enclosed(der: &[u8]) -> Option<(Certificate, TrustedSender)> {
    let certificate = Certificate::from_der(der).ok()?;
    let sender = sender_of(&certificate, Sha256::digest(der).into())?;
    Some((certificate, sender))
}

fn sender_of(certificate: &Certificate, sha256: [u8; 32]) -> Option<TrustedSender> {
    let told = &certificate.tbs_certificate;
    Some(TrustedSender {
        subject: told.subject.to_string(),
        sha256,
        not_before: moment_of(told.validity.not_before)?,
        not_after: moment_of(told.validity.not_after)?,
    })
}

fn moment_of(time: Time) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    DateTime::from_timestamp(seconds, 0)
}

fn files_of(place: &Path) -> Result<Vec<PathBuf>, Fault> {
    let refused = |why: std::io::Error| unreadable(place, &why);
    if !fs::metadata(place).map_err(refused)?.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(place).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        let extension = path.extension().and_then(|it| it.to_str());
        if matches!(extension, Some("pem" | "crt" | "cer")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(file: &Path, why: &dyn fmt::Display) -> Fault {
    let file = file.display();
    Fault::new(
        "TRUSTED_CERTIFICATES",
        format!("可信发送方证书 {file} 无法读取({why});应为 PEM 证书文件或其目录"),
        format!(
            "the trusted certificates at {file} cannot be read ({why}); give PEM certificates, \
             or a directory of them"
        ),
    )
}
