//! Documents, meetings and resolutions: one file per action.

mod get_document;
mod get_documents;
mod get_meeting;
mod get_meetings;
mod post_document;
mod post_meeting;
mod post_resolution;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_documents::get_documents)
        .service(get_document::get_document)
        .service(post_document::post_document)
        .service(get_meetings::get_meetings)
        .service(get_meeting::get_meeting)
        .service(post_meeting::post_meeting)
        .service(post_resolution::post_resolution);
}
