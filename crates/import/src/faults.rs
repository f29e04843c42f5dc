//! Every refusal of this crate: its code and its words in both languages.
//!
//! No refusal carries what stands in a cell of a person; headings and places are enough to find it.

mod of_formats;

use creditbank_domain::fault::Fault;

pub(crate) use of_formats::*;

use crate::limits::{COLUMNS_MAX, FILE_BYTES_MAX, RECORD_BYTES_MAX, RECORD_LINES_MAX};

/// The file or its place on disk cannot be read.
pub(crate) fn file_unreadable(reason: &std::io::Error) -> Fault {
    Fault::new(
        "FILE_UNREADABLE",
        format!("文件无法读取({})", reason.kind()),
        format!("the file cannot be read ({})", reason.kind()),
    )
}

/// Not one byte, or nothing but a byte order mark.
pub(crate) fn file_empty() -> Fault {
    Fault::new("FILE_EMPTY", "文件是空的", "the file is empty")
}

/// Longer than somebody waits, whatever the file is made of.
pub(crate) fn reading_too_long(most: std::time::Duration) -> Fault {
    let seconds = most.as_secs();
    Fault::new(
        "READING_TOO_LONG",
        format!("读取文件已超过 {seconds} 秒,已停止;请拆分文件,或另存为 CSV UTF-8 后再导入"),
        format!(
            "reading the file has taken more than {seconds} seconds and was stopped; split it, or \
             save it as CSV UTF-8"
        ),
    )
}

/// Beyond [`FILE_BYTES_MAX`].
pub(crate) fn file_too_large(byte_count: u64) -> Fault {
    Fault::new(
        "FILE_TOO_LARGE",
        format!("文件有 {byte_count} 字节,上限为 {FILE_BYTES_MAX} 字节,请拆分后再导入"),
        format!("the file has {byte_count} bytes, at most {FILE_BYTES_MAX} are taken; split it"),
    )
}

/// Neither text nor a workbook that can be read.
pub(crate) fn file_kind(zh: &str, en: &str) -> Fault {
    Fault::new(
        "FILE_KIND",
        format!("不支持的文件类型:{zh};请另存为 .xlsx 或 CSV UTF-8 后再导入"),
        format!("this kind of file is not taken: {en}; save it as .xlsx or as CSV UTF-8"),
    )
}

/// Some byte has no meaning in any encoding that is tried.
pub(crate) fn file_encoding(offset: u64) -> Fault {
    Fault::new(
        "FILE_ENCODING",
        format!("第 {offset} 字节处既不是 UTF-8 也不是 GB 18030;请另存为 CSV UTF-8 后再导入"),
        format!("the byte at {offset} is neither UTF-8 nor GB 18030; save the file as CSV UTF-8"),
    )
}

/// UTF-16 without a mark, or no text at all.
pub(crate) fn file_encoding_without_mark(offset: u64) -> Fault {
    Fault::new(
        "FILE_ENCODING",
        format!("第 {offset} 字节为 NUL:文件像是没有 BOM 的 UTF-16;请另存为 CSV UTF-8 后再导入"),
        format!(
            "the byte at {offset} is NUL: this looks like UTF-16 without a byte order mark; \
             save the file as CSV UTF-8"
        ),
    )
}

/// A workbook that breaks off or is broken inside.
pub(crate) fn file_damaged(place: &str) -> Fault {
    Fault::new(
        "FILE_DAMAGED",
        format!("文件已损坏或不完整({place}),请重新导出"),
        format!("the file is damaged or incomplete ({place}); export it again"),
    )
}

/// A part of an archive whose name leads out of it, or stands in it twice.
pub(crate) fn archive_path(index: usize) -> Fault {
    let part = index + 1;
    Fault::new(
        "ARCHIVE_PATH",
        format!("压缩包中第 {part} 个文件的路径不合规(绝对路径、.. 或重名),已拒绝"),
        format!("the name of part {part} leads out of the archive or is there twice"),
    )
}

/// A file that would fill the memory when it is unpacked.
pub(crate) fn unpacked_too_large(zh: &str, en: &str) -> Fault {
    Fault::new(
        "FILE_TOO_LARGE_UNPACKED",
        format!("文件解压后过大:{zh}"),
        format!("the file is too large when unpacked: {en}"),
    )
}

