//! Users of the tenant.

use graph_client::Get;
use graph_models::models::User;
use graph_models::{Identify, facts};

use super::calls::get;
use crate::client::Client;

/// The users of the tenant.
#[derive(Clone, Debug)]
pub struct Users {
    client: Client,
}

impl Client {
    /// The users of the tenant.
    pub fn users(&self) -> Users {
        Users { client: self.clone() }
    }
}

impl Users {
    /// Reads one user, named by id or by user principal name.
    ///
    #[doc = facts!(USERS_GET)]
    pub fn get(&self, user: impl Identify) -> Get<User> {
        get!(&self.client, USERS_GET, users_get(user))
    }
}
