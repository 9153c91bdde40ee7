//! What a method of the raw client does. The path is progenitor's; the rest is left to the runtime, which parses no URL and
//! makes no request of reqwest's: that took longer than all else between the caller and the transport.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprMethodCall, GenericArgument, GenericParam, ImplItemFn, Local, Pat, PathArguments, ReturnType,
    Stmt, Token, Type,
};

use crate::emit::ident;
use crate::names;
use crate::problem::{Problem, Result};
use crate::surface::Surface;

/// The ids of operations by the names of their methods: with thousands of them, looking one up has to be quick.
pub(super) type Ids<'s> = HashMap<String, &'s str>;

/// The ids of all operations.
pub(super) fn ids(surface: &Surface) -> Ids<'_> {
    let ids = surface.operations.iter().map(|operation| operation.id.as_str());
    ids.map(|id| (Surface::method_name(id), id)).collect()
}

/// Replaces progenitor's body of `method`. What is in it that the runtime does not know is an error.
pub(super) fn rewrite(method: &mut ImplItemFn, ids: &Ids<'_>) -> Result<()> {
    let name = method.sig.ident.to_string();
    let unknown = |what: String| {
        let problem = Problem::at(format!("progenitor's method {name}"), what);
        problem.help("teach `emit/client/body.rs` what to make of it")
    };
    let id = ids.get(&name).copied();
    let table = ident(&names::screaming(id.ok_or_else(|| unknown("no operation has it".to_owned()))?));
    let end = end(method).ok_or_else(|| unknown("it reads its answer in another way".to_owned()))?;
    let (address, url) =
        local(method, &["url", "_url"]).ok_or_else(|| unknown("it has no URL".to_owned()))?;
    let (_, request) =
        local(method, &["request", "_request"]).ok_or_else(|| unknown("it builds no request".to_owned()))?;
    let parts = parts(request).map_err(unknown)?;
    let url = written(url).ok_or_else(|| unknown(format!("a URL {}", url.to_token_stream())))?;
    let block = quote! {{
        let #address = #url;
        self.inner.request(&super::operations::#table, #address)#(#parts)*.#end()
    }};
    method.block = syn::parse2(block).map_err(|error| unknown(error.to_string()))?;
    BytesForBodies.visit_impl_item_fn_mut(method);
    sent_at_once(method).ok_or_else(|| unknown("it gives something else than a response".to_owned()))
}

/// The request is built when the method is called, so that nothing is borrowed until the answer comes: `fn(&self, …) -> Sending<T>`
/// instead of `async fn<'a>(&'a self, …) -> Result<ResponseValue<T>, Error<()>>`.
fn sent_at_once(method: &mut ImplItemFn) -> Option<()> {
    let answered = answered(&method.sig.output)?;
    method.sig.asyncness = None;
    method.sig.output = syn::parse_quote!(-> Sending<#answered>);
    let parameters = std::mem::take(&mut method.sig.generics.params).into_iter();
    let of_types = |parameter: &GenericParam| !matches!(parameter, GenericParam::Lifetime(_));
    method.sig.generics.params = parameters.filter(of_types).collect();
    *method.sig.inputs.first_mut()? = syn::parse_quote!(&self);
    Unnamed.visit_signature_mut(&mut method.sig);
    Some(())
}

/// `T` of `Result<ResponseValue<T>, …>`.
fn answered(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, result) = output else { return None };
    first_argument(&first_argument(result)?)
}

/// The first type in the angle brackets of `of`.
fn first_argument(of: &Type) -> Option<Type> {
    let Type::Path(path) = of else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(argument) => Some(argument.clone()),
        _ => None,
    }
}

/// Takes the names of lifetimes away.
struct Unnamed;

impl VisitMut for Unnamed {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
    }
}

/// The variable of one of these names, and its value.
fn local<'a>(method: &'a ImplItemFn, names: &[&str]) -> Option<(&'a syn::Ident, &'a Expr)> {
    method.block.stmts.iter().find_map(|statement| {
        let Stmt::Local(Local { pat: Pat::Ident(variable), init: Some(init), .. }) = statement else {
            return None;
        };
        names.iter().any(|name| variable.ident == name).then_some((&variable.ident, &*init.expr))
    })
}

