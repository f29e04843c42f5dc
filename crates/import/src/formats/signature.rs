//! What a file says of who signed it, and whether that is so.
//!
//! A signature is verified or it is not (decision 0041). Where it is not, every word of it is told
//! as the file's own claim: whoever changes a grade can leave the signature as it was, and whoever
//! has no key can write one.

use creditbank_domain::fault::Fault;
use creditbank_ledger::reads::SignatureFound;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::xml::{Step, Tag, XmlReader};
use super::xml_tree::Element;
use super::{Column, said};
use crate::cell::Cell;
use crate::input::Input;

mod canonical;
mod unverified;
mod verify;

use unverified::Unverified;
use verify::Verified;

const VERIFIED: &str = "签名已验证 signature verified";
const UNVERIFIED: &str = "有签名,未验证 signed, not verified";
/// More signatures of one document are counted and not told one by one.
const TOLD_MAX: usize = 3;
/// The most characters of one claim that are repeated.
const SHOWN_MAX: usize = 120;
/// What an `Object` holds is signed, or about the signing; none of it says who signs.
const PASSED_OVER: [&str; 2] = ["Object", "SignatureValue"];

/// The signatures of an XML document, each with the transcript in which it stands.
#[derive(Debug)]
pub(super) struct Signatures {
    claims: Vec<(Option<u32>, String)>,
    verdict: Option<Result<Verified, Unverified>>,
    found: Option<SignatureFound>,
    readable: Input,
}

impl Signatures {
    /// Looks through a whole document; `unit` is what holds one transcript, and `opened` sees every
    /// start tag.
    pub(super) fn of(
        input: &Input,
        unit: &str,
        opened: &mut dyn FnMut(&Tag) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let mut xml = XmlReader::open(input)?;
        let mut claims = Vec::new();
        let mut units = 0_u32;
        let mut inside = None;
        loop {
            match xml.next()? {
                Step::Open(tag) if tag.name == "Signature" => {
                    let element = Element::read(tag, &mut xml, &PASSED_OVER)?;
                    claims.push((inside.map(|_| units), claim_of(&element)));
                }
                Step::Open(tag) => {
                    opened(&tag)?;
                    if tag.name == unit {
                        units = units.saturating_add(1);
                        inside = Some(xml.depth());
                    }
                }
                Step::Close if inside.is_some_and(|depth| xml.depth() < depth) => inside = None,
                Step::Text(_) | Step::Close => {}
                Step::End => return Self::judged(input, claims, xml.pieces()),
            }
        }
    }

    fn judged(
        input: &Input,
        claims: Vec<(Option<u32>, String)>,
        pieces: u64,
    ) -> Result<Self, Fault> {
        let (trusted, mut verdict) = match claims.len() {
            0 => (None, None),
            1 => {
                let outcome = verify::verify(input, pieces)?;
                (outcome.trusted, Some(outcome.verdict))
            }
            count => (None, Some(Err(Unverified::SeveralSignatures(count)))),
        };
        let found = verdict.as_ref().map(|verdict| SignatureFound {
            reason: verdict.as_ref().err().map(|why| why.code().to_owned()),
            certificate_sha256: trusted,
            checked_at: input.trust().at,
        });
        let octets = { verdict.as_mut() }.and_then(|it| it.as_mut().ok());
        let octets = octets.map(|verified| std::mem::take(&mut verified.octets));
        Ok(Self {
            claims,
            verdict,
            found,
            readable: octets.map_or_else(|| input.clone(), |octets| input.holding(octets)),
        })
    }

    /// What is to be read: what was signed where that was verified, else the file.
    pub(super) const fn readable(&self) -> &Input {
        &self.readable
    }

    /// What was found, to be noted of an import.
    pub(super) fn found(&self) -> Option<SignatureFound> {
        self.found.clone()
    }

