//! Whether the API server serves the APIs that the console needs, and the state of the index.

use futures_util::future::join_all;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::AppForUser;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::service_account;
use crate::app::remediation;
use crate::index;
use crate::openshift::ApiError;

/// The API groups that pages and sign-ins need. On OpenShift 4 each is an APIService of its own.
const REQUIRED_API_GROUPS: [&str; 4] = [
    "image.openshift.io",
    "project.openshift.io",
    "user.openshift.io",
    "oauth.openshift.io",
];

/// Those that a cluster with external OIDC has as well.
const REQUIRED_API_GROUPS_WITH_OIDC: &[&str] = REQUIRED_API_GROUPS.split_at(2).0;

impl AppForUser<'_> {
    /// One finding for each API group that is not served at the moment, or one for all.
    pub(super) async fn api_group_findings(&self, settings: &Settings) -> Vec<Finding> {
        let required = match settings.sign_in.oidc() {
            Some(_) => REQUIRED_API_GROUPS_WITH_OIDC,
            None => &REQUIRED_API_GROUPS,
        };
        let responses = join_all(
            required
                .iter()
                .map(async |group| (*group, self.api_server.check_api_group(group).await)),
        )
        .await;
        let lacking: Vec<Finding> = responses
            .into_iter()
            .filter_map(|(group, response)| missing_api_group(group, &response.err()?))
            .collect();
        if !lacking.is_empty() {
            return lacking;
        }
        vec![
            Finding::new("api-groups", Component::ApiServer, CheckResult::ApisServed).with_facts(
                FactName::ApiGroup,
                required.iter().map(|&group| group.to_owned()),
            ),
        ]
    }

    /// The state of the index, and since when; `None` if it is disabled.
    pub(super) async fn index_finding(&self, settings: &Settings) -> Option<Finding> {
        let state = self.app.index_state();
        let result = match (&state, state.reason()) {
            (index::IndexState::NotConfigured, _) => {
                // Another process has it.
                return settings.index.token.as_ref().map(|_| {
                    Finding::new("index", Component::Console, CheckResult::IndexElsewhere)
                });
            }
            (index::IndexState::Ready { .. }, _) => CheckResult::IndexReady,
            (index::IndexState::Starting { .. }, None) => CheckResult::IndexStarting,
            (index::IndexState::Starting { .. } | index::IndexState::Stale { .. }, _) => {
                CheckResult::IndexStale
            }
        };
        let since = state
            .since()
            .map(|since| since.format("%Y-%m-%d %H:%M:%S UTC").to_string());
        let finding = Finding::new("index", Component::Console, result)
            .with_optional_fact(FactName::Since, since);
        let finding = finding.with_optional_fact(
            FactName::Problem,
            state.reason().map(index::NotReadyReason::as_str),
        );
        Some(match state.reason() {
            Some(index::NotReadyReason::NotAllowed) => {
                match service_account::find_index_account(settings).await {
                    Some(account) => {
                        finding.with_commands(remediation::grant_index_right(&account))
                    }
                    None => finding.with_command(settings.installation().show_log()),
                }
            }
            Some(index::NotReadyReason::Unavailable | index::NotReadyReason::NotServed) => {
                finding.with_commands(remediation::show_api_service(REQUIRED_API_GROUPS[0]))
            }
            Some(_) => finding.with_command(settings.installation().show_log()),
            None => finding,
        })
    }
}

/// Why there is no index, and how to enable one. `None` if there is one.
pub(super) fn index_disabled_finding(settings: &Settings) -> Option<Finding> {
    if settings.index.token.is_some() {
        return None;
    }
    let finding = |result| Finding::new("index", Component::Console, result);
    Some(match &settings.index.missing_token_file {
        Some(file) => finding(CheckResult::IndexTokenMissing)
            .with_fact(FactName::Setting, "INDEX=auto")
            .with_fact(
                FactName::Problem,
                format!("there is no token in {}", file.display()),
            )
            .with_command(settings.installation().mount_token()),
        None => finding(CheckResult::IndexOff)
            .with_fact(FactName::Setting, "INDEX")
            .with_command(settings.installation().set_variable("INDEX", "on")),
    })
}

fn missing_api_group(group: &'static str, error: &ApiError) -> Option<Finding> {
    let result = match error {
        ApiError::NotServed | ApiError::NotFound => CheckResult::ApiNotServed,
        ApiError::Unavailable(_) => CheckResult::ApiUnavailable,
        // Another check reports why the API server does not answer.
        _ => return None,
    };
    let finding = Finding::new("api-groups", Component::ApiServer, result)
        .with_fact(FactName::ApiGroup, group);
    Some(
        finding
            .with_fact(FactName::Problem, error.to_string())
            .with_commands(remediation::show_api_service(group)),
    )
}
