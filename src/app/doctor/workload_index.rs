//! The state of the workloads in the index.

use std::collections::BTreeMap;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::AppForUser;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::service_account;
use crate::app::remediation;
use crate::index::NotReadyReason;
use registry_model::WorkloadKind;

const CHECK_ID: &str = "index-workloads";

impl AppForUser<'_> {
    /// Whether the workloads of all kinds are in the index, and why not; `None` if the index has no
    /// workloads.
    pub(super) async fn workload_index_finding(&self, settings: &Settings) -> Option<Finding> {
        let states = self.app.workload_index_states();
        let latest = states.iter().map(|(_, state)| state.since()).max()?;
        let mut problems: BTreeMap<&str, Vec<WorkloadKind>> = BTreeMap::new();
        for (kind, state) in &states {
            if let Some(why) = state.reason() {
                problems.entry(why.as_str()).or_default().push(*kind);
            }
        }
        let result = if !problems.is_empty() {
            CheckResult::WorkloadsNotIndexed
        } else if states.iter().all(|(_, state)| state.is_ready()) {
            CheckResult::WorkloadsIndexed
        } else {
            CheckResult::WorkloadsStarting
        };
        let problem = |(why, kinds): (&&str, &Vec<WorkloadKind>)| {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.resource()).collect();
            format!("{why}: {}", kinds.join(", "))
        };
        let since = latest.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        let finding = Finding::new(CHECK_ID, Component::Console, result)
            .with_fact(FactName::Since, since)
            .with_facts(FactName::Problem, problems.iter().map(problem));
        Some(if problems.is_empty() {
            finding
        } else if let Some(kinds) = problems.get(NotReadyReason::NotAllowed.as_str())
            && let Some(account) = service_account::find_index_account(settings).await
        {
            finding.with_commands(remediation::grant_workload_index_right(&account, kinds))
        } else {
            finding.with_command(settings.installation().show_log())
        })
    }
}
