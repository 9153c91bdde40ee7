//! HTTP/2, where one connection carries everything.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join;
use tokio::time::{pause, resume, sleep, timeout};

use super::server::{Http2, Relay, Whim, proxy};
use super::{Either, Over, Settings, get, limited, reasons};
use crate::transport::{MAX_RESPONSE_BYTES, Transport as _};
use crate::{Client, ErrorKind, NoRetry, StaticToken};

/// Before a peer is asked for a sign of life, so that nothing but the clock ends a call.
const SHORT: Duration = Duration::from_secs(15);

fn trusting(over: Over, server: &Http2) -> Either {
    over.with(&Settings { trusted: Some(server.authority.clone()), ..Settings::default() })
}

/// Which connection answers.
async fn connection(transport: &Either, root: &str) -> String {
    let answer = transport.send(get(&format!("{root}/v1.0/x"))).await.unwrap();
    let said: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(said["description"], "HTTP/2.0 GET /v1.0/x");
    said["id"].as_str().unwrap().to_owned()
}

pub(super) async fn private_authority(over: Over) {
    let (server, other) = (Http2::start().await, Http2::start().await);
    assert_eq!(connection(&trusting(over, &server), &server.root()).await, "connection 1");
    for transport in [over.plain(), trusting(over, &other)] {
        let error = transport.send(get(&server.root())).await.unwrap_err();
        assert!(!error.maybe_processed(), "{error:?}");
        assert!(reasons(&error).contains("certificate"), "{}", reasons(&error));
    }
}

pub(super) async fn shared(over: Over) {
    let server = Http2::start().await;
    let transport = trusting(over, &server);
    for _ in 0..3 {
        assert_eq!(connection(&transport, &server.root()).await, "connection 1");
    }
}

pub(super) async fn tunnelled(over: Over) {
    let server = Http2::start().await;
    let (proxy, asked) = proxy(server.address).await;
    let transport = over.with(&Settings {
        trusted: Some(server.authority.clone()),
        proxy: Some(format!("http://ada:secret@{proxy}")),
    });
    for _ in 0..2 {
        assert_eq!(connection(&transport, &server.root()).await, "connection 1");
    }
    let asked = asked.await.unwrap().to_ascii_lowercase();
    assert!(asked.starts_with(&format!("connect {} http/1.1\r\n", server.address)), "{asked}");
    assert!(asked.contains("proxy-authorization: basic ywrhonnly3jlda==\r\n"), "{asked}");
    assert!(!asked.contains("v1.0") && !asked.contains("prefer"), "{asked}");
}

pub(super) async fn hung(over: Over) {
    let server = Http2::start().await;
    let transport = trusting(over, &server);
    let request = limited(&format!("{}/hang", server.root()), MAX_RESPONSE_BYTES, Some(SHORT));
    let call = timeout(SHORT, transport.send(request));
    let (outcome, ()) = join(call, stop_the_clock_when_asked(&server)).await;
    resume();
    assert!(outcome.is_err(), "{outcome:?}");
    assert_eq!(connection(&transport, &server.root()).await, "connection 2");
}

pub(super) async fn hung_for_a_client(over: Over) {
    let server = Http2::start().await;
    let client = Client::builder()
        .root(server.root())
        .credential(StaticToken::new("t"))
        .transport(trusting(over, &server))
        .retry(NoRetry)
        .timeout(SHORT)
        .build()
        .unwrap();
    let call = client.things().get("hang").send();
    let (outcome, ()) = join(call, stop_the_clock_when_asked(&server)).await;
    resume();
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    for _ in 0..3 {
        let group = client.things().get("g").await.unwrap();
        assert_eq!(group.id.as_deref(), Some("connection 2"));
    }
}

pub(super) async fn abandoned(over: Over) {
    let server = Http2::start().await;
    let transport = trusting(over, &server);
    {
        let call = timeout(SHORT, transport.send(get(&format!("{}/hang", server.root()))));
        let (outcome, ()) = join(call, stop_the_clock_when_asked(&server)).await;
        resume();
        assert!(outcome.is_err(), "{outcome:?}");
    }
    assert_eq!(connection(&transport, &server.root()).await, "connection 2");
}

pub(super) async fn cancelled(over: Over) {
    let server = Http2::start().await;
    let transport = trusting(over, &server);
    let request = limited(&format!("{}/hang", server.root()), MAX_RESPONSE_BYTES, Some(SHORT));
    // How long that takes is the machine's to say, not the clock's.
    assert_eq!(connection(&transport, &server.root()).await, "connection 1");
    pause();
    tokio::select! {
        answer = transport.send(request) => panic!("{answer:?}"),
        () = server.hanging.notified() => {}
    }
    resume();
    assert_eq!(connection(&transport, &server.root()).await, "connection 1");
}

async fn stop_the_clock_when_asked(server: &Http2) {
    server.hanging.notified().await;
    pause();
}

/// A server behind a relay, and the address of the latter.
async fn relayed() -> (Http2, Relay, String) {
    let server = Http2::start().await;
    let relay = Relay::to(server.address).await;
    let root = format!("https://{}", relay.address);
    (server, relay, root)
}

pub(super) async fn silent(over: Over) {
    let (server, relay, root) = relayed().await;
    let transport = trusting(over, &server);
    let call = timeout(Duration::from_secs(59), transport.send(get(&format!("{root}/hang"))));
    let silence = async {
        server.hanging.notified().await;
        relay.change(Whim::Silence);
        pause();
    };
    let (outcome, ()) = join(call, silence).await;
    resume();
    let error = outcome.unwrap().unwrap_err();
    assert!(error.maybe_processed(), "{error:?}");
    assert!(reasons(&error).contains("keep-alive"), "{}", reasons(&error));
    assert_eq!(connection(&transport, &root).await, "connection 2");
}

pub(super) async fn silent_while_idle(over: Over) {
    let (server, relay, root) = relayed().await;
    let transport = trusting(over, &server);
    assert_eq!(connection(&transport, &root).await, "connection 1");
    relay.change(Whim::Silence);
    pause();
    sleep(Duration::from_secs(40)).await;
    resume();
    assert_eq!(connection(&transport, &root).await, "connection 2");
}

pub(super) async fn half_closed(over: Over) {
    let (server, relay, root) = relayed().await;
    let transport = trusting(over, &server);
    let half_close = async {
        server.hanging.notified().await;
        relay.change(Whim::HalfClose);
    };
    let (outcome, ()) = join(transport.send(get(&format!("{root}/hang"))), half_close).await;
    let error = outcome.unwrap_err();
    assert!(error.maybe_processed(), "{error:?}");
    assert_eq!(connection(&transport, &root).await, "connection 2");
    assert_eq!(relay.accepted.load(Ordering::SeqCst), 2);
}

pub(super) async fn endless(over: Over) {
    let server = Http2::start().await;
    let transport = trusting(over, &server);
    let error =
        transport.send(limited(&format!("{}/endless", server.root()), 100_000, None)).await.unwrap_err();
    assert!(reasons(&error).contains("at most 100000 are allowed"), "{}", reasons(&error));
    assert_eq!(connection(&transport, &server.root()).await, "connection 1");
}
