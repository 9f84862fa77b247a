//! What concerns the person who asks: nothing is seen that their token does not show.

use url::Url;

use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::what::What;
use super::{Doctor, pod, routes, run};
use crate::app::AsUser;
use crate::app::connect::EnableRegistry;
use crate::openshift::{Access, Error};
use crate::outbound::Failed;
use crate::registry;

impl AsUser<'_> {
    /// Whether master and registry take the person's token; and where the person may read it, what
    /// the OAuth client and the routes say.
    pub async fn examine(&self, doctor: &Doctor, address: Option<&Url>) -> Vec<Finding> {
        let settings = &doctor.0.settings;
        let address = settings.address.as_ref().or(address);
        let patience = super::LIMIT;
        let (who, base) = tokio::join!(
            tokio::time::timeout(patience, self.master.whoami()),
            tokio::time::timeout(patience, self.registry.base())
        );
        let user = match who {
            Ok(Ok(user)) => Finding::new("user", About::Person, What::TokenAccepted)
                .fact(FactName::User, user.name),
            Ok(Err(Error::TokenRefused)) => {
                Finding::new("user", About::Person, What::TokenRefused).run(run::whoami())
            }
            Ok(Err(Error::NotServed)) => Finding::new("user", About::Person, What::UserApiMissing),
            _ => Finding::new("user", About::Person, What::NotReached),
        };
        let accepted = user.what == What::TokenAccepted;
        let registry = base.map_or_else(
            |_| Finding::new("registry-user", About::Person, What::NotReached),
            |base| of_registry(settings, accepted, &base),
        );
        let mut findings = vec![user, registry];
        findings.extend(self.index_finding(settings).await);
        if let Ok(groups) = tokio::time::timeout(patience, self.api_groups()).await {
            findings.extend(groups);
        }
        if accepted {
            let more = async {
                tokio::join!(
                    self.client(settings, address),
                    self.routes_of(settings, address)
                )
            };
            let (storage, more, absent) = tokio::join!(
                self.blob_storage(settings),
                tokio::time::timeout(patience, more),
                self.integrated_registry()
            );
            findings.extend(absent);
            findings.push(storage);
            if let Ok((client, routes)) = more {
                findings.extend(std::iter::once(client).chain(routes));
            }
        }
        findings
    }

    /// That the cluster has no integrated registry, and how to enable it: then it is no wonder that
    /// none answers.
    async fn integrated_registry(&self) -> Option<Finding> {
        if !self.is_without_registry().await {
            return None;
        }
        let enable = EnableRegistry::all(self.console.release().await);
        let absent = Finding::new("integrated-registry", About::Registry, What::RegistryAbsent);
        Some(absent.runs(enable.into_iter().flat_map(|enable| enable.commands)))
    }

    /// The redirect URIs that are registered, for the few who may read them.
    async fn client(&self, settings: &Settings, address: Option<&Url>) -> Finding {
        let finding = |what| {
            Finding::new("redirect-uris", About::Oauth, what)
                .fact(FactName::Client, &settings.oauth.client_id)
        };
        let [may] = self.allowed([Access::read_oauth_clients()]).await;
        if !may {
            return finding(What::UrisNotAllowed);
        }
        let (what, uris) = match (
            self.master.redirect_uris(&settings.oauth.client_id).await,
            address,
        ) {
            (Ok(uris), Some(address))
                if uris
                    .iter()
                    .any(|uri| covers(uri, &settings.callback_of(address))) =>
            {
                (What::UrisCover, uris)
            }
            (Ok(uris), Some(_)) => (What::UrisLack, uris),
            (Ok(uris), None) => (What::AddressUnknown, uris),
            (Err(Error::NotFound), _) => (What::ClientMissing, Vec::new()),
            (Err(Error::NotServed), _) => (What::ApiNotServed, Vec::new()),
            (Err(Error::Forbidden(_)), _) => (What::UrisNotAllowed, Vec::new()),
            (Err(_), _) => (What::NotReached, Vec::new()),
        };
        let (what, wide) = match address
            .filter(|_| what == What::UrisCover)
            .and_then(|address| wider(&uris, &settings.callback_of(address)))
        {
            Some((place, uri)) => (What::UrisWide, Some((place, uri.to_owned()))),
            None => (what, None),
        };
        let finding = finding(what).facts(FactName::Registered, uris);
        match (what, address) {
            (What::UrisWide, Some(address)) => match wide {
                Some((place, uri)) => finding.run(
                    settings
                        .installation()
                        .narrow_redirect_uri(place, &uri, address),
                ),
                None => finding,
            },
            (What::UrisLack, Some(address)) => {
                finding.run(settings.installation().add_redirect_uri(address))
            }
            (What::ClientMissing, Some(address)) => {
                finding.run(settings.installation().create_client_with_secret(address))
            }
            _ => finding,
        }
    }

    async fn routes_of(&self, settings: &Settings, address: Option<&Url>) -> Option<Finding> {
        let host = address?.domain()?;
        let project = settings
            .pod
            .project
            .as_deref()
            .and_then(|name| name.parse().ok());
        let there = Access::list_routes(project.as_ref());
        let [there, everywhere] = self.allowed([there, Access::list_routes(None)]).await;
        let finding =
            |what| Finding::new("route", About::Console, what).fact(FactName::Address, host);
        if !there && !everywhere {
            return Some(finding(What::RouteNotAllowed));
        }
        let asked = project.as_ref().filter(|_| there);
        let Ok(found) = self.master.routes(asked).await else {
            return Some(finding(What::NotReached));
        };
        let fits = found.iter().any(|route| route.host == host);
        let finding = finding(if fits {
            What::RouteFits
        } else {
            What::RouteLacks
        })
        .facts(FactName::Route, routes::shown(&found, host));
        Some(
            finding
                .run(run::routes(settings))
                .run(run::create_route(settings, address?)),
        )
    }
}

