//! Where the journey takes place: the embedded Graph, or a tenant.

use std::error::Error;

use graph_facade::{Client, ClientBuilder, StaticToken};
use graph_sim::Sim;

use crate::Arguments;
use crate::watch::Watch;

/// Everything that differs between the two.
pub(crate) enum Stage {
    /// The embedded Graph; it is set up inside the runtime, whose clock it follows.
    Embedded,
    /// A real tenant, with a token that somebody got.
    Token(String),
    /// A real tenant, with a credential of `azure_identity`.
    #[cfg(feature = "azure-identity")]
    Azure(std::sync::Arc<dyn graph_facade::azure_core::credentials::TokenCredential>),
}

impl Stage {
    pub(crate) fn choose(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let stage = match (&arguments.tenant, &arguments.client_id, std::env::var("GRAPH_TOKEN")) {
            (Some(tenant), Some(client_id), _) => credential(tenant, client_id)?,
            (_, _, Ok(token)) => Self::Token(token),
            _ => return Ok(Self::Embedded),
        };
        match arguments.member {
            Some(_) => Ok(stage),
            None => Err("in a real tenant, name two users: --owner ID --member ID".into()),
        }
    }

    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded)
    }

    pub(crate) fn introduction(&self) -> &'static str {
        if self.is_embedded() {
            "The embedded Graph. Nothing leaves this machine, and the clock is virtual."
        } else {
            "A real tenant: this creates a community, and deletes it in the end."
        }
    }

    /// The embedded Graph with the people of the journey, if that is where it takes place.
    pub(crate) fn sim(&self) -> Option<Sim> {
        self.is_embedded().then(|| Sim::builder().user("ada").user("grace").build())
    }

    /// A client, as each process of the journey builds its own.
    pub(crate) fn client(&self, sim: Option<&Sim>, watch: &Watch) -> Result<Client, graph_facade::Error> {
        self.connect(sim).attempt_middleware(watch.clone()).build()
    }

    fn connect(&self, sim: Option<&Sim>) -> ClientBuilder {
        let builder = Client::builder().user_agent("community-lifecycle");
        match (self, sim) {
            (Self::Token(token), _) => builder.credential(StaticToken::new(token.as_str())),
            #[cfg(feature = "azure-identity")]
            (Self::Azure(credential), _) => {
                builder.credential(graph_facade::AzureCredential::new(credential.clone()))
            }
            (Self::Embedded, Some(sim)) => {
                builder.credential(StaticToken::new(sim.token("ada"))).transport(sim.transport())
            }
            (Self::Embedded, None) => builder,
        }
    }
}

#[cfg(feature = "azure-identity")]
fn credential(tenant: &str, client_id: &str) -> Result<Stage, Box<dyn Error>> {
    use graph_facade::azure_core::credentials::{Secret, TokenCredential};
    use graph_facade::azure_identity::{
        AzureCliCredential, AzureCliCredentialOptions, ClientSecretCredential,
    };

    let credential: std::sync::Arc<dyn TokenCredential> = match std::env::var("AZURE_CLIENT_SECRET") {
        Ok(secret) => ClientSecretCredential::new(tenant, client_id.to_owned(), Secret::new(secret), None)?,
        Err(_) => {
            let options =
                AzureCliCredentialOptions { tenant_id: Some(tenant.to_owned()), ..Default::default() };
            AzureCliCredential::new(Some(options))?
        }
    };
    Ok(Stage::Azure(credential))
}

#[cfg(not(feature = "azure-identity"))]
fn credential(_: &str, _: &str) -> Result<Stage, Box<dyn Error>> {
    Err("--tenant and --client-id need azure_identity: add `--features azure-identity` before `--example`"
        .into())
}
