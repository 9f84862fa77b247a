//! An app without pages, in front of an embedded cluster with the sample.

use openshift_standin::cluster::Version;
use openshift_standin::{Standin, StandinOptions};
use registry_console::app::App;
use registry_console::outbound::TimeLimits;
use registry_model::Clock;

use crate::harness::console::app;
use crate::harness::seeded_standin::sample_standin;

/// Each user of the sample has the token `TOKEN-USER`.
pub(super) struct SampleSite {
    pub(super) demo: Standin,
    pub(super) app: App,
}

impl SampleSite {
    pub(super) async fn start(version: Version, limits: TimeLimits) -> Self {
        let clock = Clock::system();
        let demo = sample_standin(StandinOptions {
            version,
            clock: clock.clone(),
            ..StandinOptions::default()
        })
        .await;
        for user in ["admin", "developer", "viewer", "outsider"] {
            demo.cluster().adopt_token(&format!("TOKEN-{user}"), user);
        }
        let app = app(&demo, &clock, limits);
        Self { demo, app }
    }
}
