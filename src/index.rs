//! All image streams of the cluster in memory, kept up to date by a watch.
//!
//! Where the console's own service account may list and watch image streams, one task (the
//! [`Writer`]) lists them once and follows the master's watch from there; whoever needs them asks a
//! [`Reader`], which never waits. What is held is little: names, digests and times, no annotations
//! and no pull specs. The index knows no people: who may see what of it is asked of the master,
//! elsewhere, before anything of it is shown.

mod backoff;
mod intern;
mod news;
mod reader;
mod service_account;
mod snapshot;
mod source;
mod state;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod watching;
mod words;
mod writer;

pub use news::{Changed, Heard, Since};
pub use reader::Reader;
pub use service_account::ServiceAccount;
pub use snapshot::{Entry, Gathered, Project, Snapshot};
pub use source::{Source, Trouble, Watching};
pub use state::{State, Why};
pub use stream::{Event, Failures, Stream, Tag};
pub use words::{Shape, Use, Words, name_parts};
pub use writer::Writer;
