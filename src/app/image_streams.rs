//! Image streams: their page, and creating, changing, deleting and importing them.

pub(in crate::app) mod changes;
mod create_commands;
pub(in crate::app) mod deletion;
pub(in crate::app) mod facts;
pub(in crate::app) mod history;
pub(in crate::app) mod import_advice;
pub(in crate::app) mod settings;
mod shown_stream;
pub(in crate::app) mod stream;

pub use crate::openshift::{
    ImportOutcome, ImportPlan, ImportResult, LastImport, RepositoryImport, StreamChanges,
    StreamSource, TrackingTag,
};
pub use changes::{EditedStream, StreamForm, StreamRights};
pub use deletion::StreamDeletion;
pub use facts::{DESCRIPTION_ANNOTATION, DISPLAY_NAME_ANNOTATION, StreamActions, StreamFacts};
pub use history::{HistoryEvent, HistoryEventKind, HistoryQuery, StreamHistory};
pub use import_advice::{FailureReason, ImportAdvice, ImportFailureKind};
pub use settings::StreamSettings;
pub use stream::{
    AttachedTag, HistoryRow, ImageBrief, LaneEvent, LaneEventKind, PlatformBrief, Presence,
    PullTarget, PullTargets, SameImage, StreamView, TagQuery, TagRow, TagSort, TimelineLane,
};
