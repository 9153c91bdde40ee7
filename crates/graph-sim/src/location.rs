//! Where a 202 says its operation is.

use http::header::{HeaderName, LOCATION};

/// The header and the form in which an accepted request gives its operation's address.
///
/// Graph's documentation shows more than one, so a client has to cope with all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LocationForm {
    /// `Operation-Location` and `Location`, both `https://…/engagementAsyncOperations('ID')`: pages of the documentation have the one or the other.
    #[default]
    Both,
    /// `Operation-Location: https://…/engagementAsyncOperations('ID')`
    OperationLocation,
    /// `Location: https://…/engagementAsyncOperations('ID')`
    Location,
    /// `Operation-Location: /v1.0/…/engagementAsyncOperations/ID`
    Relative,
    /// `Operation-Location: https://…/engagementAsyncOperations/ID`
    Slash,
}

impl LocationForm {
    /// The headers for the object `id` of `collection`, a path that begins with a slash.
    pub(crate) fn headers(self, root: &str, collection: &str, id: &str) -> Vec<(HeaderName, String)> {
        let operation_location = HeaderName::from_static("operation-location");
        let address = format!("{root}{collection}('{id}')");
        match self {
            Self::Both => vec![(operation_location, address.clone()), (LOCATION, address)],
            Self::OperationLocation => vec![(operation_location, address)],
            Self::Location => vec![(LOCATION, address)],
            Self::Relative => vec![(operation_location, format!("{collection}/{id}"))],
            Self::Slash => vec![(operation_location, format!("{root}{collection}/{id}"))],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LocationForm;

    #[test]
    fn forms() {
        for (form, expected) in [
            (
                LocationForm::Both,
                "operation-location: https://host/v1.0/ops('7'), location: https://host/v1.0/ops('7')",
            ),
            (LocationForm::OperationLocation, "operation-location: https://host/v1.0/ops('7')"),
            (LocationForm::Location, "location: https://host/v1.0/ops('7')"),
            (LocationForm::Relative, "operation-location: /v1.0/ops/7"),
            (LocationForm::Slash, "operation-location: https://host/v1.0/ops/7"),
        ] {
            let headers = form.headers("https://host", "/v1.0/ops", "7");
            let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            assert_eq!(lines.join(", "), expected);
        }
    }
}
