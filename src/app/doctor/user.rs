//! Checks that concern the signed-in user: nothing is read that their token does not allow.

use url::Url;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use super::{Doctor, routes};
use crate::app::AppForUser;
use crate::app::connect::EnableRegistryCommands;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::service_account;
use crate::app::remediation;
use crate::config::OauthSettings;
use crate::openshift::{AccessRight, ApiError};
use crate::outbound::TransportError;
use crate::registry;
use registry_model::CurrentUser;

impl AppForUser<'_> {
    /// Whether the API server and the registry accept the user's token and, if the user may read
    /// them, what the OAuth client and the routes say.
    pub async fn run_doctor(&self, doctor: &Doctor, address: Option<&Url>) -> Vec<Finding> {
        let settings = &doctor.0.settings;
        let address = settings.address.as_ref().or(address);
        let patience = super::RESPONSE_TIMEOUT;
        let (current_user, base) = tokio::join!(
            tokio::time::timeout(patience, self.api_server.whoami()),
            tokio::time::timeout(patience, self.registry.ping())
        );
        let user = user_finding(settings, current_user.ok());
        let accepted = user.what == CheckResult::TokenAccepted;
        let registry = base.map_or_else(
            |_| Finding::new("registry-user", Component::Person, CheckResult::NotReached),
            |base| registry_token_finding(settings, accepted, &base),
        );
        let mut findings = vec![user, registry];
        findings.extend(self.index_finding(settings).await);
        findings.extend(self.workload_index_finding(settings).await);
        findings.extend(self.size_index_finding(settings).await);
        if let Ok(groups) = tokio::time::timeout(patience, self.api_group_findings(settings)).await
        {
            findings.extend(groups);
        }
        if accepted {
            let more = async {
                let client = async {
                    let oauth = settings.sign_in.oauth()?;
                    Some(self.oauth_client_finding(settings, oauth, address).await)
                };
                tokio::join!(client, self.route_finding(settings, address))
            };
            let (storage, blobs, pull, more, absent) = tokio::join!(
                self.registry_storage_finding(),
                self.blob_storage_finding(settings),
                self.oci_pull_finding(settings),
                tokio::time::timeout(patience, more),
                self.missing_registry_finding()
            );
            findings.extend(absent);
            findings.extend(storage);
            findings.push(blobs);
            findings.extend(pull);
            if let Ok((client, routes)) = more {
                findings.extend(client.into_iter().chain(routes));
            }
        }
        findings
    }

    /// That the cluster has no integrated registry, and how to enable it: that explains why none
    /// answers.
    async fn missing_registry_finding(&self) -> Option<Finding> {
        if !self.has_no_registry().await {
            return None;
        }
        let enable = EnableRegistryCommands::for_releases(self.app.release().await);
        let absent = Finding::new(
            "integrated-registry",
            Component::Registry,
            CheckResult::RegistryAbsent,
        );
        Some(absent.with_commands(enable.into_iter().flat_map(|enable| enable.commands)))
    }

    /// The registered redirect URIs, for the few users who may read them.
    async fn oauth_client_finding(
        &self,
        settings: &Settings,
        oauth: &OauthSettings,
        address: Option<&Url>,
    ) -> Finding {
        let finding = |result| {
            Finding::new("redirect-uris", Component::Oauth, result)
                .with_fact(FactName::Client, &oauth.client_id)
        };
        let [may] = self
            .review_access([AccessRight::read_oauth_clients()])
            .await;
        if !may {
            return finding(CheckResult::UrisNotAllowed);
        }
        let (result, uris) = match (
            self.api_server.get_redirect_uris(&oauth.client_id).await,
            address,
        ) {
            (Ok(uris), Some(address))
                if uris
                    .iter()
                    .any(|uri| uri_covers(uri, &settings.callback_url(address))) =>
            {
                (CheckResult::UrisCover, uris)
            }
            (Ok(uris), Some(_)) => (CheckResult::UrisLack, uris),
            (Ok(uris), None) => (CheckResult::AddressUnknown, uris),
            (Err(ApiError::NotFound), _) => (CheckResult::ClientMissing, Vec::new()),
            (Err(ApiError::NotServed), _) => (CheckResult::ApiNotServed, Vec::new()),
            (Err(ApiError::Forbidden(_)), _) => (CheckResult::UrisNotAllowed, Vec::new()),
            (Err(_), _) => (CheckResult::NotReached, Vec::new()),
        };
        let (result, wide) = match address
            .filter(|_| result == CheckResult::UrisCover)
            .and_then(|address| find_broader_uri(&uris, &settings.callback_url(address)))
        {
            Some((place, uri)) => (CheckResult::UrisWide, Some((place, uri.to_owned()))),
            None => (result, None),
        };
        let finding = finding(result).with_facts(FactName::Registered, uris);
        match (result, address) {
            (CheckResult::UrisWide, Some(address)) => match wide {
                Some((place, uri)) => finding.with_command(
                    settings
                        .installation()
                        .narrow_redirect_uri(place, &uri, address),
                ),
                None => finding,
            },
            (CheckResult::UrisLack, Some(address)) => {
                finding.with_command(settings.installation().add_redirect_uri(address))
            }
            (CheckResult::ClientMissing, Some(address)) => {
                finding.with_command(settings.installation().create_oauth_client(address))
            }
            _ => finding,
        }
    }

    async fn route_finding(&self, settings: &Settings, address: Option<&Url>) -> Option<Finding> {
        let host = address?.domain()?;
        let project = settings
            .pod
            .project
            .as_deref()
            .and_then(|name| name.parse().ok());
        let in_project = AccessRight::list_routes(project.as_ref());
        let [in_project, everywhere] = self
            .review_access([in_project, AccessRight::list_routes(None)])
            .await;
        let finding = |result| {
            Finding::new("route", Component::Console, result).with_fact(FactName::Address, host)
        };
        if !in_project && !everywhere {
            return Some(finding(CheckResult::RouteNotAllowed));
        }
        let scope = project.as_ref().filter(|_| in_project);
        let Ok(routes) = self.api_server.list_routes(scope).await else {
            return Some(finding(CheckResult::NotReached));
        };
        let matches = routes.iter().any(|route| route.host == host);
        let finding = finding(if matches {
            CheckResult::RouteFits
        } else {
            CheckResult::RouteLacks
        })
        .with_facts(FactName::Route, routes::matching_routes(&routes, host));
        Some(
            finding
                .with_command(settings.installation().show_routes())
                .with_command(settings.installation().create_route(address?)),
        )
    }
}

