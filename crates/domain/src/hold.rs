//! Holds (预留): what a part of a lot is reserved for where no conversion asks for it.

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
