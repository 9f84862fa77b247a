//! Why the console does not work: everybody concerned is asked, and what is wrong is said together
//! with what mends it.
//!
//! Nothing is decided here, and nothing is changed. What is the same for all is asked without any
//! token, over connections of its own, and kept for half a minute; what concerns a person is asked
//! with that person's token alone. What upstreams say is untrusted; no finding holds a secret.

mod address;
mod apis;
mod blob_storage;
mod checkup;
mod clocks;
mod discovery;
mod finding;
mod installation;
mod mend;
mod mistakes;
mod own_certificate;
mod person;
mod pod;
mod registry;
mod routes;
mod run;
mod settings;
mod tls;
mod trust;
mod version;
mod what;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use url::Url;

use registry_model::Clock;

pub use finding::{About, Fact, FactName, Finding, State};
pub use installation::Installation;
pub use mistakes::{mistakes, token_not_given, token_on_command_line};
pub use settings::Settings;
pub use what::{Costs, What};

/// How long what is the same for all is kept: so nobody can make the console ask more often than
/// that.
const KEPT: TimeDelta = TimeDelta::seconds(30);

/// No check takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long any one answer may take: a check that needs two of them must end in time.
const LIMIT: Duration = Duration::from_millis(3_500);

/// Looks after one console. Cheap to clone; clones share what they found.
#[derive(Clone, Debug)]
pub struct Doctor(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    settings: Settings,
    clock: Clock,
    kept: Mutex<Option<Kept>>,
    addresses: moka::sync::Cache<Url, Finding>,
}

#[derive(Clone, Debug)]
struct Kept {
    findings: Arc<Vec<Finding>>,
    at: DateTime<Utc>,
}

impl Doctor {
    /// For a console with these settings. Asks nobody.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock) -> Self {
        let addresses = moka::sync::Cache::builder()
            .max_capacity(100)
            .time_to_live(Duration::from_secs(30))
            .build();
        Self(Arc::new(Parts {
            settings,
            clock,
            kept: Mutex::new(None),
            addresses,
        }))
    }

    /// What commands about the console itself name.
    #[must_use]
    pub fn installation(&self) -> Installation {
        self.0.settings.installation()
    }

    /// What is the same for everybody. `address` is where the console is asked, where configuration
    /// does not say it.
    pub async fn examine(&self, address: Option<&Url>) -> Vec<Finding> {
        let (common, own) = tokio::join!(self.common(), self.address(address));
        let pointless = |finding: &Finding| {
            finding.what == What::LoginNotTried && checkup::has_no_oauth_server(&common)
        };
        own.into_iter()
            .filter(|finding| !pointless(finding))
            .chain(common.iter().cloned())
            .collect()
    }

    /// The same for somebody who has signed in by the flow that needs the client's secret.
    pub async fn examine_signed_in(&self, address: Option<&Url>) -> Vec<Finding> {
        let mut findings = self.examine(address).await;
        checkup::secret_worked(&mut findings);
        findings
    }

    /// Asked once for everybody who wants to know within half a minute.
    async fn common(&self) -> Arc<Vec<Finding>> {
        let mut kept = self.0.kept.lock().await;
        let now = self.0.clock.now();
        if let Some(kept) = kept
            .as_ref()
            .filter(|kept| now >= kept.at && now - kept.at < KEPT)
        {
            return Arc::clone(&kept.findings);
        }
        let findings = Arc::new(checkup::common(&self.0.settings, &self.0.clock).await);
        *kept = Some(Kept {
            findings: Arc::clone(&findings),
            at: now,
        });
        findings
    }

    async fn address(&self, asked: Option<&Url>) -> Vec<Finding> {
        let Some(address) = self.0.settings.address.as_ref().or(asked) else {
            return vec![address::unknown()];
        };
        let how = address::known(&self.0.settings, address);
        if let Some(client) = self.0.addresses.get(address) {
            return vec![how, client];
        }
        let client = address::client(&self.0.settings, &self.0.clock, address).await;
        self.0.addresses.insert(address.clone(), client.clone());
        vec![how, client]
    }
}
