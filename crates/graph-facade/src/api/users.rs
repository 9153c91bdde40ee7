//! Users of the tenant.

use graph_models::models::User;
use graph_models::{Identify, lift, operations};

use crate::client::Client;
use crate::request::Get;

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
    pub fn get(&self, user: impl Identify) -> Get<User> {
        let id = user.identify();
        Get::new(&self.client, &operations::USERS_GET, |raw, q| {
            Box::pin(async move { Ok(lift(raw.users_get(&id?, q.expand(), q.select()).await)?) })
        })
    }
}
