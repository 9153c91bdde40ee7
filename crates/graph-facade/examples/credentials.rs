//! The ways to sign in that `azure_identity` has, one command each; then a page of groups is read.
//!
//! ```text
//! AZURE_CLIENT_SECRET=… cargo run -p graph-facade --features azure-identity --example credentials -- secret --tenant ID --client-id ID
//! cargo run -p graph-facade --features azure-identity --example credentials -- cli
//! ```
//!
//! Without a command it says which there are, and does nothing.

use std::error::Error;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use graph_facade::azure_core::credentials::{Secret, TokenCredential};
use graph_facade::azure_identity::{
    AzureCliCredential, ClientSecretCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential,
};
use graph_facade::{AzureCredential, Client};
#[cfg(feature = "azure-certificate")]
use graph_facade::{azure_core::credentials::SecretBytes, azure_identity::ClientCertificateCredential};

/// Reads a page of groups with a credential of your choice.
#[derive(Parser)]
#[command(arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    way: Way,
}

#[derive(Subcommand)]
enum Way {
    /// As an app, with the secret in `AZURE_CLIENT_SECRET`.
    Secret(App),
    /// As an app, with a certificate and its private key in a PKCS 12 file; needs the feature `azure-certificate`.
    #[cfg(feature = "azure-certificate")]
    Certificate {
        #[command(flatten)]
        app: App,
        /// The file.
        #[arg(long)]
        file: std::path::PathBuf,
    },
    /// As the identity that Azure gives the machine or service this runs on.
    ManagedIdentity {
        /// The client id, where the identity is one that was assigned by somebody.
        #[arg(long)]
        client_id: Option<String>,
    },
    /// As the app that a Kubernetes pod is federated with, from the variables that AKS sets.
    WorkloadIdentity,
    /// On behalf of whoever is signed in to the Azure CLI.
    Cli,
    /// Both side by side: on behalf of whoever is signed in to the Azure CLI, and as an app with its secret.
    Both(App),
}

#[derive(Args)]
struct App {
    #[arg(long)]
    tenant: String,
    #[arg(long)]
    client_id: String,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn client(way: Way) -> Outcome<Client> {
    let builder = Client::builder();
    let builder = match way {
        Way::Secret(app) => builder.application(secret(app)?),
        #[cfg(feature = "azure-certificate")]
        Way::Certificate { app, file } => builder.application(certificate(app, &file)?),
        Way::ManagedIdentity { client_id } => builder.application(managed_identity(client_id)?),
        Way::WorkloadIdentity => builder.application(azure(WorkloadIdentityCredential::new(None)?)),
        Way::Cli => builder.delegated(azure(AzureCliCredential::new(None)?)),
        Way::Both(app) => builder.delegated(azure(AzureCliCredential::new(None)?)).application(secret(app)?),
    };
    Ok(builder.build()?)
}

fn azure(credential: Arc<dyn TokenCredential>) -> AzureCredential {
    AzureCredential::new(credential)
}

fn secret(app: App) -> Outcome<AzureCredential> {
    let secret = Secret::new(std::env::var("AZURE_CLIENT_SECRET").map_err(|_| "set AZURE_CLIENT_SECRET")?);
    Ok(azure(ClientSecretCredential::new(&app.tenant, app.client_id, secret, None)?))
}

#[cfg(feature = "azure-certificate")]
fn certificate(app: App, file: &std::path::Path) -> Outcome<AzureCredential> {
    let certificate = SecretBytes::new(std::fs::read(file)?);
    Ok(azure(ClientCertificateCredential::new(app.tenant, app.client_id, certificate, None)?))
}

fn managed_identity(client_id: Option<String>) -> Outcome<AzureCredential> {
    let user_assigned_id = client_id.map(UserAssignedId::ClientId);
    let options = ManagedIdentityCredentialOptions { user_assigned_id, ..Default::default() };
    Ok(azure(ManagedIdentityCredential::new(Some(options))?))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let way = Arguments::parse().way;
    let ask_twice = matches!(way, Way::Both(_));
    let client = client(way)?;
    let groups = client.groups().list().select(["displayName"]).top(10).await?;
    println!("{} groups on the first page", groups.items.len());
    if ask_twice {
        // What is offered to both goes on behalf of the user, unless the program says otherwise.
        let groups = client.as_app().groups().list().select(["displayName"]).top(10).await?;
        println!("{} as the app", groups.items.len());
    }
    Ok(())
}
