//! Every operation of the API, as data: it drives authentication, the refusal of unknown methods
//! and query parameters, and the test that no operation lacks an action of the policy.

mod list;

use actix_web::http::Method;
use creditbank_domain::authz::ActionName;

pub use list::ENDPOINTS;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET`, `POST` or `PATCH`.
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// What the policy has to permit; `None` where no token is asked for.
    pub action: Option<ActionName>,
    /// The query parameters it reads; any other is refused.
    pub query: &'static [&'static str],
}

impl Endpoint {
    const fn with(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    /// Whether it is asked by whatever watches the server, however often.
    pub(crate) fn is_health(&self) -> bool {
        self.path.starts_with("/health/")
    }
}

/// The operation behind a matched path.
pub(crate) fn endpoint(method: &Method, path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS
        .iter()
        .find(|it| it.path == path && method == it.method)
}

/// Every path once.
pub(crate) fn paths() -> Vec<&'static str> {
    let mut paths: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    paths.dedup();
    paths
}

/// What a path can do, for the `Allow` header; HEAD wherever GET is.
pub(crate) fn allowed(path: &str) -> String {
    let methods: Vec<_> = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.path == path)
        .map(|endpoint| {
            if endpoint.method == "GET" {
                "GET, HEAD"
            } else {
                endpoint.method
            }
        })
        .collect();
    methods.join(", ")
}