    /// What is said beside the lines of the how-manieth transcript: its own signatures, and those
    /// that stand around all of them.
    pub(super) fn told(&self, unit: u32) -> Option<(Column, Cell)> {
        let why = match &self.verdict {
            Some(Ok(verified)) => return said(Column::Signature, &verified.told()),
            Some(Err(why)) => why.told(),
            None => return None,
        };
        let of_it = |at: &Option<u32>| at.is_none_or(|at| at == unit);
        let claims: Vec<_> = { self.claims.iter() }
            .filter(|(at, _)| of_it(at))
            .map(|(_, claim)| claim.clone())
            .collect();
        told(&format!("{UNVERIFIED}; 原因 reason: {why}"), &claims)
    }
}

impl Verified {
    fn told(&self) -> String {
        let signer = shown(&self.signer.subject);
        let sha256 = hex::encode(self.signer.sha256);
        let algorithm = &self.algorithm;
        format!(
            "{VERIFIED}; 签名者 signer {signer}, 证书 certificate SHA-256 {sha256}, \
             算法 algorithm {algorithm}"
        )
    }
}

/// What is said of a credential's proofs.
pub(super) fn told_of_proof(proof: &Value) -> Option<(Column, Cell)> {
    let one = |proof: &Value| {
        let members = [
            ("type", "类型 type"),
            ("cryptosuite", "算法 algorithm"),
            ("verificationMethod", "自称密钥 claimed key"),
        ];
        let parts = members.into_iter().filter_map(|(member, label)| {
            let text = proof.get(member)?.as_str()?;
            Some(format!("{label} {}", shown(text)))
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    let claims: Vec<_> = match proof {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().map(one).collect(),
        alone => vec![one(alone)],
    };
    told(UNVERIFIED, &claims)
}

fn told(verdict: &str, claims: &[String]) -> Option<(Column, Cell)> {
    let mut parts = vec![verdict.to_owned()];
    match claims.len() {
        0 => return None,
        1 => {}
        count => parts.push(format!("{count} 个签名 signatures")),
    }
    parts.extend(claims.iter().take(TOLD_MAX).cloned());
    parts.retain(|part| !part.is_empty());
    said(Column::Signature, &parts.join("; "))
}

fn claim_of(signature: &Element) -> String {
    let info = signature.child("SignedInfo");
    let method = info.and_then(|info| info.child("SignatureMethod"));
    let method = method.and_then(|method| method.tag.attribute("Algorithm"));
    let algorithm = method.and_then(|uri| uri.rsplit(['#', '/']).next());
    let algorithm = algorithm.unwrap_or("未写明 unnamed");
    let references: Vec<_> = { info.into_iter() }
        .flat_map(|info| info.all("Reference"))
        .map(|reference| reference.tag.attribute("URI"))
        .collect();
    let covers = match references.as_slice() {
        [Some("")] => "自称覆盖全文 claims to cover the whole document".to_owned(),
        all => {
            let named: Vec<_> = all.iter().map(|uri| shown(uri.unwrap_or("?"))).collect();
            format!("自称仅覆盖 claims to cover only [{}]", named.join(" "))
        }
    };
    let mut parts = vec![format!("算法 algorithm {}", shown(algorithm)), covers];
    let data = || {
        let key = signature.all("KeyInfo");
        key.flat_map(|key| key.all("X509Data"))
    };
    if let Some(subject) = data().find_map(|data| data.at(&["X509SubjectName"])) {
        parts.push(format!("自称签名者 claimed signer {}", shown(subject)));
    }
    let certificates = data().flat_map(|data| data.all("X509Certificate"));
    for certificate in certificates.take(TOLD_MAX) {
        let fingerprint = fingerprint_of(&certificate.text);
        let fingerprint = fingerprint.as_deref().unwrap_or("无法解读 unreadable");
        parts.push(format!(
            "所附证书 enclosed certificate SHA-256 {fingerprint}"
        ));
    }
    parts.join(", ")
}

fn fingerprint_of(base64: &str) -> Option<String> {
    canonical::decoded(base64).map(|bytes| hex::encode(Sha256::digest(bytes)))
}

/// A text out of the file, on one line and not too long.
fn shown(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    let plain = line.chars().filter(|c| !c.is_control());
    plain.take(SHOWN_MAX).collect()
}
