//! Files of requests: one file per action.

mod cancel_file;
mod get_file;
mod get_result;
mod post_file;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(post_file::post_conversion_cohort)
        .service(get_file::get_conversion_cohort_file)
        .service(get_result::get_conversion_cohort_result)
        .service(cancel_file::cancel_conversion_cohort_file);
}
