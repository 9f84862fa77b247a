//! Image streams: their page, and creating, changing, deleting and importing them.

pub(in crate::app) mod changes;
pub(in crate::app) mod import_advice;
pub(in crate::app) mod stream;

pub use crate::openshift::{ImportOutcome, ImportPlan, ImportResult, StreamSource, TrackingTag};
pub use changes::{StreamDeletion, StreamForm, StreamRights};
pub use import_advice::{ImportAdvice, ImportFailureKind};
pub use stream::{
    AttachedTag, HistoryRow, ImageBrief, PlatformBrief, Presence, StreamView, TagQuery, TagRow,
    TagSort,
};
