//! What people call the outcomes that a rule asks for.

use super::ways::Ways;
use crate::catalogue::Category;
use crate::conversion::explain::Explanation;
use crate::conversion::rule::Source;
use crate::ids::EntryId;

impl Ways<'_> {
    /// What a source asks for.
    pub(super) fn named(&self, source: &Source) -> Explanation {
        let entries = source.entries.iter();
        let titles: Vec<Explanation> = entries.map(|entry| self.title(*entry)).collect();
        if !titles.is_empty() {
            return Explanation::joined(&titles, "或", " or ");
        }
        let categories = source.categories.iter();
        let kinds: Vec<Explanation> = categories.map(|category| kind(*category)).collect();
        if kinds.is_empty() {
            Explanation::new("一项成果", "an outcome")
        } else {
            Explanation::joined(&kinds, "或", " or ")
        }
    }

    fn title(&self, entry: EntryId) -> Explanation {
        let rule_set = self.inputs.rule_set;
        let mut lots = self.lots.iter();
        let lot = lots.find(|lot| lot.candidate.entry_id == entry);
        let title = lot.map(|lot| &lot.candidate.title);
        let title = title.or_else(|| rule_set.titles.get(&entry));
        title.map_or_else(
            || Explanation::new("列入的成果", "a listed outcome"),
            Explanation::same,
        )
    }
}

/// The kind of an outcome, in words.
fn kind(category: Category) -> Explanation {
    let (zh, en) = match category {
        Category::Course => ("课程成果", "a course"),
        Category::DegreeForeignLanguage => ("学位外语成绩", "a degree foreign language result"),
        Category::SelfStudyExam => ("自学考试成绩", "a self-study exam"),
        Category::SkillCertificate => ("职业技能证书", "a skill certificate"),
        Category::Training => ("培训成果", "a training"),
        Category::Activity => ("活动成果", "an activity"),
        Category::Other => ("其他成果", "another kind of outcome"),
    };
    Explanation::new(zh, en)
}