/// The runtime's writing of `format!("{}/…/{}", self.baseurl, encode_path(&argument.to_string()))`, which needs no text for each
/// argument.
fn written(url: &Expr) -> Option<TokenStream> {
    let Expr::Macro(format) = url else { return None };
    let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
    let mut arguments = format.mac.parse_body_with(arguments).ok()?;
    for argument in &mut arguments {
        if let Expr::Call(encode) = argument
            && let Some(Expr::Reference(text)) = encode.args.first()
            && let Expr::MethodCall(to_string) = &*text.expr
        {
            encode.args = std::iter::once((*to_string.receiver).clone()).collect();
        }
    }
    arguments.pop_punct();
    Some(quote! { graph_runtime::address!(#arguments) })
}

/// The calls of the runtime for progenitor's calls of reqwest's builder.
fn parts(request: &Expr) -> std::result::Result<Vec<TokenStream>, String> {
    let mut calls = Vec::new();
    let mut rest = if let Expr::Try(attempt) = request { &*attempt.expr } else { request };
    while let Expr::MethodCall(call) = rest {
        calls.push(call);
        rest = &call.receiver;
    }
    let mut media_type = quote! { "application/octet-stream" };
    let mut parts = Vec::new();
    for call in calls.into_iter().rev() {
        let arguments = &call.args;
        match call.method.to_string().as_str() {
            // The table has the method; the one header of progenitor's own is unknown to Graph.
            "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "trace" | "headers"
            | "build" => {}
            // The same header for all that is read.
            "header" if names_header(call, "ACCEPT") => {}
            "header" if names_header(call, "CONTENT_TYPE") => {
                media_type = literal(call).ok_or("a content type")?;
            }
            "query" => parts.push(query(call).ok_or_else(|| format!("a query {}", call.to_token_stream()))?),
            "json" => parts.push(quote! { .json(#arguments) }),
            "body" => parts.push(quote! { .body(#media_type, #arguments) }),
            other => return Err(format!("it calls `{other}` of reqwest's builder")),
        }
    }
    Ok(parts)
}

fn names_header(call: &ExprMethodCall, constant: &str) -> bool {
    let Some(Expr::Path(name)) = call.args.first() else { return false };
    name.path.segments.last().is_some_and(|segment| segment.ident == constant)
}

/// The text in `.header(NAME, HeaderValue::from_static("text"))`.
fn literal(call: &ExprMethodCall) -> Option<TokenStream> {
    let Expr::Call(value) = call.args.get(1)? else { return None };
    value.args.first().map(ToTokens::to_token_stream)
}

/// `.query("name", value)` for `.query(&QueryParam::new("name", &value))`.
fn query(call: &ExprMethodCall) -> Option<TokenStream> {
    let Expr::Reference(parameter) = call.args.first()? else { return None };
    let Expr::Call(new) = &*parameter.expr else { return None };
    let (name, Expr::Reference(value)) = (new.args.first()?, new.args.get(1)?) else { return None };
    let value = &value.expr;
    Some(quote! { .query(#name, #value) })
}

/// By which call of the runtime the answer is read.
fn end(method: &mut ImplItemFn) -> Option<syn::Ident> {
    let mut ends = Ends(Vec::new());
    ends.visit_block_mut(&mut method.block);
    match ends.0.as_slice() {
        [end] => Some(ident(end)),
        _ => None,
    }
}

/// The functions by which progenitor makes a value of an answer.
struct Ends(Vec<&'static str>);

impl VisitMut for Ends {
    fn visit_expr_path_mut(&mut self, function: &mut syn::ExprPath) {
        let names: Vec<_> = function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["ResponseValue", "from_response"] => self.0.push("read"),
            ["ResponseValue", "empty"] => self.0.push("done"),
            ["ResponseValue", "stream"] => self.0.push("bytes"),
            ["ResponseValue", _] => self.0.extend(["unknown", "unknown"]),
            _ => {}
        }
        visit_mut::visit_expr_path_mut(self, function);
    }
}

/// A request may have to be sent again, which a stream can't be; and an answer is there as a whole before it is read.
struct BytesForBodies;

impl VisitMut for BytesForBodies {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names == ["reqwest", "Body"] || names == ["ByteStream"] {
            *path = syn::parse_quote!(graph_runtime::Bytes);
        }
        visit_mut::visit_path_mut(self, path);
    }
}
