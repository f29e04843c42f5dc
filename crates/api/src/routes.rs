//! The operations, one file each, and how they are put together.

mod answer_request;
mod appeal_request;
mod arranging;
mod catalogue;
mod check_request;
mod clients;
mod cohort_files;
mod consents;
mod decide_cohort;
mod decide_many;
mod decide_request;
mod dismiss_candidate;
mod drafts;
mod evidence;
mod get_access_log;
mod get_balance;
mod get_candidates;
mod get_cohort;
mod get_docs;
mod get_errors;
mod get_events;
mod get_figures;
mod get_health;
mod get_import;
mod get_import_result;
mod get_jwks;
mod get_merge;
mod get_movements;
mod get_openapi;
mod get_outlooks;
mod get_overdue_entries;
mod get_published_figures;
mod get_queue;
mod get_readings;
mod get_request;
mod get_statement;
mod get_totals;
mod governing;
mod import_jobs;
mod notices;
mod people;
mod post_batch;
mod post_claim;
mod post_claim_code;
mod post_conversion;
mod post_correction;
mod post_demo_login;
mod post_hold;
mod post_import;
mod post_learner;
mod post_learner_batch;
mod post_merge;
mod post_outcome;
mod post_token;
mod post_withdrawal;
mod release_hold;
mod request_step;
mod resubmit_request;
mod reverse_correction;
mod reverse_hold;
mod reverse_merge;
mod reverse_request;
mod rules;
mod settle_collision;
mod settle_hold;
mod webhooks;
mod withdraw_request;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use get_openapi::Document;

/// Every operation, for the router and the document alike: neither can know one that the other
/// does not.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(post_outcome::post_outcome)
        .service(post_batch::post_outcome_batch)
        .service(post_learner::post_learner)
        .service(post_learner_batch::post_learner_batch)
        .service(get_balance::get_balance)
        .service(get_movements::get_movements)
        .service(get_statement::get_statement)
        .service(get_candidates::get_duplicate_candidates)
        .service(dismiss_candidate::dismiss_duplicate_candidate)
        .service(post_merge::post_learner_merge)
        .service(get_merge::get_learner_merge)
        .service(reverse_merge::reverse_learner_merge)
        .service(settle_collision::settle_merge_collision)
        .service(get_overdue_entries::get_overdue_entries)
        .service(post_import::post_import)
        .service(get_import::get_import)
        .service(get_import_result::get_import_result)
        .configure(import_jobs::configure)
        .service(post_conversion::post_conversion_request)
        .service(get_outlooks::get_outlooks)
        .service(get_queue::get_conversion_requests)
        .service(get_request::get_conversion_request)
        .service(check_request::check_conversion_request)
        .service(decide_request::decide_conversion_request)
        .service(answer_request::answer_conversion_request)
        .service(withdraw_request::withdraw_conversion_request)
        .service(appeal_request::appeal_conversion_request)
        .service(resubmit_request::resubmit_conversion_request)
        .service(get_cohort::get_conversion_cohort)
        .configure(cohort_files::configure)
        .service(decide_cohort::decide_conversion_cohort)
        .service(decide_many::decide_conversion_requests)
        .service(reverse_request::reverse_request)
        .service(post_correction::post_correction)
        .service(post_withdrawal::post_withdrawal)
        .service(reverse_correction::reverse_correction)
        .service(post_hold::post_hold)
        .service(settle_hold::settle_hold)
        .service(release_hold::release_hold)
        .service(reverse_hold::reverse_hold)
        .service(get_events::get_events)
        .service(get_totals::get_totals)
        .service(get_figures::get_conversion_figures)
        .service(get_published_figures::get_published_figures)
        .service(post_claim_code::post_claim_code)
        .service(post_claim::post_account_claim)
        .service(get_readings::get_readings)
        .service(get_access_log::get_access_log)
        .service(post_demo_login::post_demo_login)
        .service(post_token::post_token)
        .service(get_jwks::get_jwks)
        .service(get_openapi::get_openapi)
        .service(get_docs::get_docs)
        .service(get_docs::get_docs_file)
        .service(get_errors::get_errors)
        .service(get_errors::get_error)
        .service(get_health::get_health_live)
        .service(get_health::get_health_ready);
    consents::configure(config);
    evidence::configure(config);
    drafts::configure(config);
    webhooks::configure(config);
    governing::configure(config);
    rules::configure(config);
    catalogue::configure(config);
    people::configure(config);
    clients::configure(config);
    arranging::configure(config);
    notices::configure(config);
}
