//! Remediation steps in the user's language.

use serde::Serialize;
use url::Url;

use super::AppState;
use super::context::RequestContext;
use crate::app::remediation::{
    Installation, RemediationStep, StepText, api_server_authentication_steps,
    provider_discovery_steps,
};
use crate::app::shell_command::ShellCommand;
use crate::config::OidcSettings;
use crate::i18n::{Lang, Message};
use crate::openshift::oidc::OidcClient;

/// A step, and the command that carries it out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    /// What it does, and when it helps.
    pub(crate) what: String,
    pub(crate) command: ShellCommand,
}

/// The steps of the pages about failed sign-ins.
pub(super) struct SignInRemediation<'a> {
    lang: Lang,
    installation: Installation,
    /// The address of the console, if it is known.
    console_url: Option<&'a Url>,
    configured_url: Option<&'a Url>,
    oidc: Option<&'a OidcSettings>,
}

impl<'a> SignInRemediation<'a> {
    pub(super) fn new(app: &'a AppState, context: &'a RequestContext) -> Self {
        Self {
            lang: context.lang,
            installation: app.doctor.installation(),
            console_url: context.console_url.as_ref(),
            configured_url: app.address.configured_url(),
            oidc: app.oidc().map(OidcClient::settings),
        }
    }

    /// The address of the console in the configuration.
    pub(super) fn configured_url(&self) -> Option<&'a Url> {
        self.configured_url
    }

    /// The names of the console's objects.
    pub(super) fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The issuer of the OIDC provider, if users sign in there.
    pub(super) fn issuer(&self) -> &str {
        self.oidc.map_or("", |oidc| oidc.issuer.as_str())
    }

    pub(super) fn api_server_authentication(&self) -> Vec<Step> {
        translate(self.lang, api_server_authentication_steps())
    }

    pub(super) fn provider_discovery(&self) -> Vec<Step> {
        let steps = self
            .oidc
            .map(|oidc| provider_discovery_steps(&oidc.issuer_url()));
        translate(self.lang, steps.unwrap_or_default())
    }

    pub(super) fn redirect_uri(&self) -> Vec<Step> {
        translate(
            self.lang,
            self.installation.redirect_uri_steps(self.console_url),
        )
    }

    pub(super) fn oauth_client(&self) -> Vec<Step> {
        translate(
            self.lang,
            self.installation.oauth_client_steps(self.console_url),
        )
    }

    pub(super) fn missing_client_secret(&self) -> Vec<Step> {
        translate(self.lang, self.installation.missing_client_secret_steps())
    }

    pub(super) fn wrong_client_secret(&self) -> Vec<Step> {
        translate(self.lang, self.installation.wrong_client_secret_steps())
    }

    pub(super) fn address(&self) -> Vec<Step> {
        translate(self.lang, self.installation.address_steps())
    }
}

pub(super) fn translate(lang: Lang, steps: Vec<RemediationStep>) -> Vec<Step> {
    steps
        .into_iter()
        .map(|step| Step {
            what: step_text(lang, step.text).to_string(),
            command: step.command,
        })
        .collect()
}

fn step_text(lang: Lang, text: StepText) -> Message {
    match text {
        StepText::ShowRoute => lang.msg("remediation-route"),
        StepText::ShowRedirectUris => lang.msg("remediation-show-redirect-uris"),
        StepText::AddRedirectUri => lang.msg("remediation-add-redirect-uri"),
        StepText::UseRouteAddress => lang.msg("remediation-own-address"),
        StepText::ShowOauthClient => lang.msg("remediation-show-client"),
        StepText::SetRedirectUri => lang.msg("remediation-set-redirect-uris"),
        StepText::CreateOauthClient => lang.msg("remediation-create-client"),
        StepText::CreateOauthClientWithSecret { variable } => lang
            .msg("remediation-create-client-with-secret")
            .arg("setting", variable),
        StepText::CopyClientSecret => lang.msg("remediation-copy-client-secret"),
        StepText::MountClientSecret => lang.msg("remediation-mount-client-secret"),
        StepText::SetClientSecretFile => lang.msg("remediation-set-client-secret-file"),
        StepText::ListSecrets => lang.msg("remediation-find-client-secret"),
        StepText::SetClientSecret { variable } => lang
            .msg("remediation-patch-client-secret")
            .arg("setting", variable),
        StepText::CheckOauthServer => lang.msg("oauth-fault-curl"),
        StepText::ShowAuthenticationOperator => lang.msg("oauth-fault-operator"),
        StepText::ShowOauthPods => lang.msg("oauth-fault-pods"),
        StepText::ShowAuthenticationType => lang.msg("no-oauth-type"),
        StepText::UseOidcProvider => lang.msg("no-oauth-oidc"),
        StepText::CompareAuthentication => lang.msg("oidc-error-show-authentication"),
        StepText::FetchProviderDiscovery => lang.msg("oidc-error-show-discovery"),
        StepText::UseApiWithToken => lang.msg("no-oauth-bearer"),
    }
}
