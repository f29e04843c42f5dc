//! Committees, memberships and helpers: one file per action.

mod end_helper;
mod end_membership;
mod end_seat;
mod get_committees;
mod get_helpers;
mod get_memberships;
mod post_committee;
mod post_helper;
mod post_membership;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_committees::get_committees)
        .service(post_committee::post_committee)
        .service(end_seat::end_seat)
        .service(get_memberships::get_memberships)
        .service(post_membership::post_membership)
        .service(end_membership::end_membership)
        .service(get_helpers::get_helpers)
        .service(post_helper::post_helper)
        .service(end_helper::end_helper);
}
