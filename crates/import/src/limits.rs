//! Limits that keep memory flat, whatever is handed in.

use std::time::Duration;

/// The longest time that one file is read, posting its lines not counted, where nobody says
/// otherwise: thirty minutes.
pub(crate) const READING_MAX: Duration = Duration::from_secs(30 * 60);
/// The largest file: 2 GiB.
pub(crate) const FILE_BYTES_MAX: u64 = 2 << 30;
/// The longest line and the longest record of a text file: 1 MiB.
pub(crate) const RECORD_BYTES_MAX: usize = 1 << 20;
/// The most lines over which one quoted cell may run.
pub(crate) const RECORD_LINES_MAX: usize = 32;
/// The most columns: a NAD upload of fifty subjects has 1,280.
pub(crate) const COLUMNS_MAX: usize = 2_048;
/// The most records that one row may hold beside each other.
pub(crate) const BLOCKS_MAX: usize = 500;
/// The most sheets of a workbook: each is looked into for a header.
pub(crate) const SHEETS_MAX: usize = 256;
/// The most rows among which the header is looked for.
pub(crate) const HEADER_ROWS_MAX: usize = 30;
/// The most that a workbook may hold unpacked: 512 MiB.
pub(crate) const UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// The most that a transcript may hold that came in gzip or Base64, for it is read from memory: 32 MiB.
pub(crate) const PACKED_BYTES_MAX: u64 = 32 << 20;
/// From which unpacked size on the ratio of a part counts: 10 MiB.
pub(crate) const RATIO_COUNTS_FROM_BYTES: u64 = 10 << 20;
/// The most bytes that one packed byte may become.
pub(crate) const RATIO_MAX: u64 = 200;
/// The most parts in a workbook.
pub(crate) const PARTS_MAX: usize = 10_000;
