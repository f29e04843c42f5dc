//! Review chains, stand-ins and work calendars: one file per action.

mod get_review_chains;
mod get_review_delegations;
mod get_work_calendars;
mod post_review_chain;
mod post_review_delegation;
mod post_work_calendar;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_review_chains::get_review_chains)
        .service(post_review_chain::post_review_chain)
        .service(get_review_delegations::get_review_delegations)
        .service(post_review_delegation::post_review_delegation)
        .service(get_work_calendars::get_work_calendars)
        .service(post_work_calendar::post_work_calendar);
}