/// `current_user` is the response of the API server, if it arrived in time.
fn user_finding(
    settings: &Settings,
    current_user: Option<Result<CurrentUser, ApiError>>,
) -> Finding {
    let finding = |result| Finding::new("user", Component::Person, result);
    match current_user {
        Some(Ok(user)) => finding(CheckResult::TokenAccepted).with_fact(FactName::User, user.name),
        Some(Err(ApiError::TokenRefused)) => {
            let refused = finding(CheckResult::TokenRefused);
            match settings.sign_in.oidc() {
                // Its issuer or its audience may be another one than the cluster's.
                Some(_) => refused.with_command(remediation::show_authentication()),
                None => refused.with_command(remediation::show_user()),
            }
        }
        Some(Err(ApiError::NotServed)) => finding(CheckResult::UserApiMissing),
        Some(Err(_)) | None => finding(CheckResult::NotReached),
    }
}

fn registry_token_finding(
    settings: &Settings,
    accepted: bool,
    base: &Result<(), registry::RegistryError>,
) -> Finding {
    let result = match base {
        Ok(()) => CheckResult::RegistryAccepts,
        Err(registry::RegistryError::AccessCheckFailed) => {
            return service_account::registry_cannot_review(settings, "registry-user");
        }
        Err(registry::RegistryError::Denied) if accepted => CheckResult::RegistryRefuses,
        Err(
            registry::RegistryError::Transport(TransportError::TooLarge { .. })
            | registry::RegistryError::Unexpected { .. }
            | registry::RegistryError::NotFound,
        ) => CheckResult::RegistryIsNone,
        Err(_) => CheckResult::NotReached,
    };
    Finding::new("registry-user", Component::Person, result)
        .with_commands(remediation::show_registry_log())
}

/// The registered URI that covers more than the redirect URI, if none covers it exactly.
fn find_broader_uri<'u>(
    registered: &'u [String],
    redirect_uri: &Url,
) -> Option<(usize, &'u String)> {
    let exact = registered.iter().any(|uri| uri == redirect_uri.as_str());
    registered
        .iter()
        .enumerate()
        .find(|(_, uri)| !exact && uri_covers(uri, redirect_uri))
}

/// The rule of OpenShift: scheme, host and port are equal, and the path continues where that of the
/// registered URI ends.
fn uri_covers(registered: &str, redirect_uri: &Url) -> bool {
    let Ok(registered) = Url::parse(registered) else {
        return false;
    };
    let start = registered.path().trim_end_matches('/');
    let rest = redirect_uri.path().strip_prefix(start);
    registered.origin() == redirect_uri.origin()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_uri_covers_its_subpaths() {
        let callback = Url::parse("https://console.example.com/oauth/callback").unwrap();
        for good in [
            "https://console.example.com",
            "https://console.example.com/",
            "https://console.example.com/oauth",
            callback.as_str(),
        ] {
            assert!(uri_covers(good, &callback), "{good}");
        }
        for bad in [
            "http://console.example.com",
            "https://console.example.com:9090",
            "https://other.example.com",
            "https://console.example.com/oau",
            "x",
        ] {
            assert!(!uri_covers(bad, &callback), "{bad}");
        }
    }

    #[test]
    fn wider_registered_uri_is_found_only_without_exact_match() {
        let callback = Url::parse("https://console.example.com/oauth/callback").unwrap();
        let registered = [
            "https://other.example.com",
            "https://console.example.com",
            callback.as_str(),
        ]
        .map(str::to_owned);
        assert_eq!(
            find_broader_uri(&registered[..2], &callback),
            Some((1, &registered[1]))
        );
        assert_eq!(
            find_broader_uri(&registered, &callback),
            None,
            "one is exact"
        );
        assert_eq!(
            find_broader_uri(&registered[..1], &callback),
            None,
            "none covers it"
        );
    }
}
