//! What people are told: one file per action.

mod get_notices;
mod post_notice_mark;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_notices::get_notices)
        .service(post_notice_mark::post_notice_mark);
}
