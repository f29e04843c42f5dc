//! Evidence of conversion requests: one file per action.

mod attach;
mod get_file;
mod get_list;
mod withdraw;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(attach::attach_evidence)
        .service(get_list::get_evidence)
        .service(get_file::get_evidence_file)
        .service(withdraw::withdraw_evidence);
}
