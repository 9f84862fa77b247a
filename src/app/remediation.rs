//! Commands for an administrator of the cluster: the one place that builds commands about the
//! installation of the console, the registry and the OAuth client.
//!
//! Findings of the doctor, the pages about failed sign-ins and the pages of a cluster without a
//! registry show the same commands. The names in them come from one [`Installation`]. They are
//! readable without a session: they contain names and addresses, never a secret.

mod authorities;
mod cluster;
mod console;
mod installation;
mod network;
mod registry;
mod sign_in;

use url::Url;

use super::shell_command::ShellCommand;

pub(super) use authorities::{
    api_server_authority_command, oauth_authority_commands, oidc_authority_commands,
    registry_authority_commands, storage_authority_commands,
};
pub(super) use cluster::{
    grant_index_right, grant_size_index_right, grant_workload_index_right, run_doctor_with_token,
    show_api_server_address, show_api_service, show_authentication, show_authentication_type,
    show_clock_synchronization, show_service_account, show_user,
};
pub use installation::Installation;
pub(super) use installation::list_variables;
pub(super) use network::{
    create_certificate, fetch, fetch_provider_discovery, provider_discovery_path, resolve_host,
    show_certificate, show_certificate_details, show_certificates, show_server_time,
};
pub(super) use registry::{
    enable_registry, expose_registry, find_registry, set_registry_host, show_registry_log,
};
pub use sign_in::{api_server_authentication_steps, oauth_server_steps, provider_discovery_steps};

/// One step of a remediation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemediationStep {
    pub text: StepText,
    pub command: ShellCommand,
}

/// What a step does, and when it helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepText {
    ShowRoute,
    ShowRedirectUris,
    AddRedirectUri,
    UseRouteAddress,
    ShowOauthClient,
    SetRedirectUri,
    CreateOauthClient,
    /// The secret is typed in; the console has it from this variable.
    CreateOauthClientWithSecret {
        variable: &'static str,
    },
    CopyClientSecret,
    MountClientSecret,
    SetClientSecretFile,
    ListSecrets,
    /// The secret is typed in; the console has it from this variable.
    SetClientSecret {
        variable: &'static str,
    },
    CheckOauthServer,
    ShowAuthenticationOperator,
    ShowOauthPods,
    ShowAuthenticationType,
    UseOidcProvider,
    /// The issuers and audiences whose tokens the API server accepts.
    CompareAuthentication,
    /// The discovery document of the OIDC provider.
    FetchProviderDiscovery,
    UseApiWithToken,
}

impl StepText {
    pub(super) fn with(self, command: ShellCommand) -> RemediationStep {
        RemediationStep {
            text: self,
            command,
        }
    }
}

/// Scheme, host and port, as OAuth clients register them.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
