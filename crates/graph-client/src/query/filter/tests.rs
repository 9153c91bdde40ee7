use super::Filter;
use crate::query::{Literal, field};

#[track_caller]
fn assert_written(filter: &Filter, expected: &str) {
    assert_eq!(filter.render().as_deref(), Ok(expected));
}

#[test]
fn comparisons_and_functions() {
    let name = || field("displayName");
    for (filter, expected) in [
        (name().eq("O'Brien"), "displayName eq 'O''Brien'"),
        (name().ne(Literal::null()), "displayName ne null"),
        (
            field("n").gt(1) & field("n").ge(1) & field("n").lt(2) & field("n").le(2),
            "n gt 1 and n ge 1 and n lt 2 and n le 2",
        ),
        (name().is_in(["a", "b'c"]), "displayName in ('a','b''c')"),
        (field("n").is_in([1, 2]), "n in (1,2)"),
        (name().starts_with("P'"), "startswith(displayName,'P''')"),
        (field("mail").ends_with("@x.y"), "endswith(mail,'@x.y')"),
        (name().contains(""), "contains(displayName,'')"),
        (field("manager/displayName").eq("Ada"), "manager/displayName eq 'Ada'"),
        (field("manager").field("id").eq("1"), "manager/id eq '1'"),
        (field("assignedLicenses").count().ne(0), "assignedLicenses/$count ne 0"),
    ] {
        assert_written(&filter, expected);
    }
}

#[test]
fn parentheses_stand_where_they_are_needed_and_nowhere_else() {
    let (a, b, c) = (|| field("a").eq(1), || field("b").eq(2), || field("c").eq(3));
    for (filter, expected) in [
        (a() & b() & c(), "a eq 1 and b eq 2 and c eq 3"),
        (a() & (b() & c()), "a eq 1 and b eq 2 and c eq 3"),
        (a() | b() & c(), "a eq 1 or b eq 2 and c eq 3"),
        ((a() | b()) & c(), "(a eq 1 or b eq 2) and c eq 3"),
        (a() & (b() | c()), "a eq 1 and (b eq 2 or c eq 3)"),
        (!a(), "not(a eq 1)"),
        (!!a(), "not(not(a eq 1))"),
        (!(a() | b()) & c(), "not(a eq 1 or b eq 2) and c eq 3"),
        (!field("a").starts_with("x"), "not startswith(a,'x')"),
        (!field("a").any(|it| it.eq("x")), "not(a/any(x:x eq 'x'))"),
        (a() & "b eq 2 or c eq 3", "a eq 1 and (b eq 2 or c eq 3)"),
        (a() | Filter::raw("b eq 2"), "a eq 1 or b eq 2"),
        (!Filter::raw("b eq 2"), "not(b eq 2)"),
        (a().and("b eq 2".to_owned()).or(c()), "a eq 1 and (b eq 2) or c eq 3"),
    ] {
        assert_written(&filter, expected);
    }
}

#[test]
fn each_lambda_has_a_variable_of_its_own() {
    let sku = Literal::guid("184efa21-98c3-4e5d-95ab-d07053a96e67");
    let licensed = field("assignedLicenses").any(|license| license.field("skuId").eq(sku));
    assert_written(&licensed, "assignedLicenses/any(x:x/skuId eq 184efa21-98c3-4e5d-95ab-d07053a96e67)");
    let nested = field("teams").all(|team| {
        let team_itself = team.clone();
        team.field("members").any(|member| member.field("id").eq("1") & team_itself.field("open").eq(true))
    });
    assert_written(&nested, "teams/all(x:x/members/any(x1:x1/id eq '1' and x/open eq true))");
    let beside = field("a").any(|it| it.eq(1)) | field("b").any(|it| it.eq(2));
    assert_written(&beside, "a/any(x:x eq 1) or b/any(x:x eq 2)");
}

#[test]
fn what_can_not_be_sent_is_refused_by_name() {
    let mut escaped = None;
    let _ = field("a").any(|item| {
        escaped = Some(item.clone());
        item.eq(1)
    });
    for (filter, reason) in [
        (field("").eq(1), "`filter` names no property"),
        (field("display name").eq(1), "`display name` in `filter` is no name"),
        (field("a").field("b eq 1 or c").eq(1), "is no name"),
        (field("a").eq("x\u{0}"), "control character"),
        (field("a").starts_with("x\n"), "control character"),
        (field("a").is_in::<[&str; 0]>([]), "`in` has no values"),
        (Filter::raw(" "), "`filter` is empty"),
        (Filter::raw("a eq 'x\r'"), "control character"),
        (field("ok").eq(1) & (field("ok").eq(2) | field("'").eq(3)), "is no name"),
        (escaped.unwrap().eq(2), "outside of it"),
    ] {
        let fault = filter.render().unwrap_err();
        assert!(fault.contains(reason), "{fault}");
        assert!(format!("{filter:?}").contains("refused"));
    }
}
