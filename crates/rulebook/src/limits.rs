//! What a document may be at most. All of it is checked before anything is built of it.

/// Bytes of a document.
pub const BYTES_MAX: usize = 1 << 20;
/// How deep lists and objects may stand in each other.
pub const DEPTH_MAX: usize = 24;
/// Values of any kind, names of fields included.
pub const NODES_MAX: usize = 100_000;
/// Faults that are told; more than this many are not all read by anybody.
pub const FAULTS_MAX: usize = 200;
/// Characters of a code.
pub(crate) const CODE_MAX: usize = 80;
/// Characters of a title.
pub(crate) const TITLE_MAX: usize = 200;
/// Characters of a note.
pub(crate) const NOTE_MAX: usize = 4_000;
/// How far back an outcome may lie: a hundred years.
pub(crate) const MONTHS_MAX: u32 = 1_200;
/// Rules of a document.
pub(crate) const RULES_MAX: usize = 5_000;
/// Caps of a document.
pub(crate) const CAPS_MAX: usize = 100;
/// Parts of a document.
pub(crate) const PARTS_MAX: usize = 200;
/// Tests of a document; each may keep the planner busy for a while.
pub(crate) const TESTS_MAX: usize = 200;
/// Outcomes of a test.
pub(crate) const OUTCOMES_MAX: usize = 60;
/// Catalogue entries that one source names.
pub(crate) const ENTRIES_MAX: usize = 500;
/// Courses that one rule gives.
pub(crate) const GIVES_MAX: usize = 50;
/// Programmes that a document is for.
pub(crate) const PROGRAMMES_MAX: usize = 200;
/// Grading schemes of a document.
pub(crate) const SCHEMES_MAX: usize = 50;
/// Grades of a scheme.
pub(crate) const STEPS_MAX: usize = 100;
