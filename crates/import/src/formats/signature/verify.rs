//! Verifies the signature of a document as a whole (decision 0041).
//!
//! The order is what makes it hold: SignedInfo is canonicalised, what a trusted key signed of it is
//! read by our own reader, and only by that are the octets chosen that have to have the digest.
//! Those octets are then what records are read from. So whatever the canonicalisation made of a
//! document, nothing counts that the holder of the key did not sign.

use std::io::Read as _;

use creditbank_domain::fault::Fault;
use ring::digest::{self, SHA256, SHA384, SHA512};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::super::xml::{Step, XmlReader};
use super::super::xml_tree::Element;
use super::canonical::{Canonical, SignedDocument, decoded};
use super::shown;
use super::unverified::{Counted, Unverified};
use crate::faults;
use crate::input::Input;
use crate::trust::{TrustedSender, enclosed};

/// The largest document of which the signature is verified: for that it is in memory as a tree.
const BYTES_MAX: u64 = 8 << 20;
/// The most tags, attributes, texts, comments and the like of one.
const PIECES_MAX: u64 = 200_000;
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The shortest public RSA key of 2048 bits as it is written: the modulus alone.
const RSA_KEY_BYTES_MIN: usize = 256;

/// What was verified.
#[derive(Debug)]
pub(super) struct Verified {
    /// Who signed.
    pub(super) signer: TrustedSender,
    /// The name of the algorithm.
    pub(super) algorithm: String,
    /// What they signed, to be read.
    pub(super) octets: Vec<u8>,
}

/// What came of it; the certificate that was trusted is told either way.
pub(super) struct Outcome {
    pub(super) trusted: Option<[u8; 32]>,
    pub(super) verdict: Result<Verified, Unverified>,
}

/// Verifies the one signature of a document that our reader has read from end to end, and that
/// came in so many pieces.
pub(super) fn verify(input: &Input, pieces: u64) -> Result<Outcome, Fault> {
    let mut trusted = None;
    let verdict = match text_of(input, pieces)? {
        Ok(text) => verified(&text, input, &mut trusted),
        Err(why) => Err(why),
    };
    Ok(Outcome { trusted, verdict })
}

fn text_of(input: &Input, pieces: u64) -> Result<Result<String, Unverified>, Fault> {
    let unreadable = |reason| faults::file_unreadable(&reason);
    let bytes = input.byte_count().map_err(unreadable)?;
    for (found, most, of) in [
        (bytes, BYTES_MAX, Counted::Bytes),
        (pieces, PIECES_MAX, Counted::Pieces),
    ] {
        if found > most {
            return Ok(Err(Unverified::TooLarge { found, most, of }));
        }
    }
    let mut text = Vec::new();
    let file = input.open().map_err(unreadable)?;
    file.take(BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    if declares_another_encoding(&text) {
        return Ok(Err(Unverified::Encoding));
    }
    let text = String::from_utf8(text).map_err(|_| Unverified::Encoding);
    Ok(text.map(|text| text.trim_start_matches('\u{FEFF}').to_owned()))
}

fn declares_another_encoding(text: &[u8]) -> bool {
    let declaration = text.split(|byte| *byte == b'>').next().unwrap_or_default();
    let declaration = String::from_utf8_lossy(declaration).to_ascii_lowercase();
    let declared = declaration.split_once("encoding").map(|(_, behind)| behind);
    declaration.contains("<?xml") && declared.is_some_and(|it| !it.contains("utf-8"))
}

fn verified(
    text: &str,
    input: &Input,
    trusted: &mut Option<[u8; 32]>,
) -> Result<Verified, Unverified> {
    let document = SignedDocument::parse(text)?;
    let signed_info = document.signed_info()?;
    let info = info_of(&signed_info)?;
    let certificates = document.certificates();
    let enclosed: Vec<_> = certificates.iter().filter_map(|it| enclosed(it)).collect();
    if enclosed.is_empty() {
        return Err(Unverified::NoCertificate);
    }
    let mut known = { enclosed.into_iter() }.filter(|(_, it)| input.trust().knows(&it.sha256));
    let (certificate, signer) = known.next().ok_or(Unverified::SignerUnknown)?;
    *trusted = Some(signer.sha256);
    if !signer.is_valid_at(input.trust().at) {
        return Err(Unverified::NotValidThen);
    }
    let key = &certificate.tbs_certificate.subject_public_key_info;
    let algorithm = check_signed(&info, &signed_info, &document.signature_value()?, key)?;
    let reference = Reference::of(&info)?;
    let octets = document.whole(&reference.uri, &reference.canonical)?;
    if digest::digest(reference.digest, &octets).as_ref() != reference.expected {
        return Err(Unverified::ContentChanged);
    }
    Ok(Verified {
        signer,
        algorithm,
        octets,
    })
}

/// SignedInfo, as our own reader reads what was signed.
fn info_of(octets: &[u8]) -> Result<Element, Unverified> {
    let mut xml = XmlReader::new(octets);
    match xml.next() {
        Ok(Step::Open(tag)) => Element::read(tag, &mut xml, &[]).map_err(|_| Unverified::Form),
        _ => Err(Unverified::Form),
    }
}

fn algorithm_of<'e>(parent: &'e Element, name: &str) -> Result<&'e str, Unverified> {
    let method = parent.child(name).ok_or(Unverified::Form)?;
    method.tag.attribute("Algorithm").ok_or(Unverified::Form)
}

