//! How much of a budget is left, and how that is told.
//!
//! `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers has them: structured
//! fields, the quota `q` in a window of `w` seconds, `r` requests left, whole again after `t`.

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::Budget;

/// A caller's budget after a request, kept with the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    name: &'static str,
    budget: Budget,
    pub(crate) requests_left: u32,
    /// Until the budget is whole again; where it is spent, until there is one request.
    pub(crate) seconds: u64,
}

impl Standing {
    pub(super) fn left(name: &'static str, budget: Budget, requests_left: u32) -> Self {
        let used = budget.requests().saturating_sub(requests_left);
        Self {
            name,
            budget,
            requests_left,
            seconds: whole_seconds(budget.pause().saturating_mul(used)),
        }
    }

    pub(super) fn spent(name: &'static str, budget: Budget, wait: Duration) -> Self {
        Self {
            name,
            budget,
            requests_left: 0,
            seconds: whole_seconds(wait).max(1),
        }
    }

    /// Which budget it is.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// The budget in figures: requests, seconds.
    pub(crate) const fn budget(&self) -> (u32, u32) {
        (self.budget.requests(), self.budget.seconds())
    }

    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        let (name, (q, w)) = (self.name, self.budget());
        let (r, t) = (self.requests_left, self.seconds);
        let policy = format!("\"{name}\";q={q};w={w}");
        let standing = format!("\"{name}\";r={r};t={t}");
        let told = [("ratelimit-policy", policy), ("ratelimit", standing)];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

fn whole_seconds(time: Duration) -> u64 {
    let more = u64::from(time.subsec_nanos() > 0);
    time.as_secs().saturating_add(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_quota_window_what_is_left_and_when_it_is_whole_again() {
        let budget: Budget = "600/60".parse().unwrap();
        let mut headers = HeaderMap::new();
        Standing::left("reads", budget, 595).add_headers(&mut headers);
        let told = |name: &str| headers.get(name).unwrap().to_str().unwrap();
        assert_eq!(told("ratelimit-policy"), "\"reads\";q=600;w=60");
        assert_eq!(told("ratelimit"), "\"reads\";r=595;t=1");
        let spent = Standing::spent("reads", budget, Duration::from_millis(1));
        assert_eq!((spent.requests_left, spent.seconds), (0, 1));
    }
}
