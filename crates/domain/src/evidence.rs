//! Evidence that is attached to conversion requests: what may be handed in.

use crate::fault::Fault;
use crate::words::words;

/// Largest file, in bytes.
pub const BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Most files of one request that stand.
pub const FILES_MAX: usize = 20;

words!(
    /// What a piece of evidence is to show.
    EvidenceKind, "a kind of evidence", {
        /// A certificate, diploma or licence.
        Certificate => "certificate",
        /// Grades or results as their issuer printed them.
        Transcript => "transcript",
        /// What a course teaches.
        Syllabus => "syllabus",
        /// Hours, practice or attendance.
        Attendance => "attendance",
        /// Anything else that was asked for.
        Other => "other",
    }
);

words!(
    /// How a file is written, as its bytes say.
    MediaType, "a media type", {
        /// PDF.
        Pdf => "application/pdf",
        /// A photograph.
        Jpeg => "image/jpeg",
        /// A picture of a screen.
        Png => "image/png",
        /// OFD, the national format of documents (GB/T 33190).
        Ofd => "application/ofd",
    }
);

impl MediaType {
    /// What a file of the kind is called at the end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Ofd => "ofd",
        }
    }
}

/// The refusal of a file that is something else, named as far as it is known.
#[must_use]
pub fn other_kind(known: Option<&str>) -> Fault {
    let found_zh = known.map_or("无法识别".to_owned(), |known| format!("实为 {known}"));
    let found_en = known.map_or("of no known kind".to_owned(), str::to_owned);
    Fault::new(
        "EVIDENCE_TYPE",
        format!("佐证材料须为 PDF、JPEG、PNG 或 OFD,按文件内容判断;该文件{found_zh}"),
        format!("evidence is PDF, JPEG, PNG or OFD, by its bytes; this file is {found_en}"),
    )
}

/// The refusal of one file more.
#[must_use]
pub fn too_many() -> Fault {
    Fault::new(
        "EVIDENCE_TOO_MANY",
        format!("每份申请最多 {FILES_MAX} 份佐证材料;请先撤回不需要的"),
        format!(
            "a request has at most {FILES_MAX} pieces of evidence; withdraw one that is not needed"
        ),
    )
}

/// The refusal of an answer that names what does not stand at its request.
#[must_use]
pub fn unknown_here() -> Fault {
    Fault::new(
        "EVIDENCE_UNKNOWN",
        "所列佐证材料不属于该申请、已撤回或重复;请先上传,再按返回的编号列出",
        "a piece that is named is not this request's, was taken back or is named twice; \
         attach it first and name it by the id of the answer",
    )
}