fn of_registry(settings: &Settings, accepted: bool, base: &Result<(), registry::Error>) -> Finding {
    let what = match base {
        Ok(()) => What::RegistryAccepts,
        Err(registry::Error::CannotAskMaster) => {
            return pod::lost_master(settings, "registry-user");
        }
        Err(registry::Error::Denied) if accepted => What::RegistryRefuses,
        Err(
            registry::Error::Unreachable(Failed::TooLarge { .. })
            | registry::Error::Unexpected { .. }
            | registry::Error::NotFound,
        ) => What::RegistryIsNone,
        Err(_) => What::NotReached,
    };
    Finding::new("registry-user", About::Person, what).runs(run::registry_log())
}

/// The one that covers more than the redirect URI, if none is registered that covers it exactly.
fn wider<'u>(registered: &'u [String], redirect_uri: &Url) -> Option<(usize, &'u String)> {
    let exact = registered.iter().any(|uri| uri == redirect_uri.as_str());
    registered
        .iter()
        .enumerate()
        .find(|(_, uri)| !exact && covers(uri, redirect_uri))
}

/// The rule of OpenShift: scheme, host and port are the same, and the path goes on where the
/// registered one ends.
fn covers(registered: &str, redirect_uri: &Url) -> bool {
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
    fn a_registered_uri_covers_what_begins_with_it() {
        let callback = Url::parse("https://console.example.com/oauth/callback").unwrap();
        for good in [
            "https://console.example.com",
            "https://console.example.com/",
            "https://console.example.com/oauth",
            callback.as_str(),
        ] {
            assert!(covers(good, &callback), "{good}");
        }
        for bad in [
            "http://console.example.com",
            "https://console.example.com:9090",
            "https://other.example.com",
            "https://console.example.com/oau",
            "x",
        ] {
            assert!(!covers(bad, &callback), "{bad}");
        }
    }

    #[test]
    fn a_registered_uri_is_wider_where_none_is_exact() {
        let callback = Url::parse("https://console.example.com/oauth/callback").unwrap();
        let registered = [
            "https://other.example.com",
            "https://console.example.com",
            callback.as_str(),
        ]
        .map(str::to_owned);
        assert_eq!(
            wider(&registered[..2], &callback),
            Some((1, &registered[1]))
        );
        assert_eq!(wider(&registered, &callback), None, "one is exact");
        assert_eq!(wider(&registered[..1], &callback), None, "none covers it");
    }
}
