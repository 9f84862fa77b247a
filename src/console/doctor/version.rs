//! Which cluster this is, and what time it is there.

use super::clocks;
use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::tls;
use super::what::What;
use crate::clock::Clock;
use crate::openshift::Master;

/// Two questions that anybody may ask.
pub(super) async fn look(settings: &Settings, clock: &Clock) -> Vec<Finding> {
    let master = match settings.master() {
        Ok(master) => master,
        Err(error) => return vec![tls::unusable("version", About::Master, &error)],
    };
    let (about, three) = tokio::join!(master.about(), is_three(&master));
    let now = clock.now();
    let (kubernetes, date) = about.map_or((None, None), |about| (about.kubernetes, about.date));
    let what = match three {
        Some(true) => What::VersionThree,
        Some(false) => What::VersionFour,
        None => What::VersionUnknown,
    };
    vec![
        Finding::new("version", About::Master, what).maybe(FactName::Kubernetes, kubernetes),
        clocks::compare(settings, "clock-master", About::Master, date, now),
    ]
}

async fn is_three(master: &Master) -> Option<bool> {
    master.is_openshift_three().await.ok()
}
