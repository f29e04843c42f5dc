//! The parameters of a query, by name.

use actix_web::web;
use creditbank_domain::fault::Fault;

use crate::problem::PlacedFault;

/// The names of a query's parameters.
pub(crate) fn query_names(query: &str) -> Vec<String> {
    pairs(query).into_iter().map(|(name, _)| name).collect()
}

/// The names and values of a query; what cannot be read is an empty query.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    web::Query::<Vec<(String, String)>>::from_query(query)
        .map(web::Query::into_inner)
        .unwrap_or_default()
}

pub(crate) fn single<'a>(
    pairs: &'a [(String, String)],
    name: &'static str,
) -> Result<Option<&'a str>, PlacedFault> {
    let mut values = pairs
        .iter()
        .filter(|(given, _)| given == name)
        .map(|(_, value)| value);
    let first = values.next().map(String::as_str);
    if values.next().is_some() {
        let fault = Fault::new(
            "PARAMETER_REPEATED",
            "参数重复",
            "the parameter is given twice",
        );
        return Err(PlacedFault::of_parameter(name, fault));
    }
    Ok(first)
}

/// The value of a parameter without which there is nothing to answer.
pub(super) fn required<'a>(
    pairs: &'a [(String, String)],
    name: &'static str,
) -> Result<&'a str, PlacedFault> {
    single(pairs, name)?.ok_or_else(|| {
        let fault = Fault::new(
            "PARAMETER_MISSING",
            format!("缺少参数 {name}"),
            format!("the parameter {name} is missing"),
        );
        PlacedFault::of_parameter(name, fault)
    })
}
