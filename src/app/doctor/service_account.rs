//! What the console's service account may do. No user's rights depend on it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use tokio::io::AsyncReadExt as _;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::doctor::check_result::CheckResult;
use crate::app::remediation;
use crate::config::IndexToken;
use crate::openshift::{AccessRight, ApiError};
use crate::outbound::UserToken;
use crate::registry;
use registry_model::{ProjectName, ServiceAccountName, Subject};

/// Larger than any token.
const MAX_TOKEN_BYTES: u64 = 64 << 10;
const CHECK_ID: &str = "service-account";

/// Whether the account may list and watch image streams and, since it has a token, whether the
/// registry can ask the API server to review one.
pub(super) async fn service_account_findings(settings: &Settings) -> Vec<Finding> {
    let Some(token) = service_account_token(settings).await else {
        return vec![
            Finding::new(CHECK_ID, Component::Console, CheckResult::AccountAbsent)
                .with_optional_fact(FactName::Setting, settings.token_source()),
        ];
    };
    let (rights, alone, account) = tokio::join!(
        index_rights(settings, &token),
        registry_cannot_reach_api_server(settings, &token),
        token_subject(settings, &token)
    );
    let finding = Finding::new(CHECK_ID, Component::Console, rights)
        .with_optional_fact(
            FactName::Account,
            account
                .as_ref()
                .map(|account| account.qualified_name().into_owned()),
        )
        .with_optional_fact(FactName::Setting, settings.token_source());
    let finding = match (rights, &account) {
        (CheckResult::AccountMayNotIndex, Some(account)) => {
            finding.with_commands(remediation::grant_index_right(account))
        }
        (
            CheckResult::AccountRefused,
            Some(Subject {
                name,
                project: Some(project),
                ..
            }),
        ) => finding.with_command(remediation::show_service_account(project, name)),
        _ => finding.with_command(settings.installation().show_log()),
    };
    let alone = alone.then(|| registry_cannot_review(settings, "registry-master"));
    std::iter::once(finding).chain(alone).collect()
}

/// The registry's empty 400: it could not ask the API server.
pub(super) fn registry_cannot_review(settings: &Settings, id: &'static str) -> Finding {
    Finding::new(id, Component::Registry, CheckResult::RegistryAlone)
        .with_fact(
            FactName::Address,
            remediation::origin(&settings.registry.url),
        )
        .with_commands(remediation::show_registry_log())
}

/// The account that a token belongs to: from its claims, as those of service accounts have them,
/// otherwise as the API server says. `None` if neither names it.
async fn token_subject(settings: &Settings, token: &UserToken) -> Option<Subject> {
    if let Some(account) = account_from_claims(token) {
        return Some(account);
    }
    let api_server = settings.api_server().ok()?;
    let user = api_server.for_user(token).whoami().await.ok()?;
    Some(Subject::from_user_name(&user.name))
}

/// The account in the claims of a token that is a JWT: `system:serviceaccount:PROJECT:NAME`. The
/// signature is not verified; the name is used only in commands.
fn account_from_claims(token: &UserToken) -> Option<Subject> {
    let claims = URL_SAFE_NO_PAD
        .decode(token.expose().split('.').nth(1)?.trim_end_matches('='))
        .ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    let account = Subject::from_user_name(claims["sub"].as_str()?);
    let project = account.project.as_deref()?;
    let is_account = account.name.parse::<ServiceAccountName>().is_ok()
        && project.parse::<ProjectName>().is_ok();
    is_account.then_some(account)
}

/// The account of the index, or of the pod if there is no index.
pub(super) async fn find_index_account(settings: &Settings) -> Option<Subject> {
    token_subject(settings, &service_account_token(settings).await?).await
}

async fn service_account_token(settings: &Settings) -> Option<UserToken> {
    match &settings.index.token {
        Some(IndexToken::Inline(token)) => Some(UserToken::from(token.expose_secret())),
        Some(IndexToken::File(path)) => read_token(path).await,
        None => read_token(settings.pod.token_file.as_deref()?).await,
    }
}

async fn read_token(path: &Path) -> Option<UserToken> {
    let mut text = String::new();
    tokio::fs::File::open(path)
        .await
        .ok()?
        .take(MAX_TOKEN_BYTES)
        .read_to_string(&mut text)
        .await
        .ok()?;
    let token = text.trim();
    (!token.is_empty()).then(|| UserToken::from(token))
}

async fn index_rights(settings: &Settings, token: &UserToken) -> CheckResult {
    let Ok(api_server) = settings.api_server() else {
        return CheckResult::NotReached;
    };
    let account = api_server.for_user(token);
    let (list, watch) = (
        AccessRight::list_streams(None),
        AccessRight::watch_all_streams(),
    );
    match tokio::join!(account.is_allowed(&list), account.is_allowed(&watch)) {
        (Ok(true), Ok(true)) => CheckResult::AccountMayIndex,
        (Ok(_), Ok(_)) | (Err(ApiError::Forbidden(_)), _) => CheckResult::AccountMayNotIndex,
        (Err(ApiError::TokenRefused), _) | (_, Err(ApiError::TokenRefused)) => {
            CheckResult::AccountRefused
        }
        _ => CheckResult::NotReached,
    }
}

async fn registry_cannot_reach_api_server(settings: &Settings, token: &UserToken) -> bool {
    let Ok(registry) = settings.registry() else {
        return false;
    };
    matches!(
        registry.for_user(token).ping().await,
        Err(registry::RegistryError::AccessCheckFailed)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_account_is_read_from_token_claims() {
        let claimed = |claims: &str| {
            account_from_claims(&UserToken::from(
                format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).as_str(),
            ))
        };
        assert_eq!(
            claimed(
                r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:infra:registry-console"}"#
            ),
            Some(Subject::service_account("infra", "registry-console"))
        );
        for claims in [
            "",
            "{}",
            r#"{"sub":"dev"}"#,
            r#"{"sub":"system:serviceaccount:infra:--all"}"#,
            r#"{"sub":7}"#,
        ] {
            assert_eq!(claimed(claims), None, "{claims}");
        }
        assert_eq!(account_from_claims(&UserToken::from("opaque")), None);
    }
}
