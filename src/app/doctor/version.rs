//! Which cluster this is, and what time it is there.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use super::clocks;
use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::tls;
use super::what::What;
pub(super) use crate::app::release::Release;
use crate::openshift::Master;
use registry_model::Clock;

/// The release of the cluster, which is asked for once for all checks that are under way.
#[derive(Clone)]
pub(super) struct AskedRelease<'s> {
    settings: &'s Settings,
    answer: Shared<BoxFuture<'s, Option<Release>>>,
}

impl<'s> AskedRelease<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        let ask = async {
            let is_three = settings.master().ok()?.is_openshift_three().await.ok()?;
            Some(if is_three {
                Release::Three
            } else {
                Release::FourOrLater
            })
        };
        Self {
            settings,
            answer: ask.boxed().shared(),
        }
    }

    /// None if the API server does not say.
    pub(super) async fn known(&self) -> Option<Release> {
        self.answer.clone().await
    }

    /// The one that the address of the registry belongs to where the API server does not say.
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

/// Two questions that need no token.
pub(super) async fn look(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
) -> Vec<Finding> {
    let master = match settings.master() {
        Ok(master) => master,
        Err(error) => return vec![tls::unusable("version", About::Master, &error)],
    };
    let (about, release) = tokio::join!(about(&master), release.known());
    let now = clock.now();
    let (kubernetes, date) = about;
    let what = match release {
        Some(Release::Three) => What::VersionThree,
        Some(Release::FourOrLater) => What::VersionFour,
        None => What::VersionUnknown,
    };
    vec![
        Finding::new("version", About::Master, what).maybe(FactName::Kubernetes, kubernetes),
        clocks::compare(settings, "clock-master", About::Master, date, now),
    ]
}

async fn about(master: &Master) -> (Option<String>, Option<chrono::DateTime<chrono::Utc>>) {
    master
        .about()
        .await
        .map_or((None, None), |about| (about.kubernetes, about.date))
}
