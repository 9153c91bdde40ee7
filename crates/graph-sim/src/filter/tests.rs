use serde_json::{Value, json};

use super::{Filter, FilterError};

fn group() -> Value {
    json!({
        "displayName": "Pilots' and crew",
        "mail": null,
        "groupTypes": ["Unified", "Dynamic"],
        "mailEnabled": true,
        "unseenCount": 7,
        "createdDateTime": "2026-01-05T08:00:00Z",
        "manager": { "id": "m1" },
        "assignedLicenses": [{ "skuId": "184EFA21-98c3-4e5d-95ab-d07053a96e67", "plans": ["a", "b"] }],
        "duration": "PT20M",
    })
}

/// Conditions, and whether the group fulfils them.
const CONDITIONS: &[(&str, bool)] = &[
    ("displayName eq 'Pilots'' and crew'", true),
    ("displayName eq 'pilots'' AND crew'", true),
    ("displayName eq 'Pilots'", false),
    ("displayName ne 'Pilots'", true),
    ("mail eq null", true),
    ("mail ne null", false),
    ("mail ne 'x'", true),
    ("missing eq null", true),
    ("startswith(displayName,'pil')", true),
    ("startsWith(displayName, 'crew')", false),
    ("endswith(displayName,'CREW')", true),
    ("contains(displayName,''' AND')", true),
    ("startswith(mail,'')", false),
    ("mailEnabled eq true", true),
    ("mailEnabled ne false", true),
    ("mailEnabled eq 'true'", false),
    ("unseenCount gt 6 and unseenCount ge 7 and unseenCount lt 7.5 and unseenCount le 7", true),
    ("unseenCount gt 7", false),
    ("unseenCount eq -7", false),
    ("mail gt 'a'", false),
    ("displayName gt 'a' and displayName lt 'q'", true),
    ("createdDateTime ge 2026-01-05T09:00:00+01:00", true),
    ("createdDateTime gt 2026-01-05T08:00:00Z", false),
    ("manager/id eq 'm1'", true),
    ("manager/id/nothing eq null", true),
    ("displayName in ('a', 'PILOTS'' AND CREW')", true),
    ("unseenCount in (1,2)", false),
    ("duration eq duration'PT20M'", true),
    ("groupTypes/any(c:c eq 'Unified')", true),
    ("groupTypes/any(c:c eq 'x')", false),
    ("groupTypes/all(c:c ne 'x')", true),
    ("groupTypes/all(c:c eq 'Unified')", false),
    ("mail/any(c:c eq 'x')", false),
    ("mail/all(c:c eq 'x')", true),
    ("assignedLicenses/any(s:s/skuId eq 184efa21-98c3-4e5d-95ab-d07053a96e67)", true),
    ("assignedLicenses/any(x:x/plans/any(x1:x1 eq 'b' and x/skuId ne null) and mailEnabled eq true)", true),
    ("groupTypes/$count eq 2 and mail/$count eq 0", true),
    ("not(mail eq null) or not startswith(displayName,'x')", true),
    ("not(mailEnabled eq true or mail eq null)", false),
    ("mail eq null or mail eq 'a' and mail eq 'b'", true),
    ("(mail eq null or mail eq 'a') and mail eq 'b'", false),
    ("NOT(displayName eq 'x') AND mailEnabled eq true", true),
    ("not groupTypes/any(c:c eq 'x') and mailEnabled eq true", true),
    ("not groupTypes/any(c:c eq 'Unified')", false),
    ("displayName eq'Pilots'' and crew'and mailEnabled eq true", true),
];

#[test]
fn conditions() {
    for (expression, expected) in CONDITIONS {
        let filter = Filter::parse(expression).unwrap_or_else(|fault| panic!("{expression}: {fault:?}"));
        assert_eq!(filter.accepts(&group()), *expected, "{expression}");
    }
}

/// The words of the language; what else an expression has are names and values.
const WORDS: [&str; 20] = [
    "and",
    "or",
    "not",
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "in",
    "any",
    "all",
    "startswith",
    "endswith",
    "contains",
    "true",
    "false",
    "null",
    "duration",
    "has",
];

/// An expression with its words spelled by `spell`, and blanks around every sign if it is `wide`.
fn respelled(expression: &str, spell: fn(&str) -> String, wide: bool) -> String {
    let (mut out, mut word, mut is_quoted) = (String::new(), String::new(), false);
    let mut previous = ' ';
    for character in expression.chars().chain([' ']) {
        if !is_quoted && character.is_alphabetic() {
            word.push(character);
        } else {
            let is_word = WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
            out += &if is_word { spell(&word) } else { std::mem::take(&mut word) };
            word.clear();
            let is_sign = match character {
                '(' | ')' | ',' => true,
                '/' | ':' => previous.is_alphabetic(),
                _ => false,
            };
            match character {
                sign if wide && is_sign && !is_quoted => out.extend([' ', sign, ' ']),
                ' ' if wide && !is_quoted => out += "  ",
                other => out.push(other),
            }
            is_quoted ^= character == '\'';
        }
        previous = character;
    }
    out.trim_end().to_owned()
}

