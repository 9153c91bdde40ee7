//! What holds for every transport: one list of scenarios, run over each.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use graph_runtime::BoxFuture;
use http::{Request, Response};
use tokio::time::Instant;

use super::{ExchangeLimits, HttpTransport, Transport, TransportError};

mod bodies;
mod connections;
#[cfg(feature = "rustls")]
mod http2;
#[cfg(feature = "reqwest")]
mod redirects;
pub(super) mod server;

/// Each scenario as one test for each transport.
macro_rules! over_each_transport {
    ($($scenario:path as $name:ident),* $(,)?) => {
        mod over_hyper {
            $(#[tokio::test] async fn $name() { $scenario(super::Over::Hyper).await })*
        }
        #[cfg(feature = "reqwest")]
        mod over_reqwest {
            $(#[tokio::test] async fn $name() { $scenario(super::Over::Reqwest).await })*
        }
    };
}

over_each_transport! {
    super::connections::whole_answer as an_answer_comes_whole_and_redirects_are_left_alone,
    super::connections::refused_or_broken as a_refused_connection_was_not_sent_and_a_broken_one_may_have_been,
    super::connections::no_host as an_address_without_a_host_is_not_sent,
    super::connections::half_closed_while_idle as a_connection_that_was_closed_while_idle_is_not_used_again,
    super::connections::given_up as a_connection_of_http_1_whose_call_was_given_up_is_not_used_again,
    super::bodies::at_the_limit as a_body_as_large_as_the_limit_is_taken,
    super::bodies::announced as a_body_whose_length_is_over_the_limit_is_not_read,
    super::bodies::chunked as a_body_without_end_is_given_up_at_the_limit,
    super::bodies::error_kept_in_part as of_an_error_without_end_the_beginning_is_kept,
    super::bodies::headers as headers_without_end_are_given_up,
    super::bodies::encoded as nothing_is_decompressed,
}

#[cfg(feature = "rustls")]
mod over_tls {
    use super::Over;

    over_each_transport! {
        super::super::http2::private_authority as a_private_authority_is_trusted_by_whoever_was_told_to,
        super::super::http2::shared as requests_share_a_connection,
        super::super::http2::tunnelled as requests_share_a_connection_through_a_proxy,
        super::super::http2::hung as a_connection_on_which_a_call_ran_out_of_time_gets_no_further_ones,
        super::super::http2::hung_for_a_client as a_client_goes_on_after_a_call_that_hung,
        super::super::http2::abandoned as a_call_that_is_dropped_after_a_while_leaves_its_connection_too,
        super::super::http2::cancelled as a_call_that_is_dropped_at_once_costs_the_others_nothing,
        super::super::http2::silent as a_peer_that_went_silent_is_noticed_before_the_call_times_out,
        super::super::http2::silent_while_idle as a_peer_that_went_silent_while_idle_costs_no_call_anything,
        super::super::http2::half_closed as a_connection_that_the_peer_half_closed_is_not_used_again,
        super::super::http2::endless as a_body_without_end_costs_its_stream_only,
        super::super::connections::past_the_proxy as plain_http_goes_past_the_proxy,
        super::super::connections::no_tunnel as a_proxy_that_never_answers_ends_the_call_unsent,
        super::super::connections::refused_tunnel as a_proxy_that_refuses_ends_the_call_unsent,
        super::super::connections::no_handshake as a_server_without_a_handshake_ends_the_call_unsent,
    }
}

/// The kinds of transport.
#[derive(Clone, Copy, Debug)]
pub(super) enum Over {
    Hyper,
    #[cfg(feature = "reqwest")]
    Reqwest,
}

/// Whom a transport trusts and what it goes through.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// A certificate authority, in PEM.
    pub(super) trusted: Option<String>,
    pub(super) proxy: Option<String>,
}

/// A transport of either kind.
pub(super) struct Either(Box<dyn Transport>);

impl Transport for Either {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.0.send(request)
    }
}

impl Over {
    pub(super) fn plain(self) -> Either {
        self.with(&Settings::default())
    }

    pub(super) fn with(self, settings: &Settings) -> Either {
        match self {
            Self::Hyper => Either(Box::new(hyper(settings))),
            #[cfg(feature = "reqwest")]
            Self::Reqwest => Either(Box::new(redirects::reqwest(settings))),
        }
    }
}

fn hyper(settings: &Settings) -> HttpTransport {
    #[allow(unused_mut, reason = "there is more to set with TLS")]
    let mut builder = HttpTransport::builder().no_proxy();
    #[cfg(feature = "rustls")]
    {
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(proxy);
        }
        if let Some(trusted) = &settings.trusted {
            builder = builder.add_root_certificates(trusted);
        }
    }
    let _ = settings;
    builder.build().unwrap()
}

pub(super) fn get(address: &str) -> Request<Bytes> {
    Request::get(address).header("prefer", "a").body(Bytes::new()).unwrap()
}

/// A request that may cost so much.
pub(super) fn limited(address: &str, most: u64, time: Option<Duration>) -> Request<Bytes> {
    let mut request = get(address);
    let deadline = time.map(|time| Instant::now() + time);
    request.extensions_mut().insert(ExchangeLimits::new(most, deadline));
    request
}

/// All that is said about why.
pub(super) fn reasons(error: &TransportError) -> String {
    let (mut reasons, mut next) = (vec![error.to_string()], error.source());
    while let Some(cause) = next {
        reasons.push(cause.to_string());
        next = cause.source();
    }
    reasons.join(": ")
}

#[tokio::test]
async fn a_change_without_a_body_says_that_there_is_none() {
    use http::Method;

    for (method, expected) in [(Method::POST, true), (Method::GET, false), (Method::DELETE, false)] {
        let (root, server) = server::serve_once("HTTP/1.1 204 No Content\r\n\r\n");
        let request = Request::builder().method(&method).uri(format!("{root}/v1.0/x")).body(Bytes::new());
        HttpTransport::direct().unwrap().send(request.unwrap()).await.unwrap();
        let sent = server.join().unwrap();
        assert_eq!(sent.contains("content-length: 0\r\n"), expected, "{sent}");
        assert_eq!(sent.matches("content-length").count(), usize::from(expected), "{sent}");
    }
}

#[cfg(not(feature = "rustls"))]
#[tokio::test]
async fn without_tls_https_is_refused_with_the_remedy() {
    let error = HttpTransport::new().unwrap().send(get("https://127.0.0.1:1/v1.0/x")).await.unwrap_err();
    assert!(!error.maybe_processed(), "{error:?}");
    assert!(reasons(&error).contains("turn its feature `rustls` on"), "{}", reasons(&error));
}
