//! The version of the cluster and its clock.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use super::tls;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::clock_skew;
pub(super) use crate::app::release::Release;
use crate::openshift::ApiServer;
use registry_model::Clock;

/// The release of the cluster, requested once for all checks that run.
#[derive(Clone)]
pub(super) struct ReleaseLookup<'s> {
    settings: &'s Settings,
    answer: Shared<BoxFuture<'s, Option<Release>>>,
}

impl<'s> ReleaseLookup<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        let request = async {
            let is_three = settings.api_server().ok()?.is_openshift_3().await.ok()?;
            Some(if is_three {
                Release::Three
            } else {
                Release::FourOrLater
            })
        };
        Self {
            settings,
            answer: request.boxed().shared(),
        }
    }

    /// `None` if the API server does not say.
    pub(super) async fn known(&self) -> Option<Release> {
        self.answer.clone().await
    }

    /// The release that the address of the registry suggests if the API server does not say.
    pub(super) async fn likely(&self) -> Release {
        let three = self
            .settings
            .registry
            .url
            .host_str()
            .is_some_and(|host| host.starts_with("docker-registry."));
        self.known().await.unwrap_or(if three {
            Release::Three
        } else {
            Release::FourOrLater
        })
    }
}

/// Two requests that need no token.
pub(super) async fn version_findings(
    settings: &Settings,
    clock: &Clock,
    release: &ReleaseLookup<'_>,
) -> Vec<Finding> {
    let api_server = match settings.api_server() {
        Ok(api_server) => api_server,
        Err(error) => {
            return vec![tls::setup_error_finding(
                "version",
                Component::ApiServer,
                &error,
            )];
        }
    };
    let (about, release) = tokio::join!(server_version_and_time(&api_server), release.known());
    let now = clock.now();
    let (kubernetes, date) = about;
    let result = match release {
        Some(Release::Three) => CheckResult::VersionThree,
        Some(Release::FourOrLater) => CheckResult::VersionFour,
        None => CheckResult::VersionUnknown,
    };
    vec![
        Finding::new("version", Component::ApiServer, result)
            .with_optional_fact(FactName::Kubernetes, kubernetes),
        clock_skew::clock_finding(settings, "clock-master", Component::ApiServer, date, now),
    ]
}

async fn server_version_and_time(
    api_server: &ApiServer,
) -> (Option<String>, Option<chrono::DateTime<chrono::Utc>>) {
    api_server
        .get_version()
        .await
        .map_or((None, None), |about| (about.kubernetes, about.date))
}
