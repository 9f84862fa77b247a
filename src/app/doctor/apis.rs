//! Whether the API server serves what the console needs, and how the index is.

use futures_util::future::join_all;

use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::what::What;
use super::{pod, run};
use crate::app::AsUser;
use crate::index;
use crate::openshift::Error;

/// The API groups that pages and sign-ins need. On OpenShift 4 each is an APIService of its own.
const GROUPS: [&str; 4] = [
    "image.openshift.io",
    "project.openshift.io",
    "user.openshift.io",
    "oauth.openshift.io",
];

impl AsUser<'_> {
    /// One finding for each API group that is not served just now, or one for all.
    pub(super) async fn api_groups(&self) -> Vec<Finding> {
        let asked =
            join_all(GROUPS.map(async |group| (group, self.master.api_group(group).await))).await;
        let lacking: Vec<Finding> = asked
            .into_iter()
            .filter_map(|(group, answer)| lacking(group, &answer.err()?))
            .collect();
        if !lacking.is_empty() {
            return lacking;
        }
        vec![
            Finding::new("api-groups", About::Master, What::ApisServed)
                .facts(FactName::ApiGroup, GROUPS.map(str::to_owned)),
        ]
    }

    /// How the index is and since when; nothing where there is to be none.
    pub(super) async fn index_finding(&self, settings: &Settings) -> Option<Finding> {
        let state = self.console.index_state();
        let what = match (&state, state.why()) {
            (index::State::NotConfigured, _) => {
                // Another process has it.
                return settings
                    .index
                    .token
                    .as_ref()
                    .map(|_| Finding::new("index", About::Console, What::IndexElsewhere));
            }
            (index::State::Ready { .. }, _) => What::IndexReady,
            (index::State::Starting { .. }, None) => What::IndexStarting,
            (index::State::Starting { .. } | index::State::Stale { .. }, _) => What::IndexStale,
        };
        let since = state
            .since()
            .map(|since| since.format("%Y-%m-%d %H:%M:%S UTC").to_string());
        let finding = Finding::new("index", About::Console, what).maybe(FactName::Since, since);
        let finding = finding.maybe(FactName::Problem, state.why().map(index::Why::as_str));
        Some(match state.why() {
            Some(index::Why::NotAllowed) => match pod::index_account(settings).await {
                Some(account) => finding.runs(run::let_index(&account)),
                None => finding.run(run::log(settings)),
            },
            Some(index::Why::Unavailable | index::Why::NotServed) => {
                finding.runs(run::api_service(GROUPS[0]))
            }
            Some(_) => finding.run(run::log(settings)),
            None => finding,
        })
    }
}

/// Why there is no index, and what gives the console one. Nothing where there is one.
pub(super) fn without_index(settings: &Settings) -> Option<Finding> {
    if settings.index.token.is_some() {
        return None;
    }
    let finding = |what| Finding::new("index", About::Console, what);
    Some(match &settings.index.token_missing {
        Some(file) => finding(What::IndexTokenMissing)
            .fact(FactName::Setting, "INDEX=auto")
            .fact(
                FactName::Problem,
                format!("there is no token in {}", file.display()),
            )
            .run(run::mount_token(settings)),
        None => finding(What::IndexOff)
            .fact(FactName::Setting, "INDEX")
            .run(settings.installation().set("INDEX", "on")),
    })
}

fn lacking(group: &'static str, error: &Error) -> Option<Finding> {
    let what = match error {
        Error::NotServed | Error::NotFound => What::ApiNotServed,
        Error::Unavailable(_) => What::ApiUnavailable,
        // What keeps the API server itself from answering is said elsewhere.
        _ => return None,
    };
    let finding = Finding::new("api-groups", About::Master, what).fact(FactName::ApiGroup, group);
    Some(
        finding
            .fact(FactName::Problem, error.to_string())
            .runs(run::api_service(group)),
    )
}
