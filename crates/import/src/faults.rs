//! Every refusal of this crate: its code and its words in both languages.
//!
//! No refusal carries what stands in a cell of a person; headings and places are enough to find it.

use creditbank_domain::fault::Fault;

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

/// A document type, by which entities and files from elsewhere could come in.
pub(crate) fn xml_doctype(at: u64) -> Fault {
    Fault::new(
        "XML_DOCTYPE",
        format!("XML 含有 DOCTYPE(第 {at} 字节),出于安全不予读取;请删除后重新导出"),
        format!("the XML has a DOCTYPE (byte {at}), which is never read; export it without"),
    )
}

/// A reference to an entity that is not one of the five of XML itself.
pub(crate) fn xml_entity(at: u64) -> Fault {
    Fault::new(
        "XML_ENTITY",
        format!("XML 含有自定义实体或无效的字符引用(第 {at} 字节),不予读取"),
        format!("the XML refers to an entity of its own, or to no character, at byte {at}"),
    )
}

/// Elements within elements beyond any transcript.
pub(crate) fn xml_too_deep(depth_max: usize, at: u64) -> Fault {
    Fault::new(
        "NESTED_TOO_DEEP",
        format!("嵌套超过 {depth_max} 层(第 {at} 字节)"),
        format!("more than {depth_max} levels are nested at byte {at}"),
    )
}

/// One element or object that would fill the memory.
pub(crate) fn xml_too_large(at: u64) -> Fault {
    Fault::new(
        "ELEMENT_TOO_LARGE",
        format!("第 {at} 字节附近的单个元素过大,请拆分或去掉附件后再导入"),
        format!("one element near byte {at} is too large; split it, or leave attachments out"),
    )
}

/// A document of no known format.
pub(crate) fn xml_unknown() -> Fault {
    file_kind(
        "XML,但不是 ELMO、EWP 或 PESC 成绩单(有些系统导出的“.xls”其实是网页)",
        "XML, but no ELMO, EWP or PESC transcript (some systems export a page and call it .xls)",
    )
}

/// A known root in a namespace that is not its own.
pub(crate) fn xml_namespace(format: &str) -> Fault {
    Fault::new(
        "XML_NAMESPACE",
        format!("根元素像是 {format},但命名空间不是 {format} 的"),
        format!("the root looks like {format}, but its namespace is not that of {format}"),
    )
}

/// JSON that breaks off or is none.
pub(crate) fn json_damaged(line: usize, column: usize) -> Fault {
    Fault::new(
        "FILE_DAMAGED",
        format!("JSON 有误或不完整(第 {line} 行第 {column} 字符)"),
        format!("this is no whole JSON (line {line}, character {column})"),
    )
}

/// One line that is no JSON object.
pub(crate) fn json_line(column: usize) -> Fault {
    Fault::new(
        "JSON_INVALID",
        format!("本行不是有效的 JSON 对象(第 {column} 字符)"),
        format!("this line is no JSON object (character {column})"),
    )
}

/// A member that no line may have.
pub(crate) fn json_member(name: &str) -> Fault {
    Fault::new(
        "JSON_MEMBER",
        format!("不认识的成员「{name}」;可用的成员见 import-line.schema.json"),
        format!("the member {name} is not known; see import-line.schema.json"),
    )
}

/// A member that stands in its object twice.
pub(crate) fn json_member_twice(name: &str) -> Fault {
    Fault::new(
        "JSON_MEMBER_TWICE",
        format!("成员「{name}」出现两次"),
        format!("the member {name} is there twice"),
    )
}

/// A value of another kind than its member has.
pub(crate) fn json_value(name: &str) -> Fault {
    Fault::new(
        "JSON_VALUE",
        format!("成员「{name}」的值类型不对;编号和文字请写成字符串"),
        format!("the member {name} holds another kind of value; write numbers of things as texts"),
    )
}

/// JSON of no known format.
pub(crate) fn json_unknown() -> Fault {
    file_kind(
        "JSON,但不是本行的 JSON Lines,也不是 CLR 2.0 或 Open Badges 3.0",
        "JSON, but neither our JSON Lines nor CLR 2.0 nor Open Badges 3.0",
    )
}

/// An exchange of a version that is not read.
pub(crate) fn one_roster_version() -> Fault {
    file_kind(
        "OneRoster 数据包,但 manifest.csv 中的 oneroster.version 不是 1.1 或 1.2",
        "a OneRoster exchange whose manifest.csv does not say oneroster.version 1.1 or 1.2",
    )
}

/// A result that the exchange wants deleted.
pub(crate) fn one_roster_deletion() -> Fault {
    Fault::new(
        "DELETION_NOT_TAKEN",
        "该行要求删除(tobedeleted);已入账的成果请用更正或撤销",
        "this line asks for a deletion; what is posted is corrected or withdrawn instead",
    )
}

/// Several line items of a class could be the result of its course.
pub(crate) fn line_items_ambiguous() -> Fault {
    Fault::new(
        "LINE_ITEM_AMBIGUOUS",
        "该班级有多个成绩项,无法确定哪一项是课程总评;请将总评项命名为「总评」或「Final」",
        "several line items of this class could be the result; call the one that is so Final",
    )
}

/// A score on another scale than ours.
pub(crate) fn score_scale() -> Fault {
    Fault::new(
        "SCORE_SCALE",
        "成绩项的满分(resultValueMax)不是 100;请给出 textScore 或换算后重报",
        "the line item's resultValueMax is not 100; give a textScore, or the score of a hundred",
    )
}

/// A file of a known format that reports nothing.
pub(crate) fn no_records() -> Fault {
    Fault::new(
        "NO_RECORDS",
        "文件中没有任何学习成果",
        "the file reports no outcome",
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
