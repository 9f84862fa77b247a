//! The doctor: checks all servers that the console depends on, and reports what is wrong together
//! with its remediation.
//!
//! The doctor changes nothing. Checks that are the same for all users are made without any token,
//! over connections of their own, and cached for half a minute; checks that concern a user are made
//! with that user's token alone. What upstreams say is untrusted; no finding contains a secret.

mod address;
mod apis;
mod blob_storage;
mod check_result;
mod clock_skew;
mod cluster_version;
mod command_line;
mod console_certificate;
mod discovery;
mod finding;
mod oci_pull;
mod oidc;
mod registry;
mod registry_storage;
mod routes;
mod server_commands;
mod service_account;
mod settings;
mod shared_checks;
mod size_index;
mod tls;
mod user;
mod workload_index;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use url::Url;

use crate::app::remediation::Installation;
use crate::config::SignInSettings;
use registry_model::Clock;

pub use check_result::{CheckResult, Impact};
pub use command_line::{settings_findings, token_not_given, token_on_command_line};
pub use finding::{Component, Fact, FactName, Finding, Severity};
pub use settings::Settings;

/// How long shared findings are cached, which bounds how often users can make the console check.
const FINDINGS_TTL: TimeDelta = TimeDelta::seconds(30);

/// How often the checks run without anyone asking, for the state that every page shows.
const CHECK_INTERVAL: Duration = Duration::from_mins(5);

/// When they run for the first time: the upstreams may start at the same time as the console.
const FIRST_CHECK_DELAY: Duration = Duration::from_secs(30);

/// The time limit of a check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limit of a single response: a check that needs two of them must end in time.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(3_500);

/// The checks of one console. Cheap to clone; clones share their findings.
#[derive(Clone, Debug)]
pub struct Doctor(Arc<DoctorInner>);

#[derive(Debug)]
struct DoctorInner {
    settings: Settings,
    clock: Clock,
    cached_findings: Mutex<Option<CachedFindings>>,
    /// The worst severity of the last findings.
    worst_severity: std::sync::RwLock<Option<Severity>>,
    findings_by_address: moka::sync::Cache<Url, Finding>,
}

#[derive(Clone, Debug)]
struct CachedFindings {
    findings: Arc<Vec<Finding>>,
    checked_at: DateTime<Utc>,
}

impl Doctor {
    /// A doctor for a console with these settings. Makes no request.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock) -> Self {
        let addresses = moka::sync::Cache::builder()
            .max_capacity(100)
            .time_to_live(Duration::from_secs(30))
            .build();
        Self(Arc::new(DoctorInner {
            settings,
            clock,
            cached_findings: Mutex::new(None),
            worst_severity: std::sync::RwLock::new(None),
            findings_by_address: addresses,
        }))
    }

    /// The names that commands about the console use.
    #[must_use]
    pub fn installation(&self) -> Installation {
        self.0.settings.installation()
    }

    /// The findings that are the same for all users. `address` is the address at which the console
    /// was requested, for a configuration that does not contain it.
    pub async fn shared_findings(&self, address: Option<&Url>) -> Vec<Finding> {
        let (shared, address_findings) =
            tokio::join!(self.cached_findings(), self.address_findings(address));
        let pointless = |finding: &Finding| {
            finding.what == CheckResult::LoginNotTried
                && shared_checks::has_no_oauth_server(&shared)
        };
        address_findings
            .into_iter()
            .filter(|finding| !pointless(finding))
            .chain(shared.iter().cloned())
            .collect()
    }

    /// The same for a user who has signed in by the flow that needs the client's secret.
    pub async fn shared_findings_signed_in(&self, address: Option<&Url>) -> Vec<Finding> {
        let mut findings = self.shared_findings(address).await;
        shared_checks::mark_secret_verified(&mut findings);
        findings
    }

    /// The worst severity of the checks that are the same for all users, when they last ran. `None`
    /// if they have not run yet. Makes no request.
    #[must_use]
    pub fn known_severity(&self) -> Option<Severity> {
        *self
            .0
            .worst_severity
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the checks that are the same for all users every few minutes, without end.
    pub async fn run_periodic_checks(&self) {
        tokio::time::sleep(FIRST_CHECK_DELAY).await;
        loop {
            self.cached_findings().await;
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }

    /// Runs the checks at most once within half a minute, for all users together.
    async fn cached_findings(&self) -> Arc<Vec<Finding>> {
        let mut cached = self.0.cached_findings.lock().await;
        let now = self.0.clock.now();
        if let Some(cached) = cached
            .as_ref()
            .filter(|cached| now >= cached.checked_at && now - cached.checked_at < FINDINGS_TTL)
        {
            return Arc::clone(&cached.findings);
        }
        let findings =
            Arc::new(shared_checks::run_shared_checks(&self.0.settings, &self.0.clock).await);
        let worst = findings.iter().map(|finding| finding.state).max();
        *self
            .0
            .worst_severity
            .write()
            .unwrap_or_else(PoisonError::into_inner) = worst;
        *cached = Some(CachedFindings {
            findings: Arc::clone(&findings),
            checked_at: now,
        });
        findings
    }

    async fn address_findings(&self, request_address: Option<&Url>) -> Vec<Finding> {
        let Some(address) = self.0.settings.address.as_ref().or(request_address) else {
            return vec![address::unknown_address()];
        };
        let address_finding = address::configured_address(&self.0.settings, address);
        if let Some(client_finding) = self.0.findings_by_address.get(address) {
            return vec![address_finding, client_finding];
        }
        // A request without a user's session does not show whether an OIDC provider accepts the
        // redirect URI.
        let settings = &self.0.settings;
        let oauth = match &settings.sign_in {
            SignInSettings::Oauth(oauth) => oauth,
            SignInSettings::Oidc(oidc) => {
                return vec![
                    address_finding,
                    oidc::client_finding(settings, oidc, address),
                ];
            }
        };
        let client_finding =
            address::redirect_uri_finding(settings, oauth, &self.0.clock, address).await;
        self.0
            .findings_by_address
            .insert(address.clone(), client_finding.clone());
        vec![address_finding, client_finding]
    }
}
