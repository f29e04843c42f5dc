//! Drafts of conversion requests: one file per action, and what they share.

mod discard_draft;
mod get_draft;
mod get_drafts;
mod post_draft;
mod revise_draft;
mod submit_draft;

use actix_web::web::Data;
use creditbank_domain::authz::RequestConversion;
use creditbank_domain::ids::DraftId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::Permit;
use crate::extract::{IdempotencyKey, PathId, SeenVersion};
use crate::state::ApiState;

/// Who changes which draft, by what key, having seen which version.
type Change = (
    Permit<RequestConversion>,
    PathId<DraftId>,
    IdempotencyKey,
    SeenVersion,
    Data<ApiState>,
);

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(post_draft::post_conversion_draft)
        .service(get_drafts::get_conversion_drafts)
        .service(get_draft::get_conversion_draft)
        .service(revise_draft::revise_conversion_draft)
        .service(submit_draft::submit_conversion_draft)
        .service(discard_draft::discard_conversion_draft);
}
