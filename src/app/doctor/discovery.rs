//! Where the OAuth server is said to be, and what it shows there.

use url::Url;

use super::address::preflight;
use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::version::AskedRelease;
use super::what::What;
use super::{LIMIT, run, tls};
use crate::openshift::oauth::Preflight;
use crate::openshift::{Error, OauthServer};
use registry_model::Clock;

const ID: &str = "discovery";

/// The discovery document, then the certificate of the server that it names.
pub(super) async fn look(
    settings: &Settings,
    clock: &Clock,
    release: &AskedRelease<'_>,
) -> Vec<Finding> {
    let answer = match settings.master() {
        Ok(master) => master.oauth_server().await,
        Err(error) => return vec![tls::unusable("discovery", About::Oauth, &error)],
    };
    let absent = matches!(
        answer,
        Err(Error::NotFound | Error::NotServed | Error::Forbidden(_) | Error::TokenRefused)
    );
    if absent && has_no_oauth_server(settings, clock).await {
        return vec![no_oauth_server(settings)];
    }
    let server = answer
        .as_ref()
        .ok()
        .and_then(|found| Url::parse(&found.token_endpoint).ok())
        .filter(|url| url.scheme() == "https");
    let server = server.unwrap_or_else(|| settings.oauth.provider.clone());
    let shown = tls::oauth(settings, clock, release, &server).await;
    let mut findings = vec![document(settings, answer)];
    findings.extend(shown);
    findings
}

/// Nothing answers as an OAuth server where the configured one would be.
async fn has_no_oauth_server(settings: &Settings, clock: &Clock) -> bool {
    // Any address does: whether there is an OAuth server does not depend on it.
    let redirect_uri = settings.callback_of(
        settings
            .address
            .as_ref()
            .unwrap_or(&settings.oauth.provider),
    );
    let asked = tokio::time::timeout(LIMIT, preflight(settings, clock, &redirect_uri)).await;
    asked.ok().flatten() == Some(Preflight::NoOauthServer)
}

fn no_oauth_server(settings: &Settings) -> Finding {
    Finding::new(ID, About::Oauth, What::NoOauthServer)
        .fact(
            FactName::Setting,
            format!(
                "OPENSHIFT_OAUTH_PROVIDER_URL={}",
                run::origin(&settings.oauth.provider)
            ),
        )
        .run(run::authentication_type())
        .run(run::fetch(
            &settings.cluster.api,
            "/.well-known/oauth-authorization-server",
        ))
}

fn document(settings: &Settings, answer: Result<OauthServer, Error>) -> Finding {
    let finding = match answer {
        Ok(found) => named(found),
        Err(Error::NotFound | Error::NotServed | Error::Forbidden(_) | Error::TokenRefused) => {
            Finding::new(ID, About::Oauth, What::DiscoveryMissing)
        }
        Err(Error::Unreachable(_) | Error::Busy { .. } | Error::Unavailable(_)) => {
            Finding::new(ID, About::Oauth, What::NotReached)
        }
        Err(_) => Finding::new(ID, About::Oauth, What::DiscoveryUnreadable),
    };
    finding
        .fact(
            FactName::Setting,
            format!(
                "OPENSHIFT_OAUTH_PROVIDER_URL={}",
                run::origin(&settings.oauth.provider)
            ),
        )
        .run(run::fetch(
            &settings.cluster.api,
            "/.well-known/oauth-authorization-server",
        ))
}

fn named(found: OauthServer) -> Finding {
    let secure = [
        &found.issuer,
        &found.authorization_endpoint,
        &found.token_endpoint,
    ]
    .into_iter()
    .map(|text| {
        Url::parse(text)
            .ok()
            .map(|url| url.scheme() == "https" && url.has_host())
    });
    let what = match secure.reduce(|one, other| Some(one? && other?)).flatten() {
        None => What::DiscoveryUnreadable,
        Some(false) => What::DiscoveryPlain,
        Some(true)
            if !found
                .code_challenge_methods_supported
                .iter()
                .any(|method| method == "S256") =>
        {
            What::PkceMissing
        }
        Some(true) => What::Discovered,
    };
    Finding::new(ID, About::Oauth, what)
        .fact(FactName::Issuer, found.issuer)
        .fact(FactName::Authorize, found.authorization_endpoint)
        .fact(FactName::Token, found.token_endpoint)
        .fact(
            FactName::Pkce,
            found.code_challenge_methods_supported.join(", "),
        )
}
