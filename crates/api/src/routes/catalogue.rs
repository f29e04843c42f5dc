//! The catalogue: one file per action.

mod get_entries;
mod get_entry;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_entries::get_entries)
        .service(get_entry::get_entry);
}
