//! Why a signature was not verified.

/// Each has a code, which is noted of the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unverified {
    /// More than one.
    SeveralSignatures(usize),
    /// It stands elsewhere than directly in the root element.
    NotInRoot,
    /// Too many bytes or pieces of markup, and how many may be.
    TooLarge { found: u64, most: u64, of: Counted },
    /// Another encoding than UTF-8.
    Encoding,
    /// No form that can be canonicalised, or no SignedInfo, or a part of it is missing.
    Form,
    /// An algorithm that is none, too weak or not known.
    Algorithm(String),
    /// A transform beside that of enveloped signatures and canonicalisation.
    Transform(String),
    /// No reference or several.
    References(usize),
    /// A reference to a part, or to something outside.
    NotWhole,
    /// The identifier of the reference stands in several places.
    IdTwice,
    /// No certificate that can be read is enclosed.
    NoCertificate,
    /// None of those that are is trusted.
    SignerUnknown,
    /// The trusted certificate was not valid then.
    NotValidThen,
    /// Its key is too short, or of another kind than the algorithm.
    Key,
    /// The key did not sign this.
    SignatureWrong,
    /// What was signed is not what is there.
    ContentChanged,
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Bytes,
    Pieces,
}

impl Unverified {
    /// As it is noted.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::SeveralSignatures(_) => "SEVERAL_SIGNATURES",
            Self::NotInRoot => "SIGNATURE_NOT_IN_ROOT",
            Self::TooLarge { .. } => "SIGNED_DOCUMENT_TOO_LARGE",
            Self::Encoding => "SIGNED_DOCUMENT_ENCODING",
            Self::Form => "SIGNATURE_FORM",
            Self::Algorithm(_) => "SIGNATURE_ALGORITHM",
            Self::Transform(_) => "SIGNATURE_TRANSFORM",
            Self::References(_) => "SIGNATURE_REFERENCES",
            Self::NotWhole => "SIGNATURE_OF_A_PART",
            Self::IdTwice => "SIGNATURE_ID_TWICE",
            Self::NoCertificate => "CERTIFICATE_NOT_ENCLOSED",
            Self::SignerUnknown => "SIGNER_UNKNOWN",
            Self::NotValidThen => "CERTIFICATE_NOT_VALID_THEN",
            Self::Key => "SIGNATURE_KEY",
            Self::SignatureWrong => "SIGNATURE_WRONG",
            Self::ContentChanged => "SIGNED_CONTENT_CHANGED",
        }
    }

    /// For people.
    pub(super) fn told(&self) -> String {
        match self {
            Self::SeveralSignatures(count) => {
                format!("有 {count} 个签名 there are {count} signatures")
            }
            Self::NotInRoot => {
                "签名不直接位于根元素内 it stands not directly in the root".to_owned()
            }
            Self::TooLarge { found, most, of } => {
                let (zh, en) = match of {
                    Counted::Bytes => ("字节", "bytes"),
                    Counted::Pieces => ("个标记", "pieces of markup"),
                };
                format!(
                    "文件有 {found} {zh},超过 {most} of {found} {en}, at most {most} are verified"
                )
            }
            Self::Encoding => "文件不是 UTF-8 the document is not UTF-8".to_owned(),
            Self::Form => "签名或文件的形式无法处理 its form cannot be worked with".to_owned(),
            Self::Algorithm(name) => {
                format!("算法 {name} 不予采信 the algorithm {name} is not relied upon")
            }
            Self::Transform(name) => {
                format!("变换 {name} 不予采信 the transform {name} is not relied upon")
            }
            Self::References(count) => {
                format!("应恰有一个引用,实有 {count} 个 it has {count} references, not one")
            }
            Self::NotWhole => "签名不覆盖全文 it is not of the whole document".to_owned(),
            Self::IdTwice => "所引用的 ID 不唯一 its ID stands in several places".to_owned(),
            Self::NoCertificate => {
                "没有可读的所附证书 no readable certificate is enclosed".to_owned()
            }
            Self::SignerUnknown => {
                "签名证书不在运营方信任之列 signer not among those the operator trusts".to_owned()
            }
            Self::NotValidThen => {
                "可信证书当时不在有效期内 the trusted certificate was not valid then".to_owned()
            }
            Self::Key => {
                "证书密钥过短或与算法不符 its key is too short or not of the algorithm".to_owned()
            }
            Self::SignatureWrong => {
                "签名与可信证书的密钥不符 the trusted certificate's key did not sign this"
                    .to_owned()
            }
            Self::ContentChanged => {
                "内容与所签不一致 the content is not what was signed".to_owned()
            }
        }
    }
}
