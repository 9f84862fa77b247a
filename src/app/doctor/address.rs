//! The console's own address, and whether the OAuth server redirects sign-ins to it.

use url::Url;

use super::CHECK_TIMEOUT;
use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::doctor::check_result::CheckResult;
use crate::app::remediation;
use crate::config::OauthSettings;
use crate::openshift::oauth::{OauthClient, OauthDiscovery, PreflightResult};
use registry_model::Clock;

const CHECK_ID: &str = "address";

/// The address is neither configured nor known from a request.
pub(super) fn unknown_address() -> Finding {
    Finding::new(CHECK_ID, Component::Console, CheckResult::AddressUnknown)
}

/// The address of the console, and where it is known from.
pub(super) fn configured_address(settings: &Settings, address: &Url) -> Finding {
    let result = match (address.scheme(), &settings.address) {
        ("https", Some(_)) => CheckResult::AddressConfigured,
        ("https", None) => CheckResult::AddressFromHost,
        _ => CheckResult::AddressPlain,
    };
    let setting = settings.address.as_ref().map(|_| "COCKPIT_KUBE_URL");
    let mut https = address.clone();
    // http and https are both special schemes, between which a URL can be changed.
    let _ = https.set_scheme("https");
    Finding::new(CHECK_ID, Component::Console, result)
        .with_fact(FactName::Address, remediation::origin(address))
        .with_optional_fact(FactName::Setting, setting)
        .with_command(
            settings
                .installation()
                .set_variable("COCKPIT_KUBE_URL", &remediation::origin(&https)),
        )
}

/// Whether the OAuth server accepts a sign-in that redirects to that address.
pub(super) async fn redirect_uri_finding(
    settings: &Settings,
    oauth: &OauthSettings,
    clock: &Clock,
    address: &Url,
) -> Finding {
    let redirect_uri = settings.callback_url(address);
    let preflight = run_preflight(settings, oauth, clock, &redirect_uri);
    let preflight = tokio::time::timeout(CHECK_TIMEOUT, preflight).await;
    let result = match preflight.ok().flatten() {
        Some(PreflightResult::Good) => CheckResult::RedirectRegistered,
        Some(PreflightResult::NoSuchClient) => CheckResult::ClientMissing,
        Some(PreflightResult::RedirectNotRegistered) => CheckResult::RedirectNotRegistered,
        Some(PreflightResult::NoOauthServer) | None => CheckResult::LoginNotTried,
    };
    let finding = Finding::new("oauth-client", Component::Oauth, result)
        .with_fact(FactName::Client, &oauth.client_id)
        .with_fact(FactName::RedirectUri, redirect_uri.as_str())
        .with_fact(FactName::Address, remediation::origin(address));
    match result {
        CheckResult::ClientMissing => finding
            .with_command(settings.installation().show_redirect_uris())
            .with_command(settings.installation().create_oauth_client(address)),
        CheckResult::RedirectNotRegistered => finding
            .with_command(settings.installation().show_routes())
            .with_command(settings.installation().show_redirect_uris())
            .with_command(settings.installation().add_redirect_uri(address)),
        _ => finding.with_command(settings.installation().show_log()),
    }
}

/// `None` if the OAuth server did not answer.
pub(super) async fn run_preflight(
    settings: &Settings,
    oauth: &OauthSettings,
    clock: &Clock,
    redirect_uri: &Url,
) -> Option<PreflightResult> {
    let discovery = OauthDiscovery::new(
        settings.api_server_endpoint().ok()?,
        oauth.provider.clone(),
        clock.clone(),
    );
    OauthClient::new(oauth.clone(), discovery)
        .preflight(redirect_uri)
        .await
        .ok()
}
