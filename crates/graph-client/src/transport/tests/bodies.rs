//! Answers that are larger than they may be.

use http::StatusCode;

use super::server::{FLOOD, flood, serve_once};
use super::{Over, get, limited, reasons};
use crate::transport::Transport as _;

const MOST: u64 = 100_000;

pub(super) async fn at_the_limit(over: Over) {
    for (most, taken) in [(4, true), (3, false)] {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody",
        ] {
            let (root, server) = serve_once(answer);
            let outcome = over.plain().send(limited(&root, most, None)).await;
            assert_eq!(outcome.is_ok(), taken, "{most}: {outcome:?}");
            assert!(outcome.is_err() || &outcome.unwrap().body()[..] == b"body");
            server.join().unwrap();
        }
    }
}

pub(super) async fn announced(over: Over) {
    let (root, server) =
        flood("HTTP/1.1 200 OK\r\nrequest-id: r-1\r\nContent-Length: 1610612736\r\n\r\n", " ");
    let error = over.plain().send(limited(&root, MOST, None)).await.unwrap_err();
    assert!(error.maybe_processed(), "{error:?}");
    let reasons = reasons(&error);
    assert!(
        reasons.contains("1610612736 bytes") && reasons.contains("at most 100000 are allowed"),
        "{reasons}"
    );
    let answer = error.answer().unwrap();
    assert_eq!((answer.status, &answer.headers["request-id"]), (StatusCode::OK, &"r-1".parse().unwrap()));
    assert!(server.await.unwrap() < FLOOD, "the connection ends");
}

pub(super) async fn chunked(over: Over) {
    let (root, server) = flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\nbody\r\n");
    let error = over.plain().send(limited(&root, MOST, None)).await.unwrap_err();
    assert!(reasons(&error).contains("at most 100000 are allowed"), "{}", reasons(&error));
    assert!(server.await.unwrap() < FLOOD, "the connection ends");
}

pub(super) async fn error_kept_in_part(over: Over) {
    for head in [
        "HTTP/1.1 503 Slow down\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 503 Slow down\r\nRetry-After: 7\r\nContent-Length: 1610612736\r\n\r\n",
    ] {
        let piece = if head.contains("chunked") { "4\r\nbody\r\n" } else { "body" };
        let (root, server) = flood(head, piece);
        let answer = over.plain().send(get(&root)).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (503, &"7".parse().unwrap())
        );
        assert_eq!(answer.body().len(), 64 * 1024);
        assert!(answer.body().starts_with(b"bodybody"));
        assert!(server.await.unwrap() < FLOOD, "the connection ends");
    }
}

pub(super) async fn headers(over: Over) {
    let (root, server) = flood("HTTP/1.1 200 OK\r\n", "x-more: and more\r\n");
    let error = over.plain().send(get(&root)).await.unwrap_err();
    assert!(error.maybe_processed(), "{error:?}");
    assert!(server.await.unwrap() < FLOOD, "the connection ends");
}

pub(super) async fn encoded(over: Over) {
    let answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody";
    let (root, server) = serve_once(answer);
    let answer = over.plain().send(get(&root)).await.unwrap();
    assert_eq!(
        (&answer.body()[..], &answer.headers()["content-encoding"]),
        (&b"body"[..], &"gzip".parse().unwrap())
    );
    let request = server.join().unwrap().to_ascii_lowercase();
    assert!(!request.contains("accept-encoding"), "{request}");
}
