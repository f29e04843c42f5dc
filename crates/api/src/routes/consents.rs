//! Consents of learners: one file per action.

mod get_consents;
mod give;
mod withdraw;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(give::give_consent)
        .service(get_consents::get_consents)
        .service(withdraw::withdraw_consent);
}
