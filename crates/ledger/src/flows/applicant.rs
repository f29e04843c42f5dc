//! Who asks for conversions: a school, for outcomes that it posted, or a learner for the own.

use creditbank_domain::authz::{Denied, Grant, RequestConversion, Subject};
use creditbank_domain::ids::{InstitutionId, LearnerId};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::outcome::LearnerRef;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::flows::resolve_learners::People;
use crate::store::Tx;
use crate::tables::conversion_requests::Side;
use crate::tables::{institutions, learners};

#[derive(Debug, Clone, Copy)]
pub(super) enum Applicant {
    School(InstitutionId),
    Learner(LearnerNo),
}

impl Applicant {
    pub(super) fn of(grant: &Grant<RequestConversion>) -> Result<Self, LedgerError> {
        match grant.subject() {
            Subject::Institution(school) => Ok(Self::School(school)),
            Subject::Learner(number) => Ok(Self::Learner(number)),
            Subject::Bank => Err(LedgerError::Denied(Denied::NoRight)),
        }
    }

    /// The school; none where the learner asks.
    pub(super) const fn school(self) -> Option<InstitutionId> {
        match self {
            Self::School(school) => Some(school),
            Self::Learner(_) => None,
        }
    }

    /// Whose requests it finds.
    pub(super) const fn side(self) -> Side {
        match self {
            Self::School(school) => Side::Requesting(school),
            Self::Learner(number) => Side::Learner(number),
        }
    }

    /// A suspended school asks for nothing.
    pub(super) fn refuse_unless_active(self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let Some(school) = self.school() else {
            return Ok(());
        };
        let row = institutions::find(tx.conn(), school)?.ok_or(LedgerError::NotFound)?;
        refuse_unless_active(&row.try_into()?)
    }

    /// The account of a learner who asks.
    pub(super) fn own_account(
        self,
        conn: &mut PgConnection,
    ) -> Result<Option<LearnerId>, LedgerError> {
        let Self::Learner(number) = self else {
            return Ok(None);
        };
        let found = learners::find_by_number(conn, number)?;
        let found = found.ok_or(LedgerError::NotFound)?;
        Ok(Some(found.account.learner_id))
    }

    /// Whom an order means, in its order; nothing where nobody is known.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] where a learner names somebody else.
    pub(super) fn find<'r>(
        self,
        tx: &mut Tx<'_>,
        named: impl IntoIterator<Item = &'r LearnerRef>,
    ) -> Result<Vec<Option<LearnerId>>, LedgerError> {
        let named: Vec<&LearnerRef> = named.into_iter().collect();
        if let Self::School(school) = self {
            let people = People::find(tx, school, named.iter().copied())?;
            let found = (0..named.len()).map(|at| people.account(at).map(|it| it.learner_id));
            return Ok(found.collect());
        }
        let own = self.own_account(tx.conn())?;
        let mut found = Vec::with_capacity(named.len());
        for learner in named {
            let LearnerRef::Number(number) = learner else {
                return Err(LedgerError::NotFound);
            };
            let account = learners::find_by_number(tx.conn(), *number)?;
            let account = account.map(|it| it.account.learner_id);
            if account != own {
                return Err(LedgerError::NotFound);
            }
            found.push(own);
        }
        Ok(found)
    }
}
