//! Where an example takes place: the embedded Graph, or a tenant.

use std::error::Error;

use graph_facade::{Client, ClientBuilder, Clock, StaticToken};
use graph_sim::Sim;

/// The tenant to run in; without one, the embedded Graph.
#[derive(Debug, clap::Args)]
pub(crate) struct Tenant {
    /// The tenant to run in, by id or domain; needs the feature `azure-identity`.
    #[arg(long, requires = "client_id")]
    tenant: Option<String>,
    /// The app to run as. Its secret is read from `AZURE_CLIENT_SECRET`; without one, the Azure CLI's sign-in is used.
    #[arg(long, requires = "tenant")]
    client_id: Option<String>,
}

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
    pub(crate) fn choose(tenant: &Tenant) -> Result<Self, Box<dyn Error>> {
        match (&tenant.tenant, &tenant.client_id, std::env::var("GRAPH_TOKEN")) {
            (Some(tenant), Some(client_id), _) => credential(tenant, client_id),
            (_, _, Ok(token)) => Ok(Self::Token(token)),
            _ => Ok(Self::Embedded),
        }
    }

    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded)
    }

    /// A client for more settings; in the embedded Graph, `ada`'s.
    pub(crate) fn connect(&self, sim: Option<&Sim>) -> ClientBuilder {
        let builder = Client::builder().user_agent(env!("CARGO_CRATE_NAME"));
        match (self, sim) {
            (Self::Token(token), _) => builder.credential(StaticToken::new(token.as_str())),
            #[cfg(feature = "azure-identity")]
            (Self::Azure(credential), _) => {
                builder.credential(graph_facade::AzureCredential::new(credential.clone()))
            }
            (Self::Embedded, Some(sim)) => builder
                .delegated(StaticToken::new(sim.token("ada")))
                .application(StaticToken::new(sim.app_token()))
                .transport(sim.transport())
                .clock(Clock::starting_at(sim.now())),
            (Self::Embedded, None) => builder,
        }
    }

    /// A runtime whose clock, in the embedded Graph, leaps to the next moment at which anything happens.
    pub(crate) fn runtime(&self) -> std::io::Result<tokio::runtime::Runtime> {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(self.is_embedded()).build()
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
