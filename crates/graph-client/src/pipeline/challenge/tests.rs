use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{claims, parse};

/// The challenges on one line each: the scheme, then `name=[value]`.
fn shown(value: &str) -> Vec<String> {
    parse(value)
        .iter()
        .map(|challenge| {
            let mut line = challenge.scheme.to_owned();
            for (name, value) in &challenge.parameters {
                write!(line, " {name}=[{value}]").unwrap();
            }
            line
        })
        .collect()
}

#[test]
fn challenges_are_read_as_rfc_9110_has_them() {
    for (value, expected) in [
        ("", &[][..]),
        (" , ,", &[]),
        ("Bearer", &["Bearer"]),
        ("Bearer realm=\"\"", &["Bearer realm=[]"]),
        ("Bearer realm=a,error=b", &["Bearer realm=[a] error=[b]"]),
        ("Bearer realm = \"a b\" ,\terror =\"c\"", &["Bearer realm=[a b] error=[c]"]),
        ("Bearer x=\"a, Basic y=z\"", &["Bearer x=[a, Basic y=z]"]),
        (r#"Bearer x="a\"b\\c", y="é""#, &[r#"Bearer x=[a"b\c] y=[é]"#]),
        ("Basic realm=\"r\", Bearer x=1, y=2", &["Basic realm=[r]", "Bearer x=[1] y=[2]"]),
        ("Negotiate, Bearer x=1", &["Negotiate", "Bearer x=[1]"]),
        ("Negotiate YWJj==, Bearer x=1", &["Negotiate", "Bearer x=[1]"]),
        ("Negotiate a+/b , Bearer x=1", &["Negotiate", "Bearer x=[1]"]),
        (",Bearer ,x=1,, Basic", &["Bearer x=[1]", "Basic"]),
        ("Bearer x=1, y=\"open", &["Bearer x=[1]"]),
        ("Bearer x=\"open\\", &["Bearer"]),
        ("=x", &[]),
        ("=x, Bearer y=1", &["Bearer y=[1]"]),
        ("Bearer x=1, =2, y=3", &["Bearer x=[1] y=[3]"]),
        ("Bearer x=;", &["Bearer x=[;]"]),
        ("Bearer x=1, y=, z=2", &["Bearer x=[1] y=[] z=[2]"]),
        ("Bearer x=https://a.example/b?c=d, y=1", &["Bearer x=[https://a.example/b?c=d] y=[1]"]),
        ("Bearer x=YWJj==,y=a/b+c=", &["Bearer x=[YWJj==] y=[a/b+c=]"]),
        ("Bearer x=a:b y=\"c\" z=d", &["Bearer x=[a:b] y=[c] z=[d]"]),
        ("Bearer x=a:b, Basic y=z", &["Bearer x=[a:b]", "Basic y=[z]"]),
    ] {
        assert_eq!(shown(value), expected, "{value}");
    }
}

fn claims_of(values: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
    }
    claims(&headers)
}

const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1767225600"}}}"#;

#[test]
fn a_claims_challenge_is_told_from_other_refusals() {
    let (padded, bare) = (STANDARD.encode(CLAIMS), URL_SAFE_NO_PAD.encode(CLAIMS));
    let challenge = |claims: &str| {
        format!(
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"{claims}\""
        )
    };
    let some = Some(CLAIMS.to_owned());
    assert_eq!(claims_of(&[&challenge(&padded)]), some);
    assert_eq!(claims_of(&[&challenge(&bare)]), some);
    assert_eq!(claims_of(&[&challenge(&CLAIMS.replace('"', "\\\""))]), some);
    assert_eq!(claims_of(&["Basic realm=\"x\"", &challenge(&padded)]), some);
    let plain = "https://login.microsoftonline.com/common/oauth2/authorize";
    let unquoted = |challenge: &str| challenge.replace(&format!("\"{plain}\""), plain);
    assert_eq!(claims_of(&[&unquoted(&challenge(&padded))]), some, "as Graph writes it");
    assert_eq!(claims_of(&[&challenge(&padded).replace("authorize\", ", "authorize\" ")]), some);
    let nothing_quoted = challenge(&padded).replace('"', "");
    assert_eq!(claims_of(&[&nothing_quoted]), some);
    assert_eq!(claims_of(&[&challenge(&padded).replace("Bearer", "bearer").replace("error", "ERROR")]), some);
    for other in [
        challenge("not base64!"),
        challenge(&STANDARD.encode("not json")),
        challenge(&STANDARD.encode("[]")),
        challenge(&padded).replace("insufficient_claims", "invalid_token"),
        challenge(&padded).replace("Bearer", "PoP"),
        challenge(&padded).replace("claims=", "claim="),
    ] {
        assert_eq!(claims_of(&[&other]), None, "{other}");
    }
    assert_eq!(claims_of(&[]), None);
}

fn token() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}"
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(value in "\\PC{0,80}") {
        parse(&value);
    }

    #[test]
    fn syntax_in_any_order_makes_no_panic(value in "[ ,=\"\\\\aB/\t]{0,40}") {
        parse(&value);
    }

    #[test]
    fn claims_are_found_whatever_is_left_unquoted(
        before in prop::collection::vec(("[a-z_]{1,8}", "[!#-+./-~-]{1,20}", any::<bool>()), 0..4),
        claims_quoted: bool,
        separator in "( ?, ?| )",
    ) {
        let written = |(name, value, quoted): &(String, String, bool)| {
            let value = if *quoted { format!("\"{}\"", value.replace('\\', "\\\\")) } else { value.clone() };
            format!("x{name}={value}")
        };
        let mut parameters: Vec<_> = before.iter().map(written).collect();
        let claims = STANDARD.encode(CLAIMS);
        parameters.push("error=insufficient_claims".to_owned());
        parameters.push(if claims_quoted { format!("claims=\"{claims}\"") } else { format!("claims={claims}") });
        let header = format!("Bearer realm=\"\"{separator}{}", parameters.join(&separator));
        prop_assert_eq!(claims_of(&[&header]), Some(CLAIMS.to_owned()), "{}", header);
    }

    #[test]
    fn what_is_written_is_read(
        challenges in prop::collection::vec((token(), prop::collection::vec((token(), "[ -~]{0,12}"), 0..4)), 0..4),
    ) {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let written: Vec<_> = challenges.iter().map(|(scheme, parameters)| {
            let parameters: Vec<_> =
                parameters.iter().map(|(name, value)| format!("{name}=\"{}\"", quoted(value))).collect();
            format!("{scheme} {}", parameters.join(", "))
        }).collect();
        let read: Vec<_> = parse(&written.join(", ")).into_iter().map(|challenge| {
            let parameters = challenge.parameters.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned()));
            (challenge.scheme.to_owned(), parameters.collect::<Vec<_>>())
        }).collect();
        prop_assert_eq!(read, challenges);
    }
}
