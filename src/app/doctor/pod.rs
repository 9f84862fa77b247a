//! What the console's service account may do. Nothing that a person sees depends on it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use tokio::io::AsyncReadExt as _;

use super::finding::{About, FactName, Finding};
use super::run;
use super::settings::Settings;
use super::what::What;
use crate::app::shell_command::ShellCommand;
use crate::config::IndexToken;
use crate::openshift::{Access, Error};
use crate::outbound::UserToken;
use crate::registry;
use registry_model::{ProjectName, ServiceAccountName, Subject};

/// More than any token.
const TOKEN_BYTES: u64 = 64 << 10;
const ID: &str = "service-account";

/// Whether the account may list and watch image streams; and, as it has a token, whether the
/// registry can ask the master about one.
pub(super) async fn account(settings: &Settings) -> Vec<Finding> {
    let Some(token) = token(settings).await else {
        return vec![
            Finding::new(ID, About::Console, What::AccountAbsent)
                .maybe(FactName::Setting, settings.token_source()),
        ];
    };
    let (rights, alone, account) = tokio::join!(
        rights(settings, &token),
        registry_is_alone(settings, &token),
        account_of(settings, &token)
    );
    let finding = Finding::new(ID, About::Console, rights)
        .maybe(
            FactName::Account,
            account
                .as_ref()
                .map(|account| account.account_name().into_owned()),
        )
        .maybe(FactName::Setting, settings.token_source());
    let finding = match (rights, &account) {
        (What::AccountMayNotIndex, Some(account)) => finding.runs(run::let_index(account)),
        (
            What::AccountRefused,
            Some(Subject {
                name,
                project: Some(project),
                ..
            }),
        ) => finding.run(
            ShellCommand::new("oc get serviceaccount")
                .operand(name)
                .option("-n", project),
        ),
        _ => finding.run(run::log(settings)),
    };
    let alone = alone.then(|| lost_master(settings, "registry-master"));
    std::iter::once(finding).chain(alone).collect()
}

/// The registry's empty 400: it could not ask the master.
pub(super) fn lost_master(settings: &Settings, id: &'static str) -> Finding {
    Finding::new(id, About::Registry, What::RegistryAlone)
        .fact(FactName::Address, run::origin(&settings.registry.url))
        .runs(run::registry_log())
}

/// The account that a token is for: by its claims, as service accounts have them, else by what the
/// API server says. None if neither says it.
async fn account_of(settings: &Settings, token: &UserToken) -> Option<Subject> {
    if let Some(account) = claimed_account(token) {
        return Some(account);
    }
    let master = settings.master().ok()?;
    let user = master.as_user(token).whoami().await.ok()?;
    Some(Subject::of_user_name(&user.name))
}

/// The account in the claims of a token that is a JWT: `system:serviceaccount:PROJECT:NAME`. Nobody
/// checked them; they only go into commands.
fn claimed_account(token: &UserToken) -> Option<Subject> {
    let claims = URL_SAFE_NO_PAD
        .decode(token.expose().split('.').nth(1)?.trim_end_matches('='))
        .ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    let account = Subject::of_user_name(claims["sub"].as_str()?);
    let project = account.project.as_deref()?;
    let is_account = account.name.parse::<ServiceAccountName>().is_ok()
        && project.parse::<ProjectName>().is_ok();
    is_account.then_some(account)
}

/// The account of the index, or of the pod where there is no index.
pub(super) async fn index_account(settings: &Settings) -> Option<Subject> {
    account_of(settings, &token(settings).await?).await
}

async fn token(settings: &Settings) -> Option<UserToken> {
    match &settings.index.token {
        Some(IndexToken::Here(token)) => Some(UserToken::from(token.expose_secret())),
        Some(IndexToken::File(path)) => read(path).await,
        None => read(settings.pod.token_file.as_deref()?).await,
    }
}

async fn read(path: &Path) -> Option<UserToken> {
    let mut text = String::new();
    tokio::fs::File::open(path)
        .await
        .ok()?
        .take(TOKEN_BYTES)
        .read_to_string(&mut text)
        .await
        .ok()?;
    let token = text.trim();
    (!token.is_empty()).then(|| UserToken::from(token))
}

async fn rights(settings: &Settings, token: &UserToken) -> What {
    let Ok(master) = settings.master() else {
        return What::NotReached;
    };
    let account = master.as_user(token);
    let (list, watch) = (Access::list_streams(None), Access::watch_streams());
    match tokio::join!(account.may(&list), account.may(&watch)) {
        (Ok(true), Ok(true)) => What::AccountMayIndex,
        (Ok(_), Ok(_)) | (Err(Error::Forbidden(_)), _) => What::AccountMayNotIndex,
        (Err(Error::TokenRefused), _) | (_, Err(Error::TokenRefused)) => What::AccountRefused,
        _ => What::NotReached,
    }
}

async fn registry_is_alone(settings: &Settings, token: &UserToken) -> bool {
    let Ok(registry) = settings.registry() else {
        return false;
    };
    matches!(
        registry.as_user(token).base().await,
        Err(registry::Error::CannotAskMaster)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_that_the_claims_of_the_token_name() {
        let claimed = |claims: &str| {
            claimed_account(&UserToken::from(
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
        assert_eq!(claimed_account(&UserToken::from("opaque")), None);
    }
}
