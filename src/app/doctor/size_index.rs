//! The state of the sizes in the index.

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::AppForUser;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::service_account;
use crate::app::remediation;
use crate::index::{NotReadyReason, SizeIndexState};

const CHECK_ID: &str = "index-sizes";

impl AppForUser<'_> {
    /// Whether the sizes of all images are in the index, and why not; `None` if the index has no
    /// sizes.
    pub(super) async fn size_index_finding(&self, settings: &Settings) -> Option<Finding> {
        let state = self.app.size_index_state()?;
        let result = size_index_result(&state);
        let since = state.since.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        let count = |count: usize| (count > 0).then(|| count.to_string());
        let finding = Finding::new(CHECK_ID, Component::Console, result)
            .with_fact(FactName::Since, since)
            .with_optional_fact(FactName::Problem, state.problem.map(NotReadyReason::as_str))
            .with_fact(FactName::Images, state.images.to_string())
            .with_optional_fact(FactName::WaitingStreams, count(state.waiting))
            .with_optional_fact(
                FactName::UnreadStreams,
                count(state.left_out + state.failed),
            );
        Some(match result {
            CheckResult::SizesNotRead => {
                let is_refused = state.problem == Some(NotReadyReason::NotAllowed);
                match service_account::find_index_account(settings).await {
                    Some(account) if is_refused => {
                        finding.with_commands(remediation::grant_size_index_right(&account))
                    }
                    _ => finding.with_command(settings.installation().show_log()),
                }
            }
            _ => finding,
        })
    }
}

fn size_index_result(state: &SizeIndexState) -> CheckResult {
    match state.problem {
        Some(NotReadyReason::NotServed) => CheckResult::SizesNotServed,
        Some(_) => CheckResult::SizesNotRead,
        None if !state.has_begun || state.waiting > 0 => CheckResult::SizesBehind,
        None if state.left_out + state.failed > 0 => CheckResult::SizesIncomplete,
        None => CheckResult::SizesIndexed,
    }
}
