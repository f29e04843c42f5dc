//! Refusals of files that are no tables.

use creditbank_domain::fault::Fault;

use super::{file_kind, unpacked_too_large};

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
        "XML,但不是 ELMO、EWP、PESC 成绩单,也不是 Office 2003 的 XML 工作簿或网页表格",
        "XML, but no ELMO, EWP or PESC transcript, no workbook of Office 2003, no page with tables",
    )
}

/// A web page that shows no rows.
pub(crate) fn page_without_table() -> Fault {
    file_kind("没有表格的网页", "a web page without a table")
}

/// Tables in cells of tables.
pub(crate) fn tables_too_deep(depth_max: usize) -> Fault {
    Fault::new(
        "NESTED_TOO_DEEP",
        format!("网页中的表格嵌套超过 {depth_max} 层"),
        format!("tables of the page stand in each other more than {depth_max} deep"),
    )
}

/// Something in gzip or Base64 that is no transcript.
pub(crate) fn packed_kind() -> Fault {
    file_kind(
        "gzip 或 Base64 包装的其他内容(只接受其中的 ELMO、EWP、PESC 或 CLR 成绩单);请解开后重报",
        "gzip or Base64 of something else than an ELMO, EWP, PESC or CLR transcript; unpack it",
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

/// A number of shared strings that the part which claims it cannot hold.
pub(crate) fn workbook_count(claimed: u64, bytes: u64) -> Fault {
    Fault::new(
        "FILE_DAMAGED",
        format!("工作簿声明有 {claimed} 个共享字符串,{bytes} 字节中不可能有;请另存为 .xlsx 后重试"),
        format!(
            "the workbook claims {claimed} shared strings, which {bytes} bytes cannot hold; save \
             it as .xlsx again"
        ),
    )
}

/// More shared strings than are kept in memory.
pub(crate) fn workbook_strings(strings_max: u64, bytes_max: u64) -> Fault {
    unpacked_too_large(
        &format!("不同的文字超过 {strings_max} 条或 {bytes_max} 字节,请拆分或另存为 CSV UTF-8"),
        &format!(
            "more than {strings_max} different texts, or {bytes_max} bytes of them; split it or \
             save it as CSV UTF-8"
        ),
    )
}

/// More styles and names than any workbook has.
pub(crate) fn workbook_styles(kept_max: u64) -> Fault {
    unpacked_too_large(
        &format!("样式、名称和工作表合计超过 {kept_max} 个,请另存为 CSV UTF-8"),
        &format!("more than {kept_max} styles, names and sheets; save it as CSV UTF-8"),
    )
}
