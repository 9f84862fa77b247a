//! Steps for sign-ins that fail because console, route and OAuth client do not match.

use url::Url;

use super::installation::Installation;
use super::{RemediationStep, StepText, cluster, network, origin};
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;
use crate::config::OauthFlow;

impl Installation {
    /// The redirect URI of the console at `address` is not registered.
    #[must_use]
    pub fn redirect_uri_steps(&self, address: Option<&Url>) -> Vec<RemediationStep> {
        let mut steps = vec![
            StepText::ShowRoute.with(self.show_route_host()),
            StepText::ShowRedirectUris.with(self.show_redirect_uris()),
        ];
        steps.extend(
            address.map(|address| StepText::AddRedirectUri.with(self.add_redirect_uri(address))),
        );
        steps.extend(self.route_address_step());
        steps
    }

    /// There is no such OAuth client, or it has no redirect URIs.
    #[must_use]
    pub fn oauth_client_steps(&self, address: Option<&Url>) -> Vec<RemediationStep> {
        let mut steps = vec![StepText::ShowOauthClient.with(self.show_oauth_client())];
        if let Some(address) = address {
            let text = match self.oauth_flow {
                OauthFlow::Implicit => StepText::CreateOauthClient,
                OauthFlow::Code | OauthFlow::Disabled => StepText::CreateOauthClientWithSecret {
                    variable: self.client_secret_variable,
                },
            };
            steps.push(StepText::SetRedirectUri.with(self.set_redirect_uri(address)));
            steps.push(text.with(self.create_oauth_client(address)));
        }
        steps
    }

    /// The console does not have the secret of the OAuth client.
    #[must_use]
    pub fn missing_client_secret_steps(&self) -> Vec<RemediationStep> {
        [
            StepText::CopyClientSecret,
            StepText::MountClientSecret,
            StepText::SetClientSecretFile,
        ]
        .into_iter()
        .zip(self.use_client_secret())
        .map(|(text, command)| text.with(command))
        .collect()
    }

    /// The OAuth client has another secret than the console.
    #[must_use]
    pub fn wrong_client_secret_steps(&self) -> Vec<RemediationStep> {
        let set = StepText::SetClientSecret {
            variable: self.client_secret_variable,
        };
        vec![
            StepText::ListSecrets.with(self.list_secrets()),
            set.with(self.set_client_secret()),
        ]
    }

    /// The browser used another address than the configured one.
    #[must_use]
    pub fn address_steps(&self) -> Vec<RemediationStep> {
        let show = StepText::ShowRoute.with(self.show_route_host());
        [show]
            .into_iter()
            .chain(self.route_address_step())
            .collect()
    }

    /// Sets the console's address to the route's host, if the address is configured.
    fn route_address_step(&self) -> Option<RemediationStep> {
        self.is_address_configured
            .then(|| StepText::UseRouteAddress.with(self.set_address_from_route()))
    }

    /// The cluster has no OAuth server. The console's API at `api` still accepts tokens.
    #[must_use]
    pub fn no_oauth_server_steps(&self, api: Option<&str>) -> Vec<RemediationStep> {
        let mut steps = vec![
            StepText::ShowAuthenticationType.with(cluster::show_authentication_type()),
            StepText::UseOidcProvider.with(self.use_oidc_provider()),
        ];
        steps.extend(api.map(|api| {
            // The token is passed through a pipe, so that it does not appear in the list of
            // processes.
            let request = ShellCommand::new("curl -H @-").with_operand(format!("{api}/projects"));
            let token =
                ShellCommand::new("oc create token default").with_option("-n", &self.project);
            let header = token.pipe_to(ShellCommand::new("sed 's/^/Authorization: Bearer /'"));
            StepText::UseApiWithToken.with(header.pipe_to(request))
        }));
        steps
    }
}

/// The API server does not accept the tokens of the OIDC provider.
#[must_use]
pub fn api_server_authentication_steps() -> Vec<RemediationStep> {
    vec![StepText::CompareAuthentication.with(cluster::show_authentication())]
}

/// The OIDC provider at `issuer` does not describe itself as expected.
#[must_use]
pub fn provider_discovery_steps(issuer: &Url) -> Vec<RemediationStep> {
    vec![StepText::FetchProviderDiscovery.with(network::fetch_provider_discovery(issuer))]
}

/// Shows the state of the OAuth server at `server`. On OpenShift 3 it is part of the API server, on
/// OpenShift 4 it runs in pods of its own, which are left out if only its certificate is wrong.
#[must_use]
pub fn oauth_server_steps(
    server: &Url,
    release: Option<Release>,
    is_certificate_fault: bool,
) -> Vec<RemediationStep> {
    let healthz =
        ShellCommand::new("curl -sik").with_operand(format!("{}/healthz", origin(server)));
    let mut steps = vec![StepText::CheckOauthServer.with(healthz)];
    if !is_certificate_fault && release != Some(Release::Three) {
        steps.extend([
            StepText::ShowAuthenticationOperator
                .with(ShellCommand::new("oc get clusteroperator authentication")),
            StepText::ShowOauthPods
                .with(ShellCommand::new("oc get pods -n openshift-authentication")),
        ]);
    }
    steps
}