#[test]
fn words_stand_in_any_case_and_blanks_where_people_put_them() {
    let title = |word: &str| word[..1].to_uppercase() + &word[1..];
    let spellings: [fn(&str) -> String; 3] = [str::to_lowercase, str::to_uppercase, title];
    for (expression, expected) in CONDITIONS {
        for spell in spellings {
            for wide in [false, true] {
                let odd = respelled(expression, spell, wide);
                let filter = Filter::parse(&odd).unwrap_or_else(|fault| panic!("{odd}: {fault:?}"));
                assert_eq!(filter.accepts(&group()), *expected, "{odd}");
            }
        }
    }
}

#[test]
fn what_is_no_condition_is_refused_with_the_reason() {
    for (expression, reason) in [
        ("", "the end stands where a word should"),
        ("displayName", "the end stands where a word should"),
        ("displayName eq x", "'x' is no value; texts stand in quotes"),
        ("displayName eq 'it's'", "a quote is not closed"),
        ("displayName eq 'a' 'b'", "the text 'b' is left over"),
        ("displayName is 'a'", "'is' is no operator"),
        ("displayName eq", "the end is no value"),
        ("displayName eq 'a' and", "the end stands"),
        ("(displayName eq 'a'", "the end stands where ')' should"),
        ("displayName eq 'a')", "')' is left over"),
        ("not displayName eq 'a'", "only in parentheses"),
        ("frobnicate(displayName) eq 'a'", "no function 'frobnicate'"),
        ("startswith(displayName,1)", "a text in quotes"),
        ("groupTypes/any(c eq 'x')", "where ':' should"),
        ("any(c:c eq 'x')", "needs a collection"),
        ("displayName in ()", "')' is no value"),
        ("1 eq 1", "'1' is no property"),
        ("a eq NaN", "no value"),
        ("a eq 'x' ; b", "no sense in ';'"),
    ] {
        let fault = Filter::parse(expression).unwrap_err();
        assert!(format!("{fault:?}").contains(reason), "{expression}: {fault:?}");
    }
    let deep = format!("{}a eq 1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(format!("{:?}", Filter::parse(&deep)).contains("deeper"));
    let deep = format!("{}a eq 1)", "not(".repeat(100_000));
    assert!(format!("{:?}", Filter::parse(&deep)).contains("deeper"));
}

#[test]
fn properties_are_those_of_the_object_not_the_variables() {
    let filter =
        Filter::parse("a/b eq 1 and c/any(x:x/d eq 2 and e in (1)) and not startswith(f,'g')").unwrap();
    assert_eq!(filter.properties(), ["a", "c", "e", "f"]);
}

#[test]
fn what_the_directory_answers_in_advanced_queries_only() {
    for (expression, expected) in [
        ("a eq 1 and (b gt 2 or startswith(c,'ne'))", None),
        ("a in ('not')", None),
        ("a eq 1 or b ne 2", Some("ne")),
        ("a/any(x:endswith(x,'y'))", Some("endswith")),
        ("not(a eq 1)", Some("not")),
        ("a/$count eq 0", Some("$count")),
    ] {
        assert_eq!(Filter::parse(expression).unwrap().advanced(), expected, "{expression}");
    }
}

#[test]
fn what_odata_has_and_the_simulator_does_not_is_told_apart_from_what_is_wrong() {
    for (expression, expected) in [
        ("tolower(displayName) eq 'a'", Some("the function 'tolower'")),
        ("length(displayName) gt 3", Some("the function 'length'")),
        ("flags has 'a'", Some("the operator 'has'")),
        ("frobnicate(displayName) eq 'a'", None),
        ("displayName is 'a'", None),
    ] {
        let what = match Filter::parse(expression).unwrap_err() {
            FilterError::NotSimulated(what) => Some(what),
            FilterError::Wrong(_) => None,
        };
        assert_eq!(what.as_deref(), expected, "{expression}");
    }
}

#[test]
fn names_are_found_in_any_case() {
    let object = json!({ "displayName": "a", "start": { "timeZone": "UTC" } });
    for expression in ["DisplayName eq 'a'", "START/timezone eq 'UTC'"] {
        assert!(Filter::parse(expression).unwrap().accepts(&object), "{expression}");
    }
}