/// One line that cannot be read in the encoding of the file.
pub(crate) fn line_encoding(encoding: &str) -> Fault {
    Fault::new(
        "CELL_ENCODING",
        format!("本行含有不属于 {encoding} 的字节,请更正后重报"),
        format!("this line holds bytes that are not {encoding}; correct it and send it again"),
    )
}

/// One line that was written in UTF-8 into a file of another encoding.
pub(crate) fn line_in_utf8(encoding: &str) -> Fault {
    Fault::new(
        "CELL_ENCODING",
        format!("本行是 UTF-8 编码,而文件是 {encoding};请统一编码后重报"),
        format!(
            "this line is UTF-8 in a file of {encoding}; write it like the others and send it again"
        ),
    )
}

/// One line with a NUL character, which no register can store.
pub(crate) fn line_nul() -> Fault {
    Fault::new(
        "CELL_NUL",
        "本行含有 NUL 字符,请删除后重报",
        "this line holds a NUL character; remove it and send the line again",
    )
}

/// One line beyond [`RECORD_BYTES_MAX`].
pub(crate) fn line_too_long() -> Fault {
    Fault::new(
        "LINE_TOO_LONG",
        format!("本行超过 {RECORD_BYTES_MAX} 字节"),
        format!("this line is longer than {RECORD_BYTES_MAX} bytes"),
    )
}

/// A quote that is opened on this line and closed nowhere near.
pub(crate) fn quote_unclosed() -> Fault {
    Fault::new(
        "QUOTE_UNCLOSED",
        format!("本行有未闭合的引号(最多可跨 {RECORD_LINES_MAX} 行)"),
        format!("a quote on this line is not closed within {RECORD_LINES_MAX} lines"),
    )
}

/// More than [`COLUMNS_MAX`] cells.
pub(crate) fn too_many_columns() -> Fault {
    Fault::new(
        "TOO_MANY_COLUMNS",
        format!("本行超过 {COLUMNS_MAX} 列"),
        format!("this line has more than {COLUMNS_MAX} columns"),
    )
}

/// Cells behind the last heading: a delimiter inside a text has pushed the others aside.
pub(crate) fn more_cells_than_headings(cells: usize, headings: usize) -> Fault {
    Fault::new(
        "MORE_CELLS_THAN_HEADINGS",
        format!("本行有 {cells} 格,表头只有 {headings} 列;文字中的分隔符请加引号"),
        format!(
            "this line has {cells} cells under {headings} headings; \
             put a text that holds the delimiter in quotes"
        ),
    )
}

/// No row among the first ones is a header.
pub(crate) fn header_not_found(rows: usize, seen: &[String], expected: &str) -> Fault {
    let (zh, en) = if seen.is_empty() {
        (
            "没有认出任何列名".to_owned(),
            "no heading was recognised".to_owned(),
        )
    } else {
        let seen = seen.join(", ");
        (format!("只认出:{seen}"), format!("recognised only: {seen}"))
    };
    Fault::new(
        "HEADER_NOT_FOUND",
        format!("前 {rows} 行中没有找到表头;{zh};需要:{expected}"),
        format!("no header among the first {rows} rows; {en}; expected: {expected}"),
    )
}

/// Two columns claim the same meaning.
pub(crate) fn header_ambiguous(field: &str, first: &str, second: &str) -> Fault {
    Fault::new(
        "HEADER_AMBIGUOUS",
        format!("{first}与{second}都可作为「{field}」,请用列映射指定其一"),
        format!("{first} and {second} both mean {field}; name one of them in a column mapping"),
    )
}

/// Blocks of columns beside each other that are not of one shape.
pub(crate) fn side_by_side() -> Fault {
    Fault::new(
        "LAYOUT_SIDE_BY_SIDE",
        "并排的几组列不一致,无法确定每组各有哪些列;请改为上下排列的一张表",
        "the blocks of columns side by side are not of one shape; \
         put the second block below the first",
    )
}

/// More than one sheet has a header.
pub(crate) fn sheets_ambiguous(sheets: &[String]) -> Fault {
    let sheets = sheets.join(", ");
    Fault::new(
        "SHEETS_AMBIGUOUS",
        format!("多个工作表都有表头:{sheets};请用列映射的 sheet 指定其一,或用 * 表示全部"),
        format!(
            "several sheets have a header: {sheets}; \
             name one as sheet in a column mapping, or * for all of them"
        ),
    )
}

