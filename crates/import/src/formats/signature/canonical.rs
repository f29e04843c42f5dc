//! The canonical octets of a signed document and of its SignedInfo.
//!
//! Nothing here is believed: octets count only where they are what a trusted key signed, and then
//! they, and not the file, are what is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::NodeSet;
use uppsala::{Document, NodeId, NodeKind};

use super::super::xml_tree::Element;
use super::unverified::Unverified;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// Which canonicalisation, and what exclusive ones treat inclusively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canonical {
    mode: C14nMode,
    prefixes: Vec<String>,
}

impl Canonical {
    /// Where nothing is said: Canonical XML 1.0.
    pub(super) const fn usual() -> Self {
        Self {
            mode: C14nMode::Inclusive,
            prefixes: Vec::new(),
        }
    }

    /// As an element of an algorithm says, if it is of canonicalisation.
    pub(super) fn said(element: &Element) -> Option<Self> {
        let inclusive = element.child("InclusiveNamespaces");
        let prefixes = inclusive.and_then(|it| it.tag.attribute("PrefixList"));
        Self::of(element.tag.attribute("Algorithm")?, prefixes)
    }

    fn of(uri: &str, prefixes: Option<&str>) -> Option<Self> {
        let prefixes = prefixes.unwrap_or_default().split_ascii_whitespace();
        Some(Self {
            mode: C14nMode::from_uri(uri)?,
            prefixes: prefixes.map(str::to_owned).collect(),
        })
    }
}

/// A document with one signature directly in its root.
pub(super) struct SignedDocument<'t> {
    document: Document<'t>,
    root: NodeId,
    signature: NodeId,
}

impl<'t> SignedDocument<'t> {
    /// Finds root and signature.
    pub(super) fn parse(text: &'t str) -> Result<Self, Unverified> {
        let document = uppsala::parse(text).map_err(|_| Unverified::Form)?;
        let root = document.document_element().ok_or(Unverified::Form)?;
        let signature = document.first_child_element_by_name_ns(root, DSIG, "Signature");
        Ok(Self {
            signature: signature.ok_or(Unverified::NotInRoot)?,
            document,
            root,
        })
    }

    /// SignedInfo, canonicalised as it says itself.
    pub(super) fn signed_info(&self) -> Result<Vec<u8>, Unverified> {
        let document = &self.document;
        let info = self.part(self.signature, "SignedInfo")?;
        let method = self.part(info, "CanonicalizationMethod")?;
        let uri = document.get_attribute(method, "Algorithm");
        let uri = uri.ok_or(Unverified::Form)?;
        let prefixes =
            document.first_child_element_by_name_ns(method, EXCLUSIVE, "InclusiveNamespaces");
        let prefixes = prefixes.and_then(|it| document.get_attribute(it, "PrefixList"));
        let method = Canonical::of(uri, prefixes);
        let method = method.ok_or_else(|| Unverified::Algorithm(super::shown(uri)))?;
        let part = NodeSet::tree_with_comments(info, document);
        let octets = canonicalize_doc(document, method.mode, Some(&part), &method.prefixes);
        octets.map_err(|_| Unverified::Form)
    }

    /// SignatureValue.
    pub(super) fn signature_value(&self) -> Result<Vec<u8>, Unverified> {
        let value = self.part(self.signature, "SignatureValue")?;
        decoded(&self.document.text_content_deep(value)).ok_or(Unverified::Form)
    }

    /// The certificates that are enclosed.
    pub(super) fn certificates(&self) -> Vec<Vec<u8>> {
        let document = &self.document;
        let of = |parent: NodeId, name| document.child_elements_by_name_ns(parent, DSIG, name);
        let info = of(self.signature, "KeyInfo").into_iter();
        let data = info.flat_map(|it| of(it, "X509Data"));
        data.flat_map(|it| of(it, "X509Certificate"))
            .filter_map(|it| decoded(&document.text_content_deep(it)))
            .collect()
    }

    /// What of the document a reference to the whole covers: without the signature, and without
    /// comments, for neither an empty reference nor a bare name has any.
    pub(super) fn whole(mut self, uri: &str, method: &Canonical) -> Result<Vec<u8>, Unverified> {
        self.document.detach(self.signature);
        let document = &self.document;
        let part = match uri.strip_prefix('#') {
            None if uri.is_empty() => NodeSet::all_without_comments(document),
            Some(id) if self.identifies(self.root, id) => {
                NodeSet::tree_without_comments(self.root, document)
            }
            _ => return Err(Unverified::NotWhole),
        };
        if let Some(id) = uri.strip_prefix('#') {
            let all = document.descendants(self.root);
            let twice = |it: &NodeId| *it != self.root && self.identifies(*it, id);
            if all.iter().any(twice) {
                return Err(Unverified::IdTwice);
            }
        }
        let octets = canonicalize_doc(document, method.mode, Some(&part), &method.prefixes);
        octets.map_err(|_| Unverified::Form)
    }

    fn identifies(&self, element: NodeId, id: &str) -> bool {
        let Some(NodeKind::Element(element)) = self.document.node_kind(element) else {
            return false;
        };
        let names = ["Id", "ID", "id"];
        let named = |name: &&str| element.get_attribute(name) == Some(id);
        !id.is_empty() && names.iter().any(named)
    }

    fn part(&self, parent: NodeId, name: &str) -> Result<NodeId, Unverified> {
        let all = self.document.child_elements_by_name_ns(parent, DSIG, name);
        match all.as_slice() {
            [only] => Ok(*only),
            _ => Err(Unverified::Form),
        }
    }
}

/// Base64 with whatever blanks.
pub(super) fn decoded(base64: &str) -> Option<Vec<u8>> {
    let packed: String = base64.split_whitespace().collect();
    STANDARD.decode(packed).ok().filter(|it| !it.is_empty())
}
