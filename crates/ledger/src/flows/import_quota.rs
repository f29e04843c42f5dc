//! How much of its files an institution may have here at once.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, ReadImport};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::{ImportFileId, ImportId, InstitutionId};

use crate::error::LedgerError;
use crate::flows::import_jobs::signed;
use crate::store::{Ledger, Tx};
use crate::tables::{count, import_files, import_results, imports};

/// What is kept of one institution's files where nothing else is set: ten of the largest.
pub const IMPORT_BYTES_KEPT_MAX: u64 = 20 << 30;

/// Lets a file in, announced or here, where it fits beside those that are kept, their results, and
/// those that were announced. Whoever comes at the same moment waits until this transaction ends.
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

/// Counts the result file of an import before it is kept, once. False where there is no room for it:
/// whoever asks for it is given it all the same, and it is made again the next time.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such import.
pub fn make_room_for_result(
    ledger: &Ledger,
    grant: &Grant<ReadImport>,
    (import, file): (ImportId, ImportFileId),
    byte_count: u64,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let institution = grant.institution()?;
    let most = ledger.import_bytes_kept_max();
    ledger.write(grant, |tx| {
        imports::find(tx.conn(), institution, import)?;
        import_files::count_alone(tx, institution)?;
        if import_results::is_counted(tx.conn(), import)? {
            return Ok(true);
        }
        let kept = import_files::bytes_kept(tx.conn(), institution)?;
        let kept = count(kept, "import_files.byte_count")?;
        if kept.saturating_add(byte_count) > most {
            return Ok(false);
        }
        import_results::insert(tx, (import, file), signed(byte_count)?, now)?;
        Ok(true)
    })
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
