//! Where a 202 says its operation is.

use http::header::{HeaderName, LOCATION};

/// The header and the form in which an accepted request gives its operation's address.
///
/// Graph's documentation shows more than one, so a client has to cope with all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LocationForm {
    /// `Operation-Location: https://…/engagementAsyncOperations('ID')`
    #[default]
    OperationLocation,
    /// `Location: https://…/engagementAsyncOperations('ID')`
    Location,
    /// `Operation-Location: /v1.0/…/engagementAsyncOperations/ID`
    Relative,
    /// `Operation-Location: https://…/engagementAsyncOperations/ID`
    Slash,
}

impl LocationForm {
    /// The header for the object `id` of `collection`, a path that begins with a slash.
    pub(crate) fn header(self, root: &str, collection: &str, id: &str) -> (HeaderName, String) {
        let operation_location = HeaderName::from_static("operation-location");
        match self {
            Self::OperationLocation => (operation_location, format!("{root}{collection}('{id}')")),
            Self::Location => (LOCATION, format!("{root}{collection}('{id}')")),
            Self::Relative => (operation_location, format!("{collection}/{id}")),
            Self::Slash => (operation_location, format!("{root}{collection}/{id}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LocationForm;

    #[test]
    fn forms() {
        for (form, expected) in [
            (LocationForm::OperationLocation, "operation-location: https://host/v1.0/ops('7')"),
            (LocationForm::Location, "location: https://host/v1.0/ops('7')"),
            (LocationForm::Relative, "operation-location: /v1.0/ops/7"),
            (LocationForm::Slash, "operation-location: https://host/v1.0/ops/7"),
        ] {
            let (name, value) = form.header("https://host", "/v1.0/ops", "7");
            assert_eq!(format!("{name}: {value}"), expected);
        }
    }
}
