//! All checks that are the same for all users, run concurrently.

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use super::{apis, discovery, registry, tls};
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::cluster_version::ReleaseLookup;
use crate::app::doctor::{cluster_version, console_certificate, oidc, service_account};
use crate::config::{ClientSecret, OauthFlow, OauthSettings};
use registry_model::Clock;

/// The id of the finding about the client's secret.
const CLIENT_SECRET_CHECK_ID: &str = "client-secret";

/// Each part has time limits of its own: none takes longer than two responses may.
pub(super) async fn run_shared_checks(settings: &Settings, clock: &Clock) -> Vec<Finding> {
    let release = ReleaseLookup::new(settings);
    let (oauth, provider, tls, version, inside, outside, account, own) = tokio::join!(
        discovery::discovery_findings(settings, clock, &release),
        oidc::provider_findings(settings, clock, &release),
        tls::server_findings(
            settings,
            clock,
            &release,
            ("tls-master", Component::ApiServer),
            &settings.api_server.url,
            &settings.api_server.trust,
        ),
        cluster_version::version_findings(settings, clock, &release),
        registry::internal_findings(settings, clock, &release),
        registry::public_findings(settings, clock, &release),
        service_account::service_account_findings(settings),
        console_certificate::certificate_finding(settings, clock),
    );
    let mut findings = vec![session_finding(settings)];
    findings.extend(own);
    findings.extend(apis::index_disabled_finding(settings));
    if !has_no_oauth_server(&oauth)
        && let Some(oauth) = settings.sign_in.oauth()
    {
        findings.extend(sign_in_findings(settings, oauth));
    }
    for part in [oauth, provider, tls, version, inside, outside, account] {
        findings.extend(part);
    }
    findings
}

/// Without an OAuth server there is no OAuth client either, and findings about it would be noise.
pub(super) fn has_no_oauth_server(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.what == CheckResult::NoOauthServer)
}

/// Marks the client and its secret as verified, because a sign-in has succeeded with them.
pub(super) fn mark_secret_verified(findings: &mut [Finding]) {
    for finding in findings {
        let result = match finding.id {
            CLIENT_SECRET_CHECK_ID => CheckResult::SecretWorked,
            oidc::CLIENT_CHECK_ID => CheckResult::OidcClientWorked,
            _ => continue,
        };
        let facts = std::mem::take(&mut finding.facts);
        *finding = Finding {
            facts,
            ..Finding::new(finding.id, finding.about, result)
        };
    }
}

/// The flow, and the secret that it needs. Only the exchange of a code would show whether the
/// secret is right, and there is no code to exchange.
fn sign_in_findings(settings: &Settings, oauth: &OauthSettings) -> Vec<Finding> {
    let finding = |id, result| {
        Finding::new(id, Component::Oauth, result).with_fact(FactName::Client, &oauth.client_id)
    };
    match &oauth.client_secret {
        ClientSecret::Unknown => {
            let result = if oauth.flow() == OauthFlow::Disabled {
                CheckResult::FlowDisabled
            } else {
                CheckResult::FlowImplicit
            };
            vec![
                finding("login-flow", result)
                    .with_fact(FactName::Setting, "OAUTH_IMPLICIT_FLOW")
                    .with_commands(settings.installation().use_client_secret()),
            ]
        }
        ClientSecret::Known {
            variable: setting, ..
        } => vec![
            finding("login-flow", CheckResult::FlowCode).with_fact(FactName::Setting, *setting),
            finding(CLIENT_SECRET_CHECK_ID, CheckResult::SecretNotTried)
                .with_fact(FactName::Setting, *setting)
                .with_command(settings.installation().compare_secret(&oauth.client_secret)),
        ],
    }
}

fn session_finding(settings: &Settings) -> Finding {
    if settings.has_shared_session_key {
        return Finding::new("session-key", Component::Console, CheckResult::KeyShared);
    }
    Finding::new("session-key", Component::Console, CheckResult::KeyOwn)
        .with_fact(FactName::Setting, "SESSION_KEY")
        .with_commands(settings.installation().share_session_key())
}
