//! All checks that are the same for everybody, side by side.

use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::version::AskedRelease;
use super::what::What;
use super::{apis, discovery, own_certificate, pod, registry, run, tls, version};
use crate::config::{ClientSecret, Flow};
use registry_model::Clock;

/// The id of what is said about the client's secret.
const SECRET: &str = "client-secret";

/// Each part has limits of its own: none takes longer than two answers may.
pub(super) async fn common(settings: &Settings, clock: &Clock) -> Vec<Finding> {
    let release = AskedRelease::new(settings);
    let (oauth, tls, version, inside, outside, account, own) = tokio::join!(
        discovery::look(settings, clock, &release),
        tls::master(settings, clock, &release),
        version::look(settings, clock, &release),
        registry::inside(settings, clock, &release),
        registry::outside(settings, clock, &release),
        pod::account(settings),
        own_certificate::look(settings, clock),
    );
    let mut findings = vec![session(settings)];
    findings.extend(own);
    findings.extend(apis::without_index(settings));
    if !has_no_oauth_server(&oauth) {
        findings.extend(sign_in(settings));
    }
    for part in [oauth, tls, version, inside, outside, account] {
        findings.extend(part);
    }
    findings
}

/// Without an OAuth server there is no OAuth client either: what is said of it would be noise.
pub(super) fn has_no_oauth_server(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.what == What::NoOauthServer)
}

/// Somebody has just shown that the secret works: by having signed in.
pub(super) fn secret_worked(findings: &mut [Finding]) {
    if let Some(secret) = findings.iter_mut().find(|finding| finding.id == SECRET) {
        let facts = std::mem::take(&mut secret.facts);
        *secret = Finding {
            facts,
            ..Finding::new(SECRET, About::Oauth, What::SecretWorked)
        };
    }
}

/// The flow, and the secret that it takes: whether that is the right one only the exchange of a
/// code would show, and there is none to exchange.
fn sign_in(settings: &Settings) -> Vec<Finding> {
    let finding = |id, what| {
        Finding::new(id, About::Oauth, what).fact(FactName::Client, &settings.oauth.client_id)
    };
    match &settings.oauth.client_secret {
        ClientSecret::Unknown => {
            let what = if settings.oauth.flow() == Flow::Disabled {
                What::FlowDisabled
            } else {
                What::FlowImplicit
            };
            vec![
                finding("login-flow", what)
                    .fact(FactName::Setting, "OAUTH_IMPLICIT_FLOW")
                    .runs(settings.installation().use_client_secret()),
            ]
        }
        ClientSecret::Known { setting, .. } => vec![
            finding("login-flow", What::FlowCode).fact(FactName::Setting, *setting),
            finding(SECRET, What::SecretNotTried)
                .fact(FactName::Setting, *setting)
                .run(
                    settings
                        .installation()
                        .compare_secret(&settings.oauth.client_secret),
                ),
        ],
    }
}

fn session(settings: &Settings) -> Finding {
    if settings.shared_key {
        return Finding::new("session-key", About::Console, What::KeyShared);
    }
    Finding::new("session-key", About::Console, What::KeyOwn)
        .fact(FactName::Setting, "SESSION_KEY")
        .runs(run::share_key(settings))
}
