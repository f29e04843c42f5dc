//! Words of the register of those who govern the bank.

use crate::words::words;

words!(
    /// What a document is.
    DocumentKind, "a kind of document", {
        /// 章程: the charter of the alliance.
        Charter => "charter",
        /// 通知: tells members of something.
        Notice => "notice",
        /// 办法: rules.
        Rules => "rules",
        /// 方案: a plan.
        Plan => "plan",
        /// 名单: a list.
        List => "list",
        /// 纪要: the minutes of a meeting.
        Minutes => "minutes",
        /// 意见: an opinion.
        Opinion => "opinion",
        /// Anything else that is cited.
        Other => "other",
    }
);

words!(
    /// What kind of meeting it is.
    MeetingKind, "a kind of meeting", {
        /// 成员大会.
        Assembly => "assembly",
        /// 理事会.
        Council => "council",
        /// 常务理事会.
        StandingCouncil => "standing_council",
        /// A meeting of a committee.
        Committee => "committee",
        /// 工作推进会.
        Working => "working",
        /// 统稿会: about a common text.
        Drafting => "drafting",
    }
);

words!(
    /// What became of a resolution.
    ResolutionOutcome, "an outcome of a resolution", {
        /// It was adopted.
        Adopted => "adopted",
        /// It was not.
        Rejected => "rejected",
        /// It was put off.
        Deferred => "deferred",
    }
);
