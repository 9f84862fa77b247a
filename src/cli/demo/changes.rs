//! What changes in the embedded cluster while the demo runs.

use std::time::Duration;

use super::DemoArgs;
use openshift_standin::cluster::ApiOutage;
use openshift_standin::{Standin, sample};

/// Never returns.
pub(super) async fn run_outage_after_delay(demo: &Standin, arguments: &DemoArgs) {
    if let Some(seconds) = arguments.outage_after {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        demo.cluster().set_outage(ApiOutage::OPENSHIFT_APISERVER);
    }
    std::future::pending().await
}

/// How many times a second tags are moved.
const CHURN_TICKS_PER_SECOND: usize = 50;

/// Never returns.
pub(super) async fn run_churn(demo: &Standin, arguments: &DemoArgs) {
    let (streams, each) = (
        arguments.more_streams,
        arguments.churn / CHURN_TICKS_PER_SECOND,
    );
    if streams == 0 || each == 0 {
        return std::future::pending().await;
    }
    let mut moves = tokio::time::interval(
        Duration::from_secs(1) / u32::try_from(CHURN_TICKS_PER_SECOND).unwrap_or(1),
    );
    let mut from = 0;
    loop {
        moves.tick().await;
        sample::move_tags(
            demo.cluster(),
            (arguments.added_project_count(), streams),
            from,
            each,
        );
        from += each;
    }
}
