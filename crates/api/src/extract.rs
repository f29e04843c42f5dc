//! What handlers take from a request: JSON bodies, keys, pages, path values, uploads. Every
//! refusal names its place, and none repeats what was sent.

mod as_of;
mod catalogue;
mod cohort_form;
mod days;
mod deliveries;
mod evidence;
mod feed;
mod form;
mod if_match;
mod json;
mod key;
mod month;
mod page;
mod part;
mod path;
mod period;
mod programmes;
mod query;
mod queue;
mod register;
mod shape;
mod strict;

pub(crate) use as_of::{AsOfParameters, AsOfQuery};
pub(crate) use catalogue::{CatalogueParameters, CatalogueQuery};
pub(crate) use cohort_form::{CohortForm, CohortUpload};
pub(crate) use days::{DaysParameters, DaysQuery};
pub(crate) use deliveries::{DeliveriesParameters, DeliveriesQuery};
pub(crate) use evidence::{EvidenceForm, EvidenceUpload};
pub(crate) use feed::{FeedParameters, FeedQuery, feed_cursor_after};
pub(crate) use form::{ImportForm, ImportUpload, configure as configure_forms};
pub(crate) use if_match::{IfMatchHeader, SeenVersion, entity_tag};
pub(crate) use json::{JsonBody, limit_faults};
pub(crate) use key::{IdempotencyHeader, IdempotencyKey};
pub(crate) use month::{MonthParameters, MonthQuery};
pub(crate) use page::{
    AnyPage, AnyPageParameters, LargeNamePageParameters, NamePage, NamePageParameters,
    PageParameters, PageQuery, cut, name_cursor,
};
pub(crate) use part::{PART_BYTES_MAX, PartContent, PartHeaders, UploadPart};
pub(crate) use path::{PathId, PathLearner, PathName, path_value};
pub(crate) use period::{PeriodParameters, PeriodQuery};
pub(crate) use programmes::{ProgrammesParameters, ProgrammesQuery};
pub(crate) use query::{pairs, query_names, single};
pub(crate) use queue::{QueueParameters, QueueQuery};
pub(crate) use register::{
    ChainParameters, MeetingParameters, RegisterQuery, RuleSetParameters, SinceParameters,
};

#[cfg(test)]
mod tests;
