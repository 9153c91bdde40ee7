//! What can be said to `cargo codegen`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use codegen::slice::Slice;

/// Trims Microsoft Graph's OpenAPI document and generates graph-models from it.
#[derive(Parser)]
#[command(name = "cargo codegen", bin_name = "cargo codegen")]
pub(crate) struct Arguments {
    /// The checkout to work on; by default the one around the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Cut the upstream files down to spec/surface.toml; write the slices, the contract and a receipt.
    #[command(group = ArgGroup::new("files").required(true).multiple(true))]
    Trim {
        /// The upstream OpenAPI document that spec/upstream.toml names.
        #[arg(long, value_name = "FILE", group = "files")]
        upstream: Option<PathBuf>,
        /// The upstream file of permissions that spec/upstream.toml names.
        #[arg(long, value_name = "FILE", group = "files")]
        permissions: Option<PathBuf>,
    },
    /// Write everything that follows from what is committed under spec/, offline; with --surface, --upstream and
    /// --out, a crate of its own.
    Generate {
        /// The OpenAPI document to cut from.
        #[arg(long, value_name = "FILE", requires_all = ["surface", "out"])]
        upstream: Option<PathBuf>,
        /// Microsoft's file of permissions, which has to have those that the surface lists; without it, they are believed.
        #[arg(long, value_name = "FILE", requires = "out")]
        permissions: Option<PathBuf>,
        /// Write over files that were edited since they were generated.
        #[arg(long, requires = "out")]
        overwrite: bool,
        #[command(flatten)]
        slice: SliceArguments,
    },
    /// Move on to a new upstream document: say what it changes and what has to be done by hand, or write all that follows from it.
    Update(UpdateArguments),
    /// Print the least privileged permissions that suffice for these operations together.
    Scopes(ScopesArguments),
    /// Fail with a diff if `generate` would change anything.
    Check {
        /// The OpenAPI document that all of it has to follow from; without it, what is committed under spec/ is believed.
        #[arg(long, value_name = "FILE")]
        upstream: Option<PathBuf>,
        /// The file of permissions that those under spec/ have to follow from, or that has to have those that the surface lists;
        /// without it, they are believed.
        #[arg(long, value_name = "FILE")]
        permissions: Option<PathBuf>,
        #[command(flatten)]
        slice: SliceArguments,
    },
    /// Say what changed between two OpenAPI documents, and what it means for the generated API.
    Diff(DiffArguments),
}

/// A crate of one's own instead of the project's.
#[derive(Args)]
pub(crate) struct SliceArguments {
    /// What is kept: `[[keep]]` tables with a `path` (`*` and `**` are wildcards) and optional `methods` and `id`.
    #[arg(long, value_name = "FILE", requires_all = ["upstream", "out"])]
    surface: Option<PathBuf>,
    /// The folder of the crate; everything in it is the generator's.
    #[arg(long, value_name = "DIR", requires_all = ["surface", "upstream"])]
    out: Option<PathBuf>,
    /// The crate's name; by default that of its folder.
    #[arg(long, requires = "out")]
    name: Option<String>,
    /// Corrections, in the form of spec/overlay.toml.
    #[arg(long, value_name = "FILE", requires = "out")]
    overlay: Option<PathBuf>,
    /// Descriptions, in the form of spec/docs.yaml.
    #[arg(long, value_name = "FILE", requires = "out")]
    docs: Option<PathBuf>,
    /// Request quotas, in the form of spec/limits.toml.
    #[arg(long, value_name = "FILE", requires = "out")]
    limits: Option<PathBuf>,
}

impl SliceArguments {
    /// The crate of one's own, if one is meant.
    pub(crate) fn of(self, upstream: Option<PathBuf>) -> Option<Slice> {
        let Self { surface, out, name, overlay, docs, limits } = self;
        Some(Slice {
            surface: surface?,
            upstream: upstream?,
            out: out?,
            name,
            overlay,
            docs,
            limits,
            permissions: None,
            overwrite: false,
        })
    }
}

#[derive(Args)]
pub(crate) struct ScopesArguments {
    /// Ids of operations, such as `communities.create`.
    #[arg(required_unless_present = "all", value_name = "OPERATION")]
    pub(crate) operations: Vec<String>,
    /// Instead, a line for every operation: its id, the least on behalf of a user, and the least for an app alone.
    #[arg(long, conflicts_with = "operations")]
    pub(crate) all: bool,
    /// For machines: of each operation, all permissions of which one suffices, least privileged first.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("news").required(true).multiple(true))]
pub(crate) struct UpdateArguments {
    /// The new OpenAPI document.
    #[arg(long, value_name = "FILE", group = "news")]
    pub(crate) upstream: Option<PathBuf>,
    /// The new file of permissions; with --out, the one that has to have those that the surface lists.
    #[arg(long, value_name = "FILE", group = "news")]
    pub(crate) permissions: Option<PathBuf>,
    /// What people call the document, or the permissions if they come alone, for spec/upstream.toml and the changelog; by
    /// default the document's own title and version.
    #[arg(long, conflicts_with = "out")]
    pub(crate) title: Option<String>,
    /// Where it is to be had, for spec/upstream.toml; by default where the old one was.
    #[arg(long, conflicts_with = "out")]
    pub(crate) origin: Option<String>,
    /// Say everything, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write over files that were edited since they were generated.
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) slice: SliceArguments,
}

/// Two documents, and how their differences are told.
#[derive(Args)]
pub(crate) struct DiffArguments {
    /// The older document, or the only one: the newer one is then held against what is committed, as far as
    /// spec/surface.toml keeps it.
    #[arg(value_name = "OLD", required_unless_present = "permissions")]
    pub(crate) first: Option<PathBuf>,
    /// The newer document.
    #[arg(value_name = "NEW", group = "against")]
    pub(crate) second: Option<PathBuf>,
    /// Instead of a second document, a report of drift: the JSON of what a running client has met.
    #[arg(long, value_name = "FILE", group = "against")]
    pub(crate) drift: Option<PathBuf>,
    /// A new file of permissions, held against what is committed; given twice, the second against the first.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["against", "paths", "surface"])]
    pub(crate) permissions: Vec<PathBuf>,
    /// Only paths that match, and what they lead to: `/groups/**`. May be given several times.
    #[arg(long = "path", value_name = "PATTERN", requires = "second")]
    pub(crate) paths: Vec<String>,
    /// Only what this surface keeps.
    #[arg(long, value_name = "FILE", requires = "against", conflicts_with = "paths")]
    pub(crate) surface: Option<PathBuf>,
    /// What to write.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Where to write it; by default to the standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Tell also what no program can see.
    #[arg(long)]
    pub(crate) all: bool,
    /// Exit with 1 if there are differences that a program can see.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal.
    Text,
    /// For a changelog.
    Markdown,
    /// For machines.
    Json,
    /// One page for a browser.
    Html,
}