/// A mapping names a sheet that is not there.
pub(crate) fn sheet_not_found(sheet: &str) -> Fault {
    Fault::new(
        "SHEET_NOT_FOUND",
        format!("没有名为「{sheet}」的工作表"),
        format!("there is no sheet named {sheet}"),
    )
}

/// More rows of joining and leaving than are kept in memory.
pub(crate) fn attendance_too_long(rows_max: usize) -> Fault {
    Fault::new(
        "ATTENDANCE_TOO_LONG",
        format!("签到名单超过 {rows_max} 行,请按会议拆分"),
        format!("the attendance list has more than {rows_max} rows; split it by meeting"),
    )
}

/// Nothing says how long the meeting was.
pub(crate) fn held_minutes_missing() -> Fault {
    Fault::new(
        "HELD_MINUTES_MISSING",
        "没有会议时长:请在名单前写明会议开始时间和结束时间,或有「应到分钟」列,\
         或在列映射的 attendance.held_minutes 中给出",
        "nothing says how long the meeting was: give its start and end above the list, a column \
         of the minutes held, or attendance.held_minutes in a column mapping",
    )
}

/// A mapping that contradicts itself.
pub(crate) fn mapping_invalid(zh: &str, en: &str) -> Fault {
    Fault::new(
        "MAPPING_INVALID",
        format!("列映射有误:{zh}"),
        format!("column mapping: {en}"),
    )
}

/// No column for something that every line needs.
pub(crate) fn column_missing(zh: &str, headings: &str) -> Fault {
    Fault::new(
        "COLUMN_MISSING",
        format!("缺少「{zh}」列;可用的列名:{headings};也可用列映射指定"),
        format!("there is no column for {zh}; known headings: {headings}; or use a column mapping"),
    )
}

/// Neither a column nor an option says whose outcomes these are.
pub(crate) fn learner_column_missing(headings: &str) -> Fault {
    Fault::new(
        "LEARNER_COLUMN_MISSING",
        format!("文件没有学习者列({headings});单个学生的成绩单请在导入时另行指定学习者"),
        format!(
            "no column names the learner ({headings}); \
             for the transcript of one person name the learner beside the file"
        ),
    )
}

/// Both a column and an option say whose outcomes these are.
pub(crate) fn learner_named_twice(column: &str) -> Fault {
    Fault::new(
        "LEARNER_NAMED_TWICE",
        format!("{column}已指明学习者,导入时又另行指定了学习者;请只用一种"),
        format!("{column} names the learners and so does the option beside the file; use one"),
    )
}

/// Nothing says when the outcomes were achieved.
pub(crate) fn date_nowhere(headings: &str) -> Fault {
    Fault::new(
        "DATE_MISSING",
        format!("文件没有日期或学期列({headings}),列映射也没有给出日期"),
        format!("no column gives a date or term ({headings}), nor does a column mapping"),
    )
}

/// The same fault with the place in the file, where the line's number does not say it.
pub(crate) fn at(fault: Fault, place: &str) -> Fault {
    Fault {
        zh: format!("{}({place})", fault.zh),
        en: format!("{} ({place})", fault.en),
        ..fault
    }
}

/// A fault of one cell, named by its heading.
pub(crate) fn in_column(code: &'static str, column: &str, zh: &str, en: &str) -> Fault {
    Fault::new(code, format!("{column}:{zh}"), format!("{column}: {en}"))
}

/// 缓考: there will be an outcome later.
pub(crate) fn result_not_yet() -> Fault {
    Fault::new(
        "RESULT_NOT_YET",
        "缓考,尚无成绩;有成绩后再报即可",
        "there is no result yet; send the line when the result is there",
    )
}

/// More lines than stand or fall together.
pub(crate) fn too_many_together(lines_max: usize) -> Fault {
    let lines_max = lines_max.saturating_sub(1);
    Fault::new(
        "TOO_MANY_TOGETHER",
        format!("全部或全不方式最多 {lines_max} 行,请拆分文件或改为逐行入账;未入账任何一行"),
        format!(
            "at most {lines_max} lines post all or nothing; split the file or let each line stand \
             for itself; nothing was posted"
        ),
    )
}
