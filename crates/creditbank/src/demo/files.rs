//! The demo's files, carried inside the binary. `examples/demo_files` makes them.

/// The 59 colleges, in GBK.
pub(crate) const INSTITUTIONS: &[u8] = include_bytes!("../../demo/institutions.csv");
/// Four technical schools.
pub(crate) const TECHNICAL_SCHOOLS: &[u8] = include_bytes!("../../demo/technical_schools.csv");
/// Who runs the bank.
pub(crate) const SECRETARIAT: &[u8] = include_bytes!("../../demo/secretariat.csv");
/// Frameworks of levels, as they ship.
pub(crate) const FRAMEWORKS: [&[u8]; 5] = [
    include_bytes!("../../../../packs/frameworks/cn10.json"),
    include_bytes!("../../../../packs/frameworks/gd7.json"),
    include_bytes!("../../../../packs/frameworks/hk7.json"),
    include_bytes!("../../../../packs/frameworks/eqf8.json"),
    include_bytes!("../../../../packs/frameworks/scqf12.json"),
];
/// Courses and certificates.
pub(crate) const CATALOGUE: &[u8] = include_bytes!("../../demo/catalogue.csv");
/// The programme into which the cohort's outcomes are converted.
pub(crate) const PROGRAMMES: &[u8] = include_bytes!("../../demo/programmes.csv");
/// The receiving university's rules.
pub(crate) const RULES: &[u8] = include_bytes!("../../../../packs/rules/technical-school.yaml");
/// The 40 learners for whom the school asks.
pub(crate) const COHORT: &[u8] = include_bytes!("../../demo/cohort_95001.csv");

/// Who asks.
pub(crate) const SCHOOL: &str = "95001";
/// Who decides.
pub(crate) const UNIVERSITY: &str = "90002";
/// Into what.
pub(crate) const PROGRAMME: &str = "ZSB-JX-2024";

/// One transcript file and who sends it.
pub(crate) struct TranscriptFile {
    /// As the institution calls it.
    pub(crate) name: &'static str,
    /// The code of the institution.
    pub(crate) institution: &'static str,
    /// What people should know of it.
    pub(crate) about: &'static str,
    /// Its bytes.
    pub(crate) bytes: &'static [u8],
}

/// The three files, in the order in which they are imported.
pub(crate) const TRANSCRIPTS: [TranscriptFile; 3] = [
    TranscriptFile {
        name: "transcript_90002.csv",
        institution: "90002",
        about: "强智导出,GBK / a 强智 export in GBK",
        bytes: include_bytes!("../../demo/transcript_90002.csv"),
    },
    TranscriptFile {
        name: "class_sheet_90001.xlsx",
        institution: "90001",
        about: "班级成绩表,XLSX / a class sheet",
        bytes: include_bytes!("../../demo/class_sheet_90001.xlsx"),
    },
    TranscriptFile {
        name: "school_95001.csv",
        institution: "95001",
        about: "技工院校,UTF-8 BOM / a technical school",
        bytes: include_bytes!("../../demo/school_95001.csv"),
    },
];
