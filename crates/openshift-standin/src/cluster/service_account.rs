//! Service accounts, the secrets that contain their tokens, and tokens that expire.
//!
//! Recorded in `serviceaccount*`, `secret*` and `tokenrequest*`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Cluster, ClusterState, ObjectMetadata, Version};

type ServiceAccountKey = (String, String);

/// All of them, by project and name.
#[derive(Default)]
pub(crate) struct ServiceAccounts {
    accounts: BTreeMap<ServiceAccountKey, ServiceAccountObject>,
    secrets: BTreeMap<ServiceAccountKey, TokenSecretObject>,
    /// By the token itself.
    tokens: BTreeMap<String, AccountToken>,
    /// Whether the controller that fills secrets is stopped.
    controller_stopped: bool,
}

/// A service account of a project.
#[derive(Clone, Debug)]
pub(crate) struct ServiceAccountObject {
    pub(crate) meta: ObjectMetadata,
}

/// A secret with a token of a service account.
#[derive(Clone)]
pub(crate) struct TokenSecretObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) kind: SecretKind,
    account: String,
    /// The token that the controller has added.
    pub(crate) token: Option<String>,
}

/// The type and origin of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// `kubernetes.io/service-account-token`, created by a client.
    Token,
    /// The same, created by the controller for every service account (3.9).
    ControllerToken,
    /// `kubernetes.io/dockercfg`, created by the controller for every service account (3.9).
    ControllerPullSecret,
}

struct AccountToken {
    account: ServiceAccountKey,
    uid: String,
    expires: Option<DateTime<Utc>>,
}

impl ServiceAccounts {
    pub(super) fn remove_project(&mut self, project: &str) {
        self.accounts.retain(|(of, _), _| of != project);
        self.secrets.retain(|(of, _), _| of != project);
    }

    pub(crate) fn in_project<'a>(
        &'a self,
        project: &str,
    ) -> impl Iterator<Item = &'a ServiceAccountObject> + use<'a> {
        self.accounts
            .range(super::rbac::project_key_range(project))
            .map(|(_, account)| account)
    }

    pub(crate) fn get(&self, project: &str, name: &str) -> Option<&ServiceAccountObject> {
        self.accounts.get(&key(project, name))
    }

    pub(crate) fn secrets_of<'a>(
        &'a self,
        project: &str,
    ) -> impl Iterator<Item = &'a TokenSecretObject> + use<'a> {
        self.secrets
            .range(super::rbac::project_key_range(project))
            .map(|(_, secret)| secret)
    }

    /// The secrets that the controllers created for a service account.
    pub(crate) fn controller_secrets_of<'a>(
        &'a self,
        account: &'a ObjectMetadata,
    ) -> impl Iterator<Item = &'a TokenSecretObject> {
        let secrets = self.secrets_of(account.namespace.as_deref().unwrap_or_default());
        secrets.filter(|secret| secret.kind != SecretKind::Token && secret.account == account.name)
    }

    pub(crate) fn remove_secret(&mut self, project: &str, name: &str) -> Option<TokenSecretObject> {
        self.secrets.remove(&key(project, name))
    }

    pub(crate) fn secret(&self, project: &str, name: &str) -> Option<&TokenSecretObject> {
        self.secrets.get(&key(project, name))
    }
}

impl Cluster {
    /// Stops the controller that adds tokens to secrets, or starts it again.
    pub fn stall_token_controller(&self, stalled: bool) {
        self.write(|state| state.service_accounts.controller_stopped = stalled);
    }
}

impl ClusterState {
    /// Stores a changed service account, with a new revision. Its secrets stay.
    pub(crate) fn update_service_account(
        &mut self,
        mut account: ServiceAccountObject,
    ) -> ServiceAccountObject {
        account.meta.resource_version = self.next_revision();
        let project = account.meta.namespace.clone().unwrap_or_default();
        let key = (project, account.meta.name.clone());
        self.service_accounts.accounts.insert(key, account.clone());
        account
    }

    pub(crate) fn put_service_account(&mut self, account: ServiceAccountObject) {
        let project = account.meta.namespace.clone().unwrap_or_default();
        let name = account.meta.name.clone();
        self.service_accounts
            .accounts
            .insert((project.clone(), name.clone()), account);
        if self.version() == Version::V3_9 {
            for (part, kind) in [
                ("token", SecretKind::ControllerToken),
                ("dockercfg", SecretKind::ControllerPullSecret),
            ] {
                let meta = self.new_meta(
                    Some(&project),
                    &format!("{name}-{part}-{}", suffix(&project, &name)),
                );
                self.put_secret(meta, kind, &name);
            }
        }
    }

    fn put_secret(
        &mut self,
        mut meta: ObjectMetadata,
        kind: SecretKind,
        account: &str,
    ) -> TokenSecretObject {
        let project = meta.namespace.clone().unwrap_or_default();
        meta.annotations.insert(
            "kubernetes.io/service-account.name".to_owned(),
            account.to_owned(),
        );
        let secret = TokenSecretObject {
            meta,
            kind,
            account: account.to_owned(),
            token: None,
        };
        if self.service_accounts.get(&project, account).is_some() {
            self.service_accounts
                .secrets
                .insert((project, secret.meta.name.clone()), secret.clone());
        }
        secret
    }

