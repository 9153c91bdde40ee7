//! What users are called.

use super::{Store, User};

impl Store {
    /// The users' names, as they were added.
    pub(crate) fn user_names(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(|user| user.name.as_str())
    }

    /// Replaces a user's principal name.
    pub(crate) fn set_principal_name(&mut self, id: &str, name: &str) {
        if let Some(user) = self.user_mut(id) {
            let before = std::mem::replace(&mut user.upn, name.to_owned());
            if let Some(place) = self.user_places.remove(&before.to_ascii_lowercase()) {
                self.user_places.insert(name.to_ascii_lowercase(), place);
            }
        }
    }

    /// Replaces a user's display name.
    pub(crate) fn set_display_name(&mut self, id: &str, name: &str) {
        if let Some(user) = self.user_mut(id) {
            name.clone_into(&mut user.display_name);
        }
    }

    fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(*self.user_places.get(&id.to_ascii_lowercase())?)
    }
}
