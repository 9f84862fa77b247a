//! The console's own address, and whether the OAuth server would send people back to it.

use url::Url;

use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::what::What;
use super::{PATIENCE, run};
use crate::openshift::oauth::{Discovery, OauthClient, Preflight};
use registry_model::Clock;

const ID: &str = "address";

/// Nobody has told, and nobody has asked.
pub(super) fn unknown() -> Finding {
    Finding::new(ID, About::Console, What::AddressUnknown)
}

/// Where the console is, and how it knows.
pub(super) fn known(settings: &Settings, address: &Url) -> Finding {
    let what = match (address.scheme(), &settings.address) {
        ("https", Some(_)) => What::AddressConfigured,
        ("https", None) => What::AddressFromHost,
        _ => What::AddressPlain,
    };
    let setting = settings.address.as_ref().map(|_| "COCKPIT_KUBE_URL");
    let mut https = address.clone();
    // http and https are both special schemes: the one becomes the other.
    let _ = https.set_scheme("https");
    Finding::new(ID, About::Console, what)
        .fact(FactName::Address, run::origin(address))
        .maybe(FactName::Setting, setting)
        .run(
            settings
                .installation()
                .set("COCKPIT_KUBE_URL", &run::origin(&https)),
        )
}

/// What the OAuth server makes of a sign-in that would lead back there.
pub(super) async fn client(settings: &Settings, clock: &Clock, address: &Url) -> Finding {
    let redirect_uri = settings.callback_of(address);
    let asked = tokio::time::timeout(PATIENCE, preflight(settings, clock, &redirect_uri)).await;
    let what = match asked.ok().flatten() {
        Some(Preflight::Good) => What::RedirectRegistered,
        Some(Preflight::NoSuchClient) => What::ClientMissing,
        Some(Preflight::RedirectNotRegistered) => What::RedirectNotRegistered,
        Some(Preflight::NoOauthServer) | None => What::LoginNotTried,
    };
    let finding = Finding::new("oauth-client", About::Oauth, what)
        .fact(FactName::Client, &settings.oauth.client_id)
        .fact(FactName::RedirectUri, redirect_uri.as_str())
        .fact(FactName::Address, run::origin(address));
    match what {
        What::ClientMissing => finding
            .run(settings.installation().redirect_uris())
            .run(settings.installation().create_client_with_secret(address)),
        What::RedirectNotRegistered => finding
            .run(run::routes(settings))
            .run(settings.installation().redirect_uris())
            .run(settings.installation().add_redirect_uri(address)),
        _ => finding.run(run::log(settings)),
    }
}

/// None if the OAuth server gave no answer.
pub(super) async fn preflight(
    settings: &Settings,
    clock: &Clock,
    redirect_uri: &Url,
) -> Option<Preflight> {
    let discovery = Discovery::new(
        settings.master_upstream().ok()?,
        settings.oauth.provider.clone(),
        clock.clone(),
    );
    OauthClient::new(settings.oauth.clone(), discovery)
        .preflight(redirect_uri)
        .await
        .ok()
}
