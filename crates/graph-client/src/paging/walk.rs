//! From one page to the next.

use graph_runtime::{Collection, Inspect, OperationInfo};
use serde::de::DeserializeOwned;

use super::PageLink;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::pipeline::{CallOptions, Outgoing};
use crate::query::continue_query;
use crate::response::Response;

/// The service's links lead in a circle: the list would never end.
///
/// It is the [`source`](std::error::Error::source) of the error that such a list ends with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the next page is one that was read already, so the list would never end: start it again")]
#[non_exhaustive]
pub struct PageLoop;

/// What is needed to read the next page.
pub(crate) struct Walk {
    client: Client,
    operation: &'static OperationInfo,
    options: CallOptions,
    circle: CircleCheck,
}

impl Walk {
    pub(crate) fn new(client: Client, operation: &'static OperationInfo, options: CallOptions) -> Self {
        Self { client, operation, options, circle: CircleCheck::default() }
    }

    pub(crate) async fn next<T: DeserializeOwned + Inspect>(
        &mut self,
        link: &PageLink,
    ) -> Result<Response<Collection<T>>, Error> {
        let refused = |error: Error| error.with_operation(self.operation);
        if self.circle.closes_with(link) {
            return Err(refused(Error::from_source(ErrorKind::Decode, PageLoop)));
        }
        let pipeline = &self.client.pipeline;
        let url = pipeline
            .root
            .resolve(link.as_str())
            .map_err(|foreign| refused(Error::from_source(ErrorKind::InvalidRequest, foreign)))?;
        let mut headers = self.options.headers.clone();
        continue_query(self.operation, &url, &mut headers);
        let terms = self.options.terms(self.client.terms());
        let mut outgoing = Outgoing::reading(&url, headers).map_err(refused)?;
        let answer = pipeline.send(self.operation, &mut outgoing, &terms).await?;
        let page: Collection<T> = pipeline.read(self.operation, &answer)?;
        let headers = answer.response.into_parts().0.headers;
        Ok(Response::new(headers, page, answer.receipt))
    }
}

/// Notices a circle of links of any length within some rounds of it, in constant memory (Brent's algorithm): one link is
/// remembered, and replaced after 1, 2, 4, 8 … pages.
#[derive(Debug, Default)]
struct CircleCheck {
    remembered: Option<PageLink>,
    steps: u64,
    limit: u64,
}

impl CircleCheck {
    fn closes_with(&mut self, link: &PageLink) -> bool {
        if self.remembered.as_ref() == Some(link) {
            return true;
        }
        self.steps += 1;
        if self.steps > self.limit {
            self.remembered = Some(link.clone());
            self.steps = 0;
            self.limit = (self.limit * 2).max(1);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{CircleCheck, PageLink};

    fn pages_until_noticed(lead: usize, circle: usize) -> Option<usize> {
        let mut check = CircleCheck::default();
        let number = |page: usize| if page < lead { page } else { lead + (page - lead) % circle };
        (0..10_000).find(|page| check.closes_with(&PageLink(number(*page).to_string())))
    }

    #[test]
    fn every_circle_is_noticed_and_a_straight_line_is_none() {
        for lead in [0, 1, 5, 100] {
            for circle in [1, 2, 3, 50] {
                let noticed = pages_until_noticed(lead, circle).unwrap();
                assert!(noticed <= 4 * (lead + circle) + 4, "{lead} {circle}: {noticed}");
            }
        }
        assert_eq!(pages_until_noticed(0, 1), Some(1), "a page that names itself");
        assert_eq!(pages_until_noticed(20_000, 1), None);
    }
}
