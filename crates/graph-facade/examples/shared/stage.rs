//! Where a journey takes place: the embedded Graph, or a tenant.

use std::error::Error;

use graph_facade::{Client, ClientBuilder, Clock, StaticToken};
use graph_sim::Sim;

use super::watch::Watch;

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
    /// A tenant, if the caller names an app in one, or a token is at hand; otherwise the embedded Graph.
    pub(crate) fn choose(tenant: Option<&str>, client_id: Option<&str>) -> Result<Self, Box<dyn Error>> {
        match (tenant, client_id, std::env::var("GRAPH_TOKEN")) {
            (Some(tenant), Some(client_id), _) => credential(tenant, client_id),
            (_, _, Ok(token)) => Ok(Self::Token(token)),
            _ => Ok(Self::Embedded),
        }
    }

    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded)
    }

    /// Where it takes place; `what` it does to a real tenant.
    pub(crate) fn introduction(&self, what: &str) -> String {
        if self.is_embedded() {
            "The embedded Graph. Nothing leaves this machine, and the clock is virtual.".to_owned()
        } else {
            format!("A real tenant: this {what}.")
        }
    }

    /// A client, as each process of a journey builds its own.
    pub(crate) fn client(&self, sim: Option<&Sim>, watch: &Watch) -> Result<Client, graph_facade::Error> {
        self.connect(sim).attempt_middleware(watch.clone()).build()
    }

    fn connect(&self, sim: Option<&Sim>) -> ClientBuilder {
        let builder = Client::builder().user_agent(env!("CARGO_CRATE_NAME"));
        match (self, sim) {
            (Self::Token(token), _) => builder.credential(StaticToken::new(token.as_str())),
            #[cfg(feature = "azure-identity")]
            (Self::Azure(credential), _) => {
                builder.credential(graph_facade::AzureCredential::new(credential.clone()))
            }
            (Self::Embedded, Some(sim)) => builder
                .credential(StaticToken::new(sim.token("ada")))
                .transport(sim.transport())
                .clock(Clock::starting_at(sim.now())),
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
