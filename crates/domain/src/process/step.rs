//! What can be done about a request.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::fault::Fault;
use crate::words::words;

/// Whoever acts, as far as four eyes are concerned: a person, or a program where it names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hand(pub Uuid);

words!(
    /// Whose stage it is.
    Party, "a party", {
        /// The bank: its secretariat.
        Bank => "bank",
        /// The institution that is to grant.
        Receiving => "receiving",
    }
);

words!(
    /// What reviewers decide at a stage.
    Verdict, "a verdict", {
        /// As the rules say, but for what is not accepted.
        Approve => "approve",
        /// Nothing is granted.
        Refuse => "refuse",
    }
);

/// What a reviewer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// A verdict, which counts with those of others.
    Verdict(Verdict),
    /// Something is missing: the applicant has to answer first.
    Ask,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// A reviewer spoke.
    Said(Said),
    /// The applicant answered what was asked.
    Answered,
    /// The applicant took the request back.
    Withdrawn,
    /// Its time ran out.
    Lapsed,
}

impl StepKind {
    /// The names used in tables and on the wire.
    pub(super) const NAMES: [(Self, &'static str); 6] = [
        (Self::Said(Said::Verdict(Verdict::Approve)), "approved"),
        (Self::Said(Said::Verdict(Verdict::Refuse)), "refused"),
        (Self::Said(Said::Ask), "asked"),
        (Self::Answered, "answered"),
        (Self::Withdrawn, "withdrawn"),
        (Self::Lapsed, "lapsed"),
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(kind, _)| *kind == self);
        named.map_or("lapsed", |(_, name)| name)
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let named = Self::NAMES.iter().find(|(_, name)| *name == text);
        named.map(|(kind, _)| *kind)
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub kind: StepKind,
    /// For whom.
    pub party: Party,
    /// Who did it, and whom that person stands in for. Nobody where the bank itself did: what its
    /// own check finds in order, and what time does.
    pub hands: Vec<Hand>,
    /// On which day of the bank.
    pub on: NaiveDate,
}

/// Why a step cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// It was decided, withdrawn or lapsed.
    #[error("the request has ended")]
    Ended,
    /// Something was asked and is not answered yet.
    #[error("the applicant has the turn")]
    ApplicantsTurn,
    /// An answer without a question.
    #[error("nothing was asked")]
    NothingAsked,
    /// It is at another party's stage.
    #[error("the request is at a stage of the {0}")]
    NotThisStage(Party),
    /// Whoever sent it, or decided what is appealed against.
    #[error("whoever sent a request or decided before may not decide about it")]
    Barred,
    /// The same hand a second time.
    #[error("whoever has spoken about a request does not count again")]
    SpokeAlready,
    /// A decision of the receiving institution is somebody's.
    #[error("nobody is named who decides")]
    NobodyNamed,
    /// The university decides, not the bank.
    #[error("the bank checks and refuses nothing")]
    BankRefusesNothing,
}

impl From<StepRefused> for Fault {
    fn from(refused: StepRefused) -> Self {
        let (code, zh, en) = match refused {
            StepRefused::Ended => (
                "ALREADY_DECIDED",
                "该申请已有决定或已结束,不能再次处理;请读取最新状态",
                "the request has been decided or has ended and cannot be decided again; read its present state",
            ),
            StepRefused::ApplicantsTurn => (
                "SUPPLEMENT_AWAITED",
                "已要求申请方补充材料,收到答复后再处理",
                "the applicant was asked for something; decide when it is answered",
            ),
            StepRefused::NothingAsked => (
                "NOTHING_ASKED",
                "该申请没有待答复的补充要求",
                "nothing was asked about this request that is still open",
            ),
            StepRefused::NotThisStage(Party::Bank) => (
                "NOT_THIS_STAGE",
                "该申请尚在学分银行核查环节,核查通过后由接收机构决定",
                "the bank still checks this request; the receiving institution decides when it has",
            ),
            StepRefused::NotThisStage(Party::Receiving) => (
                "NOT_THIS_STAGE",
                "该申请已转接收机构,由其决定",
                "the request is with the receiving institution, which decides",
            ),
            StepRefused::Barred => (
                "OWN_REQUEST",
                "提交申请或作出原决定的账户不能作出决定,请由他人决定",
                "whoever sent the request or decided before may not decide it; somebody else has to",
            ),
            StepRefused::SpokeAlready => (
                "SPOKE_ALREADY",
                "同一账户对同一申请只能表态一次,请由他人继续",
                "an account speaks once about a request; somebody else has to go on",
            ),
            StepRefused::NobodyNamed => (
                "NOBODY_NAMED",
                "决定须有具名的账户,请以审核账户登录",
                "a decision is somebody's; sign in with a reviewer's account",
            ),
            StepRefused::BankRefusesNothing => (
                "BANK_REFUSES_NOTHING",
                "学分银行只核查材料,不作拒绝;请要求补充或转接收机构",
                "the bank checks and refuses nothing; ask for what is missing or pass it on",
            ),
        };
        Self::new(code, zh, en)
    }
}
