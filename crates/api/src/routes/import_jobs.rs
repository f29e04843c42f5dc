//! Import jobs: one file per action.

mod approve_job;
mod cancel_job;
mod get_job;
mod get_jobs;
mod post_job;
mod settings;
mod upload;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(post_job::post_import_job)
        .service(get_jobs::get_import_jobs)
        .service(get_job::get_import_job)
        .service(upload::get_import_upload)
        .service(upload::patch_import_upload)
        .service(cancel_job::cancel_import_job)
        .service(approve_job::approve_import_job)
        .service(settings::get_import_settings)
        .service(settings::post_import_settings);
}
