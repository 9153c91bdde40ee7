//! Which credential a call uses.

use std::fmt;
use std::sync::Arc;

use graph_runtime::OperationInfo;

use super::TokenProvider;
use crate::error::Error;
use crate::scopes::Access;

/// The credentials of a client; at least one is there.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    /// One whose kind is not known.
    pub(crate) either: Option<Arc<dyn TokenProvider>>,
    pub(crate) delegated: Option<Arc<dyn TokenProvider>>,
    pub(crate) application: Option<Arc<dyn TokenProvider>>,
}

/// The credential of a call, and the kind of access it gives where that is known.
pub(crate) struct Chosen<'a> {
    pub(crate) provider: &'a dyn TokenProvider,
    pub(crate) access: Option<Access>,
}

impl Credentials {
    pub(crate) fn is_empty(&self) -> bool {
        self.either.is_none() && self.delegated.is_none() && self.application.is_none()
    }

    /// The credential for `operation`: the one that the caller `wanted`, or else the first that the operation is offered
    /// to, a user's before the app's own before one of unknown kind.
    pub(crate) fn choose(
        &self,
        operation: &OperationInfo,
        wanted: Option<Access>,
    ) -> Result<Chosen<'_>, Error> {
        if let Some(access) = wanted {
            if !offered(operation, access) {
                return Err(Error::refused(format!(
                    "the service does not offer this {}: call it {}",
                    words(access),
                    words(other(access)),
                )));
            }
            let provider = self.marked(access).or(self.either.as_ref());
            return provider.map(|provider| Chosen { provider: &**provider, access: wanted }).ok_or_else(
                || {
                    Error::refused(format!(
                        "the client has no credential to call this {}: give the builder one with `{}`",
                        words(access),
                        setter(access),
                    ))
                },
            );
        }
        let marked = [Access::Delegated, Access::Application]
            .into_iter()
            .filter(|access| offered(operation, *access))
            .find_map(|access| {
                self.marked(access).map(|provider| Chosen { provider: &**provider, access: Some(access) })
            });
        let either = || self.either.as_ref().map(|provider| Chosen { provider: &**provider, access: None });
        marked.or_else(either).ok_or_else(|| unsuitable(operation))
    }

    fn marked(&self, access: Access) -> Option<&Arc<dyn TokenProvider>> {
        match access {
            Access::Delegated => self.delegated.as_ref(),
            Access::Application => self.application.as_ref(),
        }
    }
}

/// The client has credentials of the other kind only.
fn unsuitable(operation: &OperationInfo) -> Error {
    let needed = if offered(operation, Access::Delegated) { Access::Delegated } else { Access::Application };
    Error::refused(format!(
        "the service offers this {} only, and the client's credential is for calls {}: give the builder one with `{}` too",
        words(needed),
        words(other(needed)),
        setter(needed),
    ))
}

/// Whether the service offers `operation` for this kind of access. A row without any permissions says nothing about it.
fn offered(operation: &OperationInfo, access: Access) -> bool {
    let unknown = operation.delegated_scopes.is_empty() && operation.application_scopes.is_empty();
    unknown || !access.scopes_of(operation).is_empty()
}

const fn other(access: Access) -> Access {
    match access {
        Access::Delegated => Access::Application,
        Access::Application => Access::Delegated,
    }
}

const fn words(access: Access) -> &'static str {
    match access {
        Access::Delegated => "on behalf of a user",
        Access::Application => "as an app",
    }
}

const fn setter(access: Access) -> &'static str {
    match access {
        Access::Delegated => ".delegated(…)",
        Access::Application => ".application(…)",
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_map();
        let named =
            [("either", &self.either), ("delegated", &self.delegated), ("application", &self.application)];
        for (name, provider) in named {
            if let Some(provider) = provider {
                all.entry(&name, provider);
            }
        }
        all.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use graph_things::operations::{PARTS_LIST, THINGS_CREATE};

    use super::{Access, Credentials};
    use crate::{StaticToken, TokenProvider};

    const USER: Option<Access> = Some(Access::Delegated);
    const APP: Option<Access> = Some(Access::Application);

    /// What `letters` stand for: a user's, an app's, either's.
    fn credentials(letters: &str) -> Credentials {
        let given = |letter| {
            letters.contains(letter).then(|| Arc::new(StaticToken::new("t")) as Arc<dyn TokenProvider>)
        };
        Credentials { delegated: given('u'), application: given('a'), either: given('e') }
    }

    #[test]
    fn the_operation_decides_and_the_caller_where_it_leaves_the_choice() {
        let (unknown, app) =
            (PARTS_LIST.clone().scopes(&[], &[]), PARTS_LIST.clone().scopes(&[], &["Thing.Sync"]));
        let (both, user, app) = (&PARTS_LIST, &THINGS_CREATE, &app);
        for (letters, operation, wanted, expected) in [
            ("ua", both, None, Ok(USER)),
            ("ua", user, None, Ok(USER)),
            ("ua", app, None, Ok(APP)),
            ("ua", &unknown, None, Ok(USER)),
            ("ua", both, APP, Ok(APP)),
            ("ua", &unknown, APP, Ok(APP)),
            ("ua", both, USER, Ok(USER)),
            ("a", both, None, Ok(APP)),
            ("a", &unknown, None, Ok(APP)),
            ("e", user, None, Ok(None)),
            ("e", app, None, Ok(None)),
            ("e", both, APP, Ok(APP)),
            ("ea", user, None, Ok(None)),
            ("ea", app, None, Ok(APP)),
            ("eu", app, None, Ok(None)),
            (
                "u",
                app,
                None,
                Err(
                    "the service offers this as an app only, and the client's credential is for calls on behalf of a user: give the builder one with `.application(…)` too",
                ),
            ),
            (
                "a",
                user,
                None,
                Err(
                    "the service offers this on behalf of a user only, and the client's credential is for calls as an app: give the builder one with `.delegated(…)` too",
                ),
            ),
            ("ua", user, APP, Err("the service does not offer this as an app: call it on behalf of a user")),
            ("uae", app, USER, Err("the service does not offer this on behalf of a user: call it as an app")),
            (
                "u",
                both,
                APP,
                Err(
                    "the client has no credential to call this as an app: give the builder one with `.application(…)`",
                ),
            ),
        ] {
            let credentials = credentials(letters);
            let chosen = credentials.choose(operation, wanted);
            let outcome = chosen.map(|chosen| chosen.access).map_err(|error| error.message().to_owned());
            assert_eq!(outcome, expected.map_err(str::to_owned), "{letters} {} {wanted:?}", operation.id);
        }
    }
}
