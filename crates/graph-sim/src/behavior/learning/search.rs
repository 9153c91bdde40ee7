//! What learners find: the catalogues as they were some time ago.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::properties::Properties;

/// Every state of every item, from when on learners find it. There is no operation for it: learners search in Viva Learning itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct SearchIndex(BTreeMap<Key, Vec<State>>);

/// Ids of a provider and of an item.
type Key = (String, String);

#[derive(Debug, Clone)]
struct State {
    from: Duration,
    /// The item's own id and title; none while it is gone, off the offer or not to be found.
    shown: Option<(String, String)>,
}

impl SearchIndex {
    /// From this moment on the item is found as `properties` say, or no longer.
    pub(super) fn change(
        &mut self,
        provider: &str,
        id: &str,
        from: Duration,
        properties: Option<&Properties>,
    ) {
        let is_shown = |it: &&Properties| ["isActive", "isSearchable"].iter().all(|name| it[*name] == true);
        let text = |it: &Properties, name: &str| super::contents::text(&it[name]);
        let shown = properties.filter(is_shown).map(|it| (text(it, "externalId"), text(it, "title")));
        self.0.entry((provider.to_owned(), id.to_owned())).or_default().push(State { from, shown });
    }

    /// The external ids of what a learner finds `at` a moment, by a part of the title in any case.
    pub(crate) fn find(&self, provider: &str, words: &str, at: Duration) -> Vec<String> {
        let words = words.to_lowercase();
        let own = self.0.iter().filter(|((of, _), _)| of == provider);
        let current = own.filter_map(|(_, states)| states.iter().rev().find(|state| state.from <= at));
        let shown = current.filter_map(|state| state.shown.as_ref());
        let mut found: Vec<_> = shown
            .filter(|(_, title)| title.to_lowercase().contains(&words))
            .map(|(id, _)| id.clone())
            .collect();
        found.sort();
        found
    }
}
