//! The schemes that a document repeats, held against those that are registered.

use creditbank_domain::fault::Fault;
use creditbank_domain::grading::GradingScheme;

use crate::document::RuleDocument;
use crate::fault::DocumentFault;

impl RuleDocument {
    /// Every scheme that is not registered, or otherwise than the document says.
    #[must_use]
    pub fn check_schemes(&self, registered: &[GradingScheme]) -> Vec<DocumentFault> {
        let schemes = self.schemes.iter().enumerate();
        schemes
            .filter_map(|(nth, scheme)| {
                let mut registered = registered.iter();
                let told = match registered.find(|other| other.code == scheme.code) {
                    Some(other) if other.is_same_as(scheme) => return None,
                    Some(other) => otherwise(other),
                    None => not_registered(&scheme.code),
                };
                Some(self.places.fault(&format!("/schemes/{nth}"), told))
            })
            .collect()
    }
}

fn not_registered(code: &str) -> Fault {
    Fault::new(
        "RULES_UNKNOWN_SCHEME",
        format!("成绩制 {code} 未登记,请先登记"),
        format!("no grading scheme has the code {code}; register it first"),
    )
}

fn otherwise(registered: &GradingScheme) -> Fault {
    let (code, grades, pass) = (&registered.code, registered.told(), &registered.pass);
    Fault::new(
        "RULES_OTHER_SCHEME",
        format!("成绩制 {code} 登记为 {grades},及格线 {pass}"),
        format!("grading scheme {code} is registered as {grades}, passing with {pass}"),
    )
}
