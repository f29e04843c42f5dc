//! Holds (预留): what a part of a lot is reserved for where no conversion asks for it.

use crate::reason::ReasonText;
use crate::words::words;

words!(
    /// What a lot is used for, other than a conversion (rules of the field, 9.4).
    HoldPurpose, "a purpose of a hold", {
        /// 年度学时要求
        AnnualRequirement => "annual_requirement",
        /// 职称评审
        TitleReview => "title_review",
        /// 社区积分
        Community => "community",
    }
);

impl HoldPurpose {
    /// What people call it.
    #[must_use]
    pub const fn text(self) -> ReasonText {
        let (zh, en) = match self {
            Self::AnnualRequirement => ("年度学时要求", "the yearly requirement"),
            Self::TitleReview => ("职称评审", "a title review"),
            Self::Community => ("社区积分", "community points"),
        };
        ReasonText { zh, en }
    }
}
