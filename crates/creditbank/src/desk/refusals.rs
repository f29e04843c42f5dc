//! Why a job as a whole comes to nothing.

use creditbank_domain::fault::Fault;

/// How often in a row a job is tried that cannot be worked at.
pub(super) const TRIES_MAX: u16 = 20;

pub(super) fn other_digest() -> Fault {
    Fault::new(
        "UPLOAD_DIGEST",
        "收到的文件与登记的 SHA-256 不符,请重新上传",
        "what arrived has another SHA-256 than was announced; send the file again",
    )
}

pub(super) fn damaged() -> Fault {
    Fault::new(
        "FILE_STORED_DAMAGED",
        "存储的文件已损坏或缺失,请重新上传;已入账的行不受影响",
        "the stored file is damaged or missing; send it again; lines posted before stay posted",
    )
}

pub(super) fn unforeseen() -> Fault {
    Fault::new(
        "FILE_DAMAGED",
        "文件损坏,读取中断;已入账的行不受影响,请重新导出后再提交",
        "the file is damaged and could not be read on; lines posted before stay posted; export it \
         again",
    )
}

pub(super) fn given_up() -> Fault {
    Fault::new(
        "IMPORT_GIVEN_UP",
        format!("连续 {TRIES_MAX} 次未能处理该文件,请联系管理员后重新提交"),
        format!(
            "the file could not be worked at {TRIES_MAX} times in a row; ask the bank's keeper"
        ),
    )
}

pub(super) fn too_long() -> Fault {
    Fault::new(
        "IMPORT_TOO_LONG",
        "处理时间超过上限;已入账的行保持不变,请拆分文件后重新提交其余部分",
        "it took longer than a job may; lines posted before stay posted; split the file and hand \
         the rest in again",
    )
}
