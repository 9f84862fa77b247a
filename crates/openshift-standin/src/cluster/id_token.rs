//! ID tokens of an external OIDC provider as bearer tokens of the API server.
//!
//! As kube-apiserver with a structured authentication configuration, which is what the cluster
//! makes of `authentication.config` of type `OIDC`: kubernetes,
//! `staging/src/k8s.io/apiserver/plugin/pkg/authenticator/token/oidc/oidc.go` and go-oidc,
//! `oidc/verify.go`; openshift/cluster-authentication-operator,
//! `pkg/controllers/externaloidc/generation/kubeapiserver/generate.go`; openshift/api,
//! `config/v1/types_authentication.go`.

mod json_web_key;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::Cluster;
use json_web_key::VerificationKey;

/// The claim that is the user name without the issuer in front of it, if no prefix policy is set.
const EMAIL_CLAIM: &str = "email";
/// How far in the future `nbf` may be (go-oidc).
const NOT_BEFORE_LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// An element of `spec.oidcProviders` of `authentication.config.openshift.io`.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// `issuer.issuerURL`, which `iss` must equal.
    pub url: String,
    /// `issuer.audiences`: `aud` must contain one of them.
    pub audiences: Vec<String>,
    pub claims: ClaimMappings,
}

/// `claimMappings`: how the claims of an ID token become a user.
#[derive(Clone, Debug)]
pub struct ClaimMappings {
    /// `username.claim`.
    pub username: String,
    pub username_prefix: UsernamePrefixPolicy,
    /// `groups.claim`: a text or a list of texts.
    pub groups: String,
    /// `groups.prefix`.
    pub groups_prefix: String,
}

impl Default for ClaimMappings {
    /// User and group names as they are.
    fn default() -> Self {
        Self {
            username: "preferred_username".to_owned(),
            username_prefix: UsernamePrefixPolicy::NoPrefix,
            groups: "groups".to_owned(),
            groups_prefix: String::new(),
        }
    }
}

/// `username.prefixPolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsernamePrefixPolicy {
    /// Empty, the default: `ISSUER#` comes before a claim other than `email`.
    NoOpinion,
    NoPrefix,
    /// `Prefix`, with `prefix.prefixString`.
    Prefix(String),
}

/// The user of a valid ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdTokenUser {
    pub(crate) name: String,
    /// The claim `sub`, which is the default of `claimMappings.uid`.
    pub(crate) uid: String,
    pub(crate) groups: Vec<String>,
    /// `JTI=` and the claim `jti`: `authentication.kubernetes.io/credential-id`.
    pub(crate) credential_id: Option<String>,
}

/// The issuer, with the keys that it publishes.
pub(super) struct IssuerTrust {
    issuer: TrustedIssuer,
    keys: Vec<VerificationKey>,
}

impl Cluster {
    /// Makes the API server accept the ID tokens of this issuer. It needs the issuer's keys:
    /// [`Cluster::set_issuer_keys`].
    pub fn trust_issuer(&self, issuer: TrustedIssuer) {
        *self.issuer_trust() = Some(IssuerTrust {
            issuer,
            keys: Vec::new(),
        });
    }

    pub(crate) fn trusted_issuer(&self) -> Option<TrustedIssuer> {
        self.issuer_trust()
            .as_ref()
            .map(|trust| trust.issuer.clone())
    }

    /// Replaces the keys of the trusted issuer with those of its key set (RFC 7517). Keys that the
    /// API server cannot use are left out.
    pub fn set_issuer_keys(&self, key_set: &Value) {
        if let Some(trust) = self.issuer_trust().as_mut() {
            trust.keys = json_web_key::verification_keys(key_set);
        }
    }

    /// The user of an ID token of the trusted issuer; `None` if there is none, or the token is not
    /// valid.
    pub(super) fn user_of_id_token(&self, token: &str) -> Option<IdTokenUser> {
        let user = {
            let trust = self.issuer_trust();
            trust.as_ref()?.authenticate(token, self.clock().now())?
        };
        let is_known = self.read(|state| {
            state
                .id_token_groups
                .get(&user.name)
                .is_some_and(|groups| *groups == user.groups)
        });
        if !is_known {
            self.write(|state| {
                state
                    .id_token_groups
                    .insert(user.name.clone(), user.groups.clone())
            });
        }
        Some(user)
    }
}

impl IssuerTrust {
    fn authenticate(&self, token: &str, now: DateTime<Utc>) -> Option<IdTokenUser> {
        let claims = json_web_key::verified_claims(token, &self.keys)?;
        let has_audience = |named: &str| self.issuer.audiences.iter().any(|own| own == named);
        let is_for_cluster = match &claims["aud"] {
            Value::String(one) => has_audience(one),
            Value::Array(all) => all.iter().filter_map(Value::as_str).any(has_audience),
            _ => false,
        };
        let time = |claim: &str| {
            let seconds = claims.get(claim)?.as_i64()?;
            DateTime::from_timestamp(seconds, 0)
        };
        let is_valid = claims["iss"] == self.issuer.url.as_str()
            && is_for_cluster
            && time("exp").is_some_and(|end| now <= end)
            && time("nbf").is_none_or(|begin| begin <= now + NOT_BEFORE_LEEWAY);
        if is_valid { self.user(&claims) } else { None }
    }

    fn user(&self, claims: &Map<String, Value>) -> Option<IdTokenUser> {
        let mapping = &self.issuer.claims;
        let text = |claim: &str| claims.get(claim).and_then(Value::as_str);
        let name = text(&mapping.username).filter(|name| !name.is_empty())?;
        // An address that is not verified could be anybody's.
        let is_unverified = mapping.username == EMAIL_CLAIM
            && claims
                .get("email_verified")
                .is_some_and(|verified| *verified != true);
        if is_unverified {
            return None;
        }
        let name = match &mapping.username_prefix {
            UsernamePrefixPolicy::NoOpinion if mapping.username != EMAIL_CLAIM => {
                format!("{}#{name}", self.issuer.url)
            }
            UsernamePrefixPolicy::NoOpinion | UsernamePrefixPolicy::NoPrefix => name.to_owned(),
            UsernamePrefixPolicy::Prefix(prefix) => format!("{prefix}{name}"),
        };
        let groups: Vec<&str> = match claims.get(&mapping.groups) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().map(Value::as_str).collect::<Option<_>>()?,
            None | Some(Value::Null) => Vec::new(),
            Some(_) => return None,
        };
        Some(IdTokenUser {
            name,
            uid: text("sub")?.to_owned(),
            groups: groups
                .into_iter()
                .map(|group| format!("{}{group}", mapping.groups_prefix))
                .collect(),
            credential_id: text("jti").map(|id| format!("JTI={id}")),
        })
    }
}