/// Whether the key signed these octets, by which algorithm.
fn check_signed(
    info: &Element,
    octets: &[u8],
    signature: &[u8],
    key: &SubjectPublicKeyInfoOwned,
) -> Result<String, Unverified> {
    let uri = algorithm_of(info, "SignatureMethod")?;
    let name = uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#");
    let (algorithm, kind): (&dyn VerificationAlgorithm, _) = match name {
        Some("rsa-sha256") => (&RSA_PKCS1_2048_8192_SHA256, RSA),
        Some("rsa-sha384") => (&RSA_PKCS1_2048_8192_SHA384, RSA),
        Some("rsa-sha512") => (&RSA_PKCS1_2048_8192_SHA512, RSA),
        Some("ecdsa-sha256") => (&ECDSA_P256_SHA256_FIXED, ELLIPTIC),
        Some("ecdsa-sha384") => (&ECDSA_P384_SHA384_FIXED, ELLIPTIC),
        _ => return Err(Unverified::Algorithm(shown(uri))),
    };
    let bytes = key.subject_public_key.raw_bytes();
    let too_short = kind == RSA && bytes.len() < RSA_KEY_BYTES_MIN;
    if key.algorithm.oid != kind || too_short {
        return Err(Unverified::Key);
    }
    let key = UnparsedPublicKey::new(algorithm, bytes);
    let checked = key.verify(octets, signature);
    checked.map_err(|_| Unverified::SignatureWrong)?;
    Ok(name.unwrap_or_default().to_owned())
}

/// What the one reference asks for.
struct Reference {
    uri: String,
    canonical: Canonical,
    digest: &'static digest::Algorithm,
    expected: Vec<u8>,
}

impl Reference {
    fn of(info: &Element) -> Result<Self, Unverified> {
        let references: Vec<_> = info.all("Reference").collect();
        let [reference] = references.as_slice() else {
            return Err(Unverified::References(references.len()));
        };
        let uri = reference.tag.attribute("URI").ok_or(Unverified::NotWhole)?;
        let digest = match algorithm_of(reference, "DigestMethod")? {
            "http://www.w3.org/2001/04/xmlenc#sha256" => &SHA256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => &SHA384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => &SHA512,
            other => return Err(Unverified::Algorithm(shown(other))),
        };
        let expected = reference.at(&["DigestValue"]).and_then(decoded);
        Ok(Self {
            uri: uri.to_owned(),
            canonical: canonical_of(reference)?,
            digest,
            expected: expected.ok_or(Unverified::Form)?,
        })
    }
}

/// The enveloped signature is taken out, then the rest is made canonical; nothing else is done.
fn canonical_of(reference: &Element) -> Result<Canonical, Unverified> {
    let transforms = reference.child("Transforms");
    let mut transforms = transforms.into_iter().flat_map(|it| it.all("Transform"));
    let named = |it: &Element| it.tag.attribute("Algorithm").unwrap_or_default().to_owned();
    let first = transforms.next().ok_or(Unverified::NotWhole)?;
    if named(first) != ENVELOPED {
        return Err(Unverified::Transform(shown(&named(first))));
    }
    let Some(second) = transforms.next() else {
        return Ok(Canonical::usual());
    };
    let canonical = Canonical::said(second);
    let canonical = canonical.ok_or_else(|| Unverified::Transform(shown(&named(second))))?;
    match transforms.next() {
        None => Ok(canonical),
        Some(more) => Err(Unverified::Transform(shown(&named(more)))),
    }
}
