//! All image streams of the cluster in memory, kept up to date by a watch; if it is configured, also
//! what its workloads run, and the sizes of its images.
//!
//! If the console's own service account may list and watch image streams, one task (the
//! [`IndexWriter`]) lists them once and follows the API server's watch from there. Everything else
//! reads through an [`IndexReader`], which never waits. The index stores names, digests and times,
//! what is imported from where and which tags track others; no annotations. It knows no users: whether a user may see a project is
//! confirmed by the API server, outside this module, before anything of it is shown.

mod backoff;
mod change_log;
mod content;
mod import;
mod interner;
mod memory;
mod name_index;
mod reader;
mod service_account_source;
mod sizes;
mod snapshot;
mod source;
mod state;
mod stream;
mod stream_content;
mod table;
#[cfg(test)]
mod tests;
mod tracking;
mod watch_loop;
mod workloads;
mod writer;

pub use change_log::{ChangesRead, Cursor, StreamChange};
pub use import::{IndexedImport, IndexedImportFailure};
pub use memory::IndexMemory;
pub use name_index::{LetterSignature, NameIndex, TagUse, name_parts};
pub use reader::IndexReader;
pub use service_account_source::ServiceAccountSource;
pub use sizes::{SizeIndexReader, SizeIndexState, SizeIndexWriter, SizeRead, SizeSource};
pub use snapshot::{CollectedStreams, IndexedProject, Snapshot, StreamEntry};
pub use source::{EventSource, IndexSource, SourceError};
pub use state::{IndexState, NotReadyReason};
pub use stream::{
    FailedTag, ImportFailures, IndexedStream, IndexedTag, IndexedTagEvent, TagOrigin,
};
pub use tracking::IndexedTracking;
pub use workloads::{
    IndexedWorkload, KindSnapshot, ProjectObjects, WorkloadIndexReader, WorkloadIndexWriter,
    WorkloadKindState, WorkloadSnapshot,
};
pub use writer::IndexWriter;
