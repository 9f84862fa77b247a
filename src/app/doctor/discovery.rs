//! The address of the OAuth server according to discovery, and the certificate presented there.

use url::Url;

use super::address::run_preflight;
use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use super::{RESPONSE_TIMEOUT, tls};
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::cluster_version::ReleaseLookup;
use crate::app::remediation;
use crate::config::OauthSettings;
use crate::openshift::oauth::PreflightResult;
use crate::openshift::{ApiError, OauthServerMetadata};
use registry_model::Clock;

const CHECK_ID: &str = "discovery";

/// The discovery document, then the certificate of the server that it names.
pub(super) async fn discovery_findings(
    settings: &Settings,
    clock: &Clock,
    release: &ReleaseLookup<'_>,
) -> Vec<Finding> {
    let Some(oauth) = settings.sign_in.oauth() else {
        return Vec::new();
    };
    let answer = match settings.api_server() {
        Ok(api_server) => api_server.get_oauth_metadata().await,
        Err(error) => {
            return vec![tls::setup_error_finding(
                "discovery",
                Component::Oauth,
                &error,
            )];
        }
    };
    let is_absent = matches!(
        answer,
        Err(ApiError::NotFound
            | ApiError::NotServed
            | ApiError::Forbidden(_)
            | ApiError::TokenRefused)
    );
    if is_absent && has_no_oauth_server(settings, oauth, clock).await {
        return vec![no_oauth_server_finding(settings, oauth)];
    }
    let server = answer
        .as_ref()
        .ok()
        .and_then(|metadata| Url::parse(&metadata.token_endpoint).ok())
        .filter(|url| url.scheme() == "https");
    let server = server.unwrap_or_else(|| oauth.provider.clone());
    let certificate_findings = tls::server_findings(
        settings,
        clock,
        release,
        ("tls-oauth", Component::Oauth),
        &server,
        &oauth.trust,
    )
    .await;
    let mut findings = vec![document_finding(settings, oauth, answer)];
    findings.extend(certificate_findings);
    findings
}

/// Whether no OAuth server answers at the configured address.
async fn has_no_oauth_server(settings: &Settings, oauth: &OauthSettings, clock: &Clock) -> bool {
    // Any URI will do: whether there is an OAuth server does not depend on it.
    let redirect_uri = settings.callback_url(settings.address.as_ref().unwrap_or(&oauth.provider));
    let preflight = tokio::time::timeout(
        RESPONSE_TIMEOUT,
        run_preflight(settings, oauth, clock, &redirect_uri),
    )
    .await;
    preflight.ok().flatten() == Some(PreflightResult::NoOauthServer)
}

fn no_oauth_server_finding(settings: &Settings, oauth: &OauthSettings) -> Finding {
    Finding::new(CHECK_ID, Component::Oauth, CheckResult::NoOauthServer)
        .with_fact(
            FactName::Setting,
            format!(
                "OPENSHIFT_OAUTH_PROVIDER_URL={}",
                remediation::origin(&oauth.provider)
            ),
        )
        .with_command(remediation::show_authentication_type())
        .with_command(remediation::show_authentication())
        .with_command(settings.installation().use_oidc_provider())
        .with_command(remediation::fetch(
            &settings.api_server.url,
            "/.well-known/oauth-authorization-server",
        ))
}

fn document_finding(
    settings: &Settings,
    oauth: &OauthSettings,
    answer: Result<OauthServerMetadata, ApiError>,
) -> Finding {
    let finding = match answer {
        Ok(metadata) => discovered_finding(metadata),
        Err(
            ApiError::NotFound
            | ApiError::NotServed
            | ApiError::Forbidden(_)
            | ApiError::TokenRefused,
        ) => Finding::new(CHECK_ID, Component::Oauth, CheckResult::DiscoveryMissing),
        Err(ApiError::Transport(_) | ApiError::Busy { .. } | ApiError::Unavailable(_)) => {
            Finding::new(CHECK_ID, Component::Oauth, CheckResult::NotReached)
        }
        Err(_) => Finding::new(CHECK_ID, Component::Oauth, CheckResult::DiscoveryUnreadable),
    };
    finding
        .with_fact(
            FactName::Setting,
            format!(
                "OPENSHIFT_OAUTH_PROVIDER_URL={}",
                remediation::origin(&oauth.provider)
            ),
        )
        .with_command(remediation::fetch(
            &settings.api_server.url,
            "/.well-known/oauth-authorization-server",
        ))
}

fn discovered_finding(metadata: OauthServerMetadata) -> Finding {
    let secure = [
        &metadata.issuer,
        &metadata.authorization_endpoint,
        &metadata.token_endpoint,
    ]
    .into_iter()
    .map(|text| {
        Url::parse(text)
            .ok()
            .map(|url| url.scheme() == "https" && url.has_host())
    });
    let result = match secure.reduce(|one, other| Some(one? && other?)).flatten() {
        None => CheckResult::DiscoveryUnreadable,
        Some(false) => CheckResult::DiscoveryPlain,
        Some(true)
            if !metadata
                .code_challenge_methods_supported
                .iter()
                .any(|method| method == "S256") =>
        {
            CheckResult::PkceMissing
        }
        Some(true) => CheckResult::Discovered,
    };
    Finding::new(CHECK_ID, Component::Oauth, result)
        .with_fact(FactName::Issuer, metadata.issuer)
        .with_fact(FactName::Authorize, metadata.authorization_endpoint)
        .with_fact(FactName::Token, metadata.token_endpoint)
        .with_fact(
            FactName::Pkce,
            metadata.code_challenge_methods_supported.join(", "),
        )
}
