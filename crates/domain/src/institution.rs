//! Institutions: what they are, where they stand, and what they may do on a day.

use chrono::NaiveDate;

use crate::ids::InstitutionId;
use crate::text::InstitutionCode;
use crate::words::words;

words!(
    /// What an institution is; it may be several at once.
    InstitutionKind, "an institution kind", {
        /// 高等院校
        University => "university",
        /// 技工院校
        TechnicalSchool => "technical_school",
        /// 继续教育基地
        TrainingBase => "training_base",
        /// 学分银行秘书处
        Secretariat => "secretariat",
        /// 主管部门
        Regulator => "regulator",
        /// 用人单位
        Employer => "employer",
        /// 社区学习中心
        CommunityCentre => "community_centre",
    }
);

words!(
    /// 国家级, 省级, 市级
    InstitutionLevel, "an institution level", {
        /// 国家级
        National => "national",
        /// 省级
        Provincial => "provincial",
        /// 市级
        Municipal => "municipal",
    }
);

words!(
    /// Whether an institution may act.
    Standing, "a standing", {
        /// In good standing.
        Active => "active",
        /// 停权: may read, may not post or request.
        Suspended => "suspended",
        /// Has left.
        Left => "left",
    }
);

words!(
    /// The part an institution plays in the alliance.
    AllianceRole, "an alliance role", {
        /// 理事长单位
        Chair => "chair",
        /// 副理事长单位
        ViceChair => "vice_chair",
        /// 常务理事单位
        StandingMember => "standing_member",
        /// 成员单位
        Member => "member",
        /// 非成员
        None => "none",
    }
);

/// What recognition and conversion need to know of an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its id.
    pub id: InstitutionId,
    /// Its code.
    pub code: InstitutionCode,
    /// What it is.
    pub kinds: Vec<InstitutionKind>,
    /// Whether it may act today.
    pub standing: Standing,
    /// Its part in the alliance.
    pub alliance_role: AllianceRole,
    /// First day of membership.
    pub joined_on: Option<NaiveDate>,
    /// First day whose outcomes it may post; open where there is none.
    pub term_from: Option<NaiveDate>,
    /// Last day whose outcomes it may post; open where there is none.
    pub term_to: Option<NaiveDate>,
    /// Whether an import may open accounts for learners that are not known yet.
    pub may_open_accounts: bool,
}

impl Institution {
    /// True where `day` lies in the institution's term, both ends included.
    #[must_use]
    pub fn term_covers(&self, day: NaiveDate) -> bool {
        self.term_from.is_none_or(|from| from <= day) && self.term_to.is_none_or(|to| day <= to)
    }
}
