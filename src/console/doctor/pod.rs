//! What the console's service account may do. Nothing that a person sees depends on it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::AsyncReadExt as _;

use super::finding::{About, FactName, Finding};
use super::run;
use super::settings::Settings;
use super::what::What;
use crate::model::ServiceAccountName;
use crate::openshift::{Access, Error};
use crate::outbound::UserToken;
use crate::registry;

/// More than any token.
const TOKEN_BYTES: u64 = 64 << 10;
const ID: &str = "service-account";

/// Whether the account may list and watch image streams; and, as it has a token, whether the registry can ask the master about one.
pub(super) async fn account(settings: &Settings) -> Vec<Finding> {
    let Some(token) = token(settings).await else { return vec![Finding::new(ID, About::Console, What::AccountAbsent)] };
    let (rights, alone) = tokio::join!(rights(settings, &token), registry_is_alone(settings, &token));
    let finding = Finding::new(ID, About::Console, rights).maybe(FactName::Project, settings.pod.project.as_deref());
    let finding = finding.runs(run::let_index(settings, &account_name(&token)));
    let alone = alone.then(|| lost_master(settings, "registry-master"));
    std::iter::once(finding).chain(alone).collect()
}

/// The registry's empty 400: it could not ask the master.
pub(super) fn lost_master(settings: &Settings, id: &'static str) -> Finding {
    Finding::new(id, About::Registry, What::RegistryAlone)
        .fact(FactName::Address, run::origin(&settings.registry.url))
        .runs(run::registry_log())
}

/// The name of the service account that a token is for, which its claims say: `system:serviceaccount:PROJECT:NAME`. The account that pods run as,
/// where nothing else is said.
fn account_name(token: &UserToken) -> String {
    let claims = token.expose().split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
    let claims: Option<serde_json::Value> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    let name = claims.as_ref().and_then(|claims| claims["sub"].as_str()?.strip_prefix("system:serviceaccount:")?.split_once(':'));
    let name = name.and_then(|(_, name)| name.parse::<ServiceAccountName>().ok());
    name.map_or_else(|| "default".to_owned(), |name| name.to_string())
}

/// The name of the console's own service account.
pub(super) async fn own_account(settings: &Settings) -> String {
    token(settings).await.map_or_else(|| "default".to_owned(), |token| account_name(&token))
}

async fn token(settings: &Settings) -> Option<UserToken> {
    read(settings.pod.token_file.as_deref()?).await
}

async fn read(path: &Path) -> Option<UserToken> {
    let mut text = String::new();
    tokio::fs::File::open(path).await.ok()?.take(TOKEN_BYTES).read_to_string(&mut text).await.ok()?;
    let token = text.trim();
    (!token.is_empty()).then(|| UserToken::from(token))
}

async fn rights(settings: &Settings, token: &UserToken) -> What {
    let Ok(master) = settings.master() else { return What::NotReached };
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
    let Ok(registry) = settings.registry() else { return false };
    matches!(registry.as_user(token).base().await, Err(registry::Error::CannotAskMaster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_whose_token_the_pod_has() {
        let token = |claims: &str| UserToken::from(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).as_str());
        let named = |claims: &str| account_name(&token(claims));
        assert_eq!(
            named(r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:infra:registry-console"}"#),
            "registry-console"
        );
        for claims in ["", "{}", r#"{"sub":"dev"}"#, r#"{"sub":"system:serviceaccount:infra:--all"}"#, r#"{"sub":7}"#] {
            assert_eq!(named(claims), "default", "{claims}");
        }
        assert_eq!(account_name(&UserToken::from("opaque")), "default");
    }
}
