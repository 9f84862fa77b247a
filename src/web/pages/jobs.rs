//! Pages about jobs: changes that are made in the background.

pub(in crate::web) mod api;
pub(in crate::web) mod show;

use crate::app::jobs::StopReason;
use crate::i18n::{Lang, Message};

/// How often the page of a running job is loaded again, in seconds. A header does that, so that it
/// works without a script.
pub(super) const REFRESH_SECONDS: u16 = 2;

/// The sentence about a job that was stopped.
pub(super) fn stop_text(lang: Lang, reason: StopReason) -> Message {
    match reason {
        StopReason::SignedOut => lang.msg("job-stopped-signed-out"),
        StopReason::TimeLimit => lang.msg("job-stopped-time-limit"),
        StopReason::Refused => lang.msg("job-stopped-refused"),
        StopReason::Failed => lang.msg("job-stopped-failed"),
    }
}
