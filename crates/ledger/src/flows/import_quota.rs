//! How much of its files an institution may have here at once.

use creditbank_domain::fault::Fault;
use creditbank_domain::ids::InstitutionId;

use crate::error::LedgerError;
use crate::flows::import_jobs::signed;
use crate::store::Tx;
use crate::tables::{count, import_files};

/// What is kept of one institution's files where nothing else is set: ten of the largest.
pub const IMPORT_BYTES_KEPT_MAX: u64 = 20 << 30;

/// Lets a file in, announced or here, where it fits beside those that are kept and those that were
/// announced. Whoever comes at the same moment waits until this transaction ends.
pub(super) fn make_room(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    (byte_count, most): (u64, u64),
) -> Result<(), LedgerError> {
    import_files::count_alone(tx, institution)?;
    let kept = import_files::bytes_kept(tx.conn(), institution)?;
    let kept = count(kept, "import_files.byte_count")?;
    if signed(kept.saturating_add(byte_count))? <= signed(most)? {
        return Ok(());
    }
    Err(LedgerError::NoRoom(no_room(byte_count, kept, most)))
}

fn no_room(byte_count: u64, kept: u64, most: u64) -> Fault {
    let left = most.saturating_sub(kept);
    Fault::new(
        "IMPORT_BYTES_TOO_MANY",
        format!(
            "本机构的导入文件已占 {kept} 字节,上限 {most} 字节,剩余 {left} 字节,放不下这个 {byte_count} 字节的文件;\
             请取消尚未传完的任务,或等待到期文件被清除,或请运行方提高上限"
        ),
        format!(
            "files of this institution take {kept} of {most} bytes, which leaves {left}: too few for \
             this file of {byte_count}; cancel jobs whose files have not arrived, wait until files \
             are removed after their time, or ask who runs the bank for more"
        ),
    )
}