    /// Deletes a service account with its secrets. Its tokens become invalid.
    pub(crate) fn remove_service_account(
        &mut self,
        project: &str,
        name: &str,
    ) -> Option<ServiceAccountObject> {
        let removed = self.service_accounts.accounts.remove(&key(project, name))?;
        self.service_accounts
            .secrets
            .retain(|(of, _), secret| of != project || secret.account != name);
        self.next_revision();
        Some(removed)
    }

    /// Stores an empty secret for a service account's token. One for a service account that does
    /// not exist is deleted at once.
    pub(crate) fn put_token_secret(
        &mut self,
        meta: ObjectMetadata,
        account: &str,
    ) -> TokenSecretObject {
        self.put_secret(meta, SecretKind::Token, account)
    }

    /// Does what the controller does shortly after a secret was created.
    pub(crate) fn fill_token_secrets(&mut self) {
        if self.service_accounts.controller_stopped {
            return;
        }
        let empty: Vec<ServiceAccountKey> = self
            .service_accounts
            .secrets
            .iter()
            .filter(|(_, secret)| secret.token.is_none())
            .map(|(key, _)| key.clone())
            .collect();
        for (project, name) in empty {
            let account = self.service_accounts.secrets[&(project.clone(), name.clone())]
                .account
                .clone();
            let token = self.new_account_token(&project, &account, None);
            let revision = self.next_revision();
            let uid = self
                .service_accounts
                .get(&project, &account)
                .map(|account| account.meta.uid.clone());
            if let Some(secret) = self.service_accounts.secrets.get_mut(&(project, name)) {
                secret.token = token.map(|(token, _)| token);
                secret.meta.resource_version = revision;
                secret
                    .meta
                    .annotations
                    .extend(uid.map(|uid| ("kubernetes.io/service-account.uid".to_owned(), uid)));
            }
        }
    }

    /// A token of a service account, and when it expires. `None`: there is no such service account.
    pub(crate) fn new_account_token(
        &mut self,
        project: &str,
        name: &str,
        life: Option<TimeDelta>,
    ) -> Option<(String, Option<DateTime<Utc>>)> {
        let uid = self.service_accounts.get(project, name)?.meta.uid.clone();
        let expires = life.map(|life| self.now() + life);
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({"sub": format!("system:serviceaccount:{project}:{name}"), "exp": expires.map(|at| at.timestamp())});
        let signature =
            URL_SAFE_NO_PAD.encode([rand::random::<[u8; 32]>(), rand::random()].concat());
        let token = format!(
            "{}.{}.{signature}",
            part(json!({"alg": "RS256", "kid": ""})),
            part(claims)
        );
        self.service_accounts.tokens.insert(
            token.clone(),
            AccountToken {
                account: key(project, name),
                uid,
                expires,
            },
        );
        Some((token, expires))
    }

    /// The user name of the service account that the token belongs to. A service account that was
    /// created again under the same name is a different one.
    pub(super) fn service_account_of(&self, token: &str) -> Option<String> {
        let token = self.service_accounts.tokens.get(token)?;
        let account = self
            .service_accounts
            .accounts
            .get(&token.account)
            .filter(|account| account.meta.uid == token.uid)?;
        let lives = token.expires.is_none_or(|expires| self.now() < expires);
        lives.then(|| {
            format!(
                "system:serviceaccount:{}:{}",
                token.account.0, account.meta.name
            )
        })
    }
}

/// Five letters, as the API server generates them for a `generateName`; the same in every run.
fn suffix(project: &str, name: &str) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let hash = Sha256::digest(format!("{project}/{name}"));
    hash.iter()
        .take(5)
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect()
}

fn key(project: &str, name: &str) -> ServiceAccountKey {
    (project.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tests::cluster;
    use crate::cluster::{ProjectText, Version};

    fn with_robot() -> Cluster {
        let cluster = cluster(Version::V4);
        cluster
            .create_project(&"team-a".parse().unwrap(), ProjectText::default(), "dev")
            .unwrap();
        cluster.write(|state| {
            let meta = state.new_meta(Some("team-a"), "robot");
            state.put_service_account(ServiceAccountObject { meta });
        });
        cluster
    }

    #[test]
    fn service_account_token_works_until_account_deletion() {
        let cluster = with_robot();
        let (token, expires) = cluster
            .write(|state| state.new_account_token("team-a", "robot", None))
            .unwrap();
        assert_eq!(expires, None);
        assert_eq!(
            cluster.authenticate(&token).as_deref(),
            Some("system:serviceaccount:team-a:robot")
        );
        cluster.write(|state| state.remove_service_account("team-a", "robot"));
        assert_eq!(cluster.authenticate(&token), None);
        cluster.write(|state| {
            let meta = state.new_meta(Some("team-a"), "robot");
            state.put_service_account(ServiceAccountObject { meta });
        });
        assert_eq!(
            cluster.authenticate(&token),
            None,
            "another one of the same name"
        );
    }

    #[test]
    fn the_controller_fills_a_token_secret() {
        let cluster = with_robot();
        let token = |cluster: &Cluster| {
            cluster.read(|state| {
                state
                    .service_accounts
                    .secret("team-a", "robot-token")
                    .and_then(|it| it.token.clone())
            })
        };
        cluster.stall_token_controller(true);
        cluster.write(|state| {
            let meta = state.new_meta(Some("team-a"), "robot-token");
            state.put_token_secret(meta, "robot");
            state.fill_token_secrets();
        });
        assert_eq!(token(&cluster), None);
        cluster.stall_token_controller(false);
        cluster.write(ClusterState::fill_token_secrets);
        assert!(token(&cluster).is_some_and(|token| cluster.authenticate(&token).is_some()));
    }
}
