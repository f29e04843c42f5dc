//! A change in both languages.

use creditbank_domain::conversion::Explanation;

use super::{ChangeKind, KEYED};

/// Names of fields and lists for people who read Chinese.
const NAMES: [(&str, &str); 43] = [
    ("receiving", "接收机构"),
    ("code", "代码"),
    ("document", "文件"),
    ("number", "文号"),
    ("title", "名称"),
    ("valid_from", "生效日期"),
    ("valid_to", "失效日期"),
    ("approval", "批准方式"),
    ("people", "批准人数"),
    ("committee", "委员会"),
    ("quorum", "法定人数"),
    ("source", "来源说明"),
    ("example", "示例"),
    ("courses", "课程"),
    ("parts", "部分"),
    ("caps", "上限"),
    ("rules", "规则"),
    ("tests", "测试"),
    ("credits", "学分"),
    ("replaceable", "可替代"),
    ("shape", "类型"),
    ("part", "所属部分"),
    ("categories", "类别"),
    ("institutions", "机构"),
    ("begins", "期间起始日"),
    ("most", "最多"),
    ("least", "最少"),
    ("percent", "百分比"),
    ("when", "条件"),
    ("gives", "给予"),
    ("entries", "成果"),
    ("issuers", "颁发机构"),
    ("unit", "计量单位"),
    ("minimum_grade", "最低成绩"),
    ("grading", "成绩制"),
    ("programmes", "专业"),
    ("schemes", "成绩制"),
    ("steps", "成绩等级"),
    ("pass", "及格线"),
    ("level", "等级"),
    ("at_least", "至少"),
    ("earned_within_months", "有效月数"),
    ("amount_at_least", "最低数量"),
];

pub(super) fn text(
    kind: ChangeKind,
    path: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Explanation {
    // Behind a list stands a code of the document's own, whatever word it is.
    let in_list = KEYED
        .iter()
        .any(|(list, _)| path.split('/').next() == Some(list));
    let steps = path.split('/').enumerate();
    let zh: Vec<&str> = steps
        .map(|(nth, step)| {
            if in_list && nth == 1 {
                step
            } else {
                zh_of(step)
            }
        })
        .collect();
    let (zh, en) = (zh.join(" "), path.replace('/', " "));
    let (from, to) = (from.unwrap_or("–"), to.unwrap_or("–"));
    let (zh, en) = match kind {
        ChangeKind::Added => (format!("新增 {zh}:{to}"), format!("{en} added: {to}")),
        ChangeKind::Removed => (format!("删除 {zh}:{from}"), format!("{en} removed: {from}")),
        ChangeKind::Changed => (
            format!("{zh}:由 {from} 改为 {to}"),
            format!("{en}: from {from} to {to}"),
        ),
        ChangeKind::Moved => (
            format!("{zh} 的顺序:由 {from} 改为 {to}"),
            format!("order of {en}: from {from} to {to}"),
        ),
    };
    Explanation { zh, en }
}

fn zh_of(step: &str) -> &str {
    let found = NAMES.iter().find(|(name, _)| *name == step);
    found.map_or(step, |(_, zh)| zh)
}
