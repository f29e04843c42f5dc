//! Many requests that post one outcome each, in one transaction, each answered as if it were alone.
//!
//! What is refused leaves neither an outcome nor its key; what the database itself refuses is found
//! by halving, so that one bad request never fails its neighbours. A key that comes twice takes its
//! turns: the second is asked after the first is in the ledger, and is then a replay like any other.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, PostOutcomes};
use creditbank_domain::ids::InstitutionId;
use creditbank_domain::outcome::ReportedOutcome;
use serde_json::json;

use crate::error::LedgerError;
use crate::flows::post_outcomes::{Origin, PostAnswer, post_reports};
use crate::sight::Sight;
use crate::store::{Ledger, Tx};
use crate::tables::audit_events;
use crate::tables::idempotency_keys::{self, Answered, IdempotencyClaim, KeyName, StoredAnswer};

/// A request to post one outcome, once.
#[derive(Debug, Clone)]
pub struct SinglePost {
    /// Who may.
    pub grant: Grant<PostOutcomes>,
    /// What is posted.
    pub report: ReportedOutcome,
    /// The client's name for the request.
    pub claim: IdempotencyClaim,
    /// Makes the answer. One with a status of 400 or more is not kept.
    pub render: fn(&PostAnswer) -> StoredAnswer,
}

type SingleAnswer = Result<Answered, LedgerError>;

/// Posts them all, each once for its key, and answers each, in their order.
#[must_use]
pub fn post_singles_once(
    ledger: &Ledger,
    posts: &[SinglePost],
    now: DateTime<Utc>,
) -> Vec<SingleAnswer> {
    let mut answers: Vec<Option<SingleAnswer>> = posts.iter().map(|_| None).collect();
    let mut waiting: Vec<usize> = (0..posts.len()).collect();
    while !waiting.is_empty() {
        let mut names: HashSet<KeyName> = HashSet::with_capacity(waiting.len());
        let (round, later) = waiting.into_iter().partition(|at| {
            let post = posts.get(*at);
            post.is_some_and(|post| names.insert(post.claim.name()))
        });
        let round: Vec<usize> = round;
        let asked: Vec<&SinglePost> = round.iter().filter_map(|at| posts.get(*at)).collect();
        for (at, answer) in round.iter().zip(answer_all(ledger, &asked, now)) {
            if let Some(slot) = answers.get_mut(*at) {
                *slot = Some(answer);
            }
        }
        waiting = later;
    }
    let unanswered = || Err(LedgerError::Corrupt("an unanswered post"));
    let answers = answers.into_iter();
    answers.map(|it| it.unwrap_or_else(unanswered)).collect()
}

/// Answers requests with different keys; where the database refuses them together, each half.
fn answer_all(ledger: &Ledger, posts: &[&SinglePost], now: DateTime<Utc>) -> Vec<SingleAnswer> {
    let error = match ledger.write(Sight::POSTS_OF_MANY, |tx| post_together(tx, posts, now)) {
        Ok(answers) => return answers,
        Err(error) => error,
    };
    if posts.len() <= 1 {
        return vec![Err(error)];
    }
    if error.is_unavailable() {
        let away = || std::io::Error::other("the database was away for all of them");
        let each = posts.iter();
        return each
            .map(|_| Err(LedgerError::Unavailable(Box::new(away()))))
            .collect();
    }
    let (one, other) = posts.split_at(posts.len() / 2);
    let mut answers = answer_all(ledger, one, now);
    answers.extend(answer_all(ledger, other, now));
    answers
}

fn post_together(
    tx: &mut Tx<'_>,
    posts: &[&SinglePost],
    now: DateTime<Utc>,
) -> Result<Vec<SingleAnswer>, LedgerError> {
    let claims: Vec<&IdempotencyClaim> = posts.iter().map(|post| &post.claim).collect();
    let kept = idempotency_keys::list(tx.conn(), &claims)?;
    let mut answers: Vec<Option<SingleAnswer>> = posts.iter().map(|_| None).collect();
    let mut by_institution: BTreeMap<InstitutionId, Vec<usize>> = BTreeMap::new();
    for ((at, post), answer) in posts.iter().enumerate().zip(&mut answers) {
        match (kept.get(&post.claim.name()), post.grant.institution()) {
            (Some(kept), _) => *answer = Some(kept.replayed(&post.claim)),
            (None, Ok(institution)) => by_institution.entry(institution).or_default().push(at),
            (None, Err(denied)) => *answer = Some(Err(denied.into())),
        }
    }
    // The same order of institutions for every writer.
    for (institution, members) in by_institution {
        let members: Vec<(usize, &SinglePost)> = members
            .into_iter()
            .filter_map(|at| Some((at, *posts.get(at)?)))
            .collect();
        for (at, rendered) in post_of(tx, institution, &members, now)? {
            if let Some(slot) = answers.get_mut(at) {
                *slot = Some(Ok(Answered {
                    answer: rendered,
                    replayed: false,
                }));
            }
        }
    }
    let answers: Vec<SingleAnswer> = answers
        .into_iter()
        .map(|it| it.unwrap_or_else(|| Err(LedgerError::Corrupt("an unanswered post"))))
        .collect();
    let fresh = posts.iter().zip(&answers).filter_map(|(post, answer)| {
        let answered = answer.as_ref().ok()?;
        let new = !answered.replayed && answered.answer.status < 400;
        new.then_some((&post.claim, &answered.answer))
    });
    let fresh: Vec<(&IdempotencyClaim, &StoredAnswer)> = fresh.collect();
    idempotency_keys::insert_all(tx, &fresh, now)?;
    Ok(answers)
}

/// Posts for one institution, renders the answers, and writes down who it was.
fn post_of(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    members: &[(usize, &SinglePost)],
    now: DateTime<Utc>,
) -> Result<Vec<(usize, StoredAnswer)>, LedgerError> {
    let reports: Vec<ReportedOutcome> = members.iter().map(|(_, it)| it.report.clone()).collect();
    let posted = post_reports(tx, institution, &reports, Origin::Api, now)?;
    let mut rendered = Vec::with_capacity(members.len());
    let mut done: BTreeMap<_, (&SinglePost, u64, u64)> = BTreeMap::new();
    for ((at, post), answer) in members.iter().zip(&posted) {
        let shown = (post.render)(answer);
        let refused = matches!(answer, PostAnswer::Rejected(_));
        if refused != (shown.status >= 400) {
            return Err(LedgerError::Corrupt(
                "an answer that was rendered otherwise",
            ));
        }
        if !refused {
            let actor = post.grant.actor();
            let who = (actor.client, actor.person);
            let (_, reported, new) = done.entry(who).or_insert((post, 0, 0));
            *reported = reported.saturating_add(1);
            *new = new.saturating_add(u64::from(matches!(answer, PostAnswer::Posted(_))));
        }
        rendered.push((*at, shown));
    }
    for (post, reported, new) in done.into_values() {
        let figures = json!({ "reported": reported, "posted": new });
        audit_events::insert(tx, &post.grant, ("outcomes", None), &figures, now)?;
    }
    Ok(rendered)
}
