//! Service accounts, the secrets with their tokens, and requests for tokens that end.
//!
//! Recorded in `serviceaccount*`, `secret*` and `tokenrequest*`. Of secrets only those of service
//! accounts are served.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::list::{self, Page};
use super::render::Render;
use crate::cluster::{
    Meta, Object, Reason, Refusal, SecretKind, ServiceAccount, State, TokenSecret, Version, rfc3339,
};

const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";
/// What a request for a token gets that does not say how long, and the least that it may say.
const USUAL_SECONDS: i64 = 3_600;
const LEAST_SECONDS: i64 = 600;

/// `serviceaccounts`, and their `token`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    match (asked.verb, asked.subresource.as_str()) {
        ("list", "") => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let items = state
                    .accounts
                    .of(&asked.project)
                    .filter(|account| is_selected(asked, &account.meta));
                list::of(
                    asked,
                    state,
                    "ServiceAccountList",
                    Page::of(items.map(|account| item(asked, state, account)).collect()),
                )
            });
            Ok(Answer::ok(&list))
        }
        ("get", "") => {
            let found = asked.cluster.read(|state| {
                state
                    .accounts
                    .get(&asked.project, &asked.name)
                    .map(|account| whole(asked, state, account))
            });
            Ok(Answer::ok(
                &found.ok_or_else(|| missing(asked, "serviceaccounts"))?,
            ))
        }
        ("create", "") => create(asked),
        ("delete", "") => delete(asked),
        ("create", "token") if asked.cluster.version() == Version::V4 => request_token(asked),
        (_, "token") => Err(Reason::NoSuchPath.into()),
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

/// `secrets`, of service accounts.
pub(super) fn answer_secrets(asked: &Asked) -> Result<Answer, Refusal> {
    if matches!(asked.verb, "get" | "list") {
        asked
            .cluster
            .write(crate::cluster::State::fill_token_secrets);
    }
    match asked.verb {
        "list" => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let secrets = state
                    .accounts
                    .secrets_of(&asked.project)
                    .map(|secret| secret_item(asked, secret))
                    .collect();
                list::of(asked, state, "SecretList", Page::of(secrets))
            });
            Ok(Answer::ok(&list))
        }
        "delete" => {
            let removed = asked
                .cluster
                .write(|state| state.accounts.remove_secret(&asked.project, &asked.name));
            let removed = removed.ok_or_else(|| missing(asked, "secrets"))?;
            Ok(Answer::deleted(
                &Object::new("", "secrets", &asked.name),
                &removed.meta.uid,
            ))
        }
        "get" => {
            let found = asked
                .cluster
                .read(|state| state.accounts.secret(&asked.project, &asked.name).cloned());
            Ok(Answer::ok(&whole_secret(
                asked,
                &found.ok_or_else(|| missing(asked, "secrets"))?,
            )))
        }
        "create" => create_secret(asked),
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn missing(asked: &Asked, resource: &str) -> Refusal {
    Reason::NotFound(Object::new("", resource, &asked.name)).into()
}

/// Whether an object has the labels that were asked for, each as `key=value`.
fn is_selected(asked: &Asked, meta: &Meta) -> bool {
    let wanted = asked
        .query
        .label_selector
        .split(',')
        .filter(|pair| !pair.is_empty());
    let mut wanted = wanted.filter_map(|pair| pair.split_once('='));
    wanted.all(|(key, value)| meta.labels.get(key).is_some_and(|has| has == value))
}

fn item(asked: &Asked, state: &State, account: &ServiceAccount) -> Value {
    let mut shown = json!({"metadata": Render::for_request(asked).meta(&account.meta, Some(("", "serviceaccounts")))});
    let named = |secret: &TokenSecret| json!({"name": secret.meta.name});
    let own: Vec<&TokenSecret> = state.accounts.own_secrets_of(&account.meta).collect();
    let to_pull = own
        .iter()
        .filter(|secret| secret.kind == SecretKind::OwnPullSecret)
        .map(|secret| named(secret));
    if !own.is_empty() {
        shown["imagePullSecrets"] = to_pull.collect();
        shown["secrets"] = own.iter().map(|secret| named(secret)).collect();
    }
    shown
}

fn whole(asked: &Asked, state: &State, account: &ServiceAccount) -> Value {
    Render::for_request(asked).typed("ServiceAccount", "", item(asked, state, account))
}

fn secret_item(asked: &Asked, secret: &TokenSecret) -> Value {
    let of_registry = secret.kind == SecretKind::OwnPullSecret;
    let kind = if of_registry {
        "kubernetes.io/dockercfg"
    } else {
        TOKEN_TYPE
    };
    let mut shown = json!({"metadata": Render::for_request(asked).meta(&secret.meta, Some(("", "secrets"))), "type": kind});
    let Some(token) = &secret.token else {
        return shown;
    };
    if of_registry {
        let registry = asked.cluster.hosts().registry_internal.clone();
        let login = STANDARD.encode(format!("serviceaccount:{token}"));
        let config = json!({registry: {"username": "serviceaccount", "password": token, "email": "serviceaccount@example.org", "auth": login}});
        shown["data"] = json!({".dockercfg": STANDARD.encode(config.to_string())});
        return shown;
    }
    shown["data"] = json!({"token": STANDARD.encode(token), "namespace": STANDARD.encode(&asked.project), "ca.crt": STANDARD.encode(NO_CA)});
    if asked.cluster.version() == Version::V3_9 {
        shown["data"]["service-ca.crt"] = STANDARD.encode(NO_CA).into();
    }
    shown
}

/// In place of the CA certificates of a cluster, which the API part of the embedded cluster does
/// not know.
const NO_CA: &str = "";

fn whole_secret(asked: &Asked, secret: &TokenSecret) -> Value {
    Render::for_request(asked).typed("Secret", "", secret_item(asked, secret))
}

fn new_meta(asked: &Asked, state: &mut crate::cluster::State, wanted: &Value) -> Meta {
    let meta = state.new_meta(Some(&asked.project), body::name(wanted));
    Meta {
        labels: body::texts(&wanted["metadata"]["labels"]),
        annotations: body::texts(&wanted["metadata"]["annotations"]),
        ..meta
    }
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_name("ServiceAccount", name)?;
    let created = asked.cluster.write(|state| {
        if state.accounts.get(&asked.project, name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(Object::new(
                "",
                "serviceaccounts",
                name,
            ))));
        }
        let account = ServiceAccount {
            meta: new_meta(asked, state, &wanted),
        };
        // The controllers come later: what comes back names no secrets yet.
        let shown = whole(asked, state, &account);
        state.put_account(account);
        Ok(shown)
    })?;
    Ok(Answer::created(&created))
}

/// RFC 1123 subdomains, as the real server demands them.
fn refuse_name(kind: &'static str, name: &str) -> Result<(), Refusal> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if name.len() <= 253
        && name.chars().all(inner)
        && edge(name.chars().next())
        && edge(name.chars().last())
    {
        return Ok(());
    }
    let message = format!(
        "Invalid value: {name:?}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"
    );
    let field = "metadata.name".to_owned();
    Err(Reason::Invalid {
        kind,
        group: "",
        name: name.to_owned(),
        field,
        cause: "FieldValueInvalid",
        message,
    }
    .into())
}

fn delete(asked: &Asked) -> Result<Answer, Refusal> {
    let options: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let removed = asked.cluster.write(|state| {
        let uid = state
            .accounts
            .get(&asked.project, &asked.name)
            .map(|account| account.meta.uid.clone());
        let uid = uid.ok_or_else(|| missing(asked, "serviceaccounts"))?;
        if options["preconditions"]["uid"]
            .as_str()
            .is_some_and(|wanted| wanted != uid)
        {
            return Err(Reason::Conflict(Object::new("", "serviceaccounts", &asked.name)).into());
        }
        let shown = state
            .accounts
            .get(&asked.project, &asked.name)
            .map(|account| whole(asked, state, account));
        state.remove_account(&asked.project, &asked.name);
        shown.ok_or_else(|| missing(asked, "serviceaccounts"))
    })?;
    Ok(Answer::ok(&removed))
}

fn request_token(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let seconds = wanted["spec"]["expirationSeconds"]
        .as_i64()
        .unwrap_or(USUAL_SECONDS);
    if seconds < LEAST_SECONDS {
        let message =
            format!("Invalid value: {seconds}: may not specify a duration less than 10 minutes");
        let (name, field) = (String::new(), "spec.expirationSeconds".to_owned());
        return Err(Reason::Invalid {
            kind: "TokenRequest",
            group: "authentication.k8s.io",
            name,
            field,
            cause: "FieldValueInvalid",
            message,
        }
        .into());
    }
    let made = asked.cluster.write(|state| {
        let uid = state
            .accounts
            .get(&asked.project, &asked.name)?
            .meta
            .uid
            .clone();
        Some((
            uid,
            state.new_account_token(
                &asked.project,
                &asked.name,
                Some(TimeDelta::seconds(seconds)),
            )?,
        ))
    });
    let (uid, (token, expires)) = made.ok_or_else(|| missing(asked, "serviceaccounts"))?;
    let audiences = match wanted["spec"]["audiences"].as_array() {
        Some(audiences) if !audiences.is_empty() => audiences.clone(),
        _ => vec!["https://kubernetes.default.svc".into()],
    };
    let now = rfc3339(asked.cluster.clock().now());
    let answer = json!({"metadata": {"name": asked.name, "namespace": asked.project, "uid": uid, "creationTimestamp": now},
        "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": null},
        "status": {"token": token, "expirationTimestamp": expires.map(rfc3339)}});
    Ok(Answer::created(&Render::for_request(asked).typed(
        "TokenRequest",
        "authentication.k8s.io",
        answer,
    )))
}

fn create_secret(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_name("Secret", name)?;
    let account = wanted["metadata"]["annotations"][ACCOUNT_NAME]
        .as_str()
        .unwrap_or_default();
    if wanted["type"] != TOKEN_TYPE || account.is_empty() {
        let (name, field) = (
            name.to_owned(),
            format!("metadata.annotations[{ACCOUNT_NAME}]"),
        );
        return Err(Reason::Invalid {
            kind: "Secret",
            group: "",
            name,
            field,
            cause: "FieldValueRequired",
            message: "Required value".to_owned(),
        }
        .into());
    }
    let created = asked.cluster.write(|state| {
        if state.accounts.secret(&asked.project, name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(Object::new(
                "", "secrets", name,
            ))));
        }
        let meta = new_meta(asked, state, &wanted);
        // The controller comes later: what comes back holds no token yet.
        Ok(state.put_token_secret(meta, account))
    })?;
    Ok(Answer::created(&whole_secret(asked, &created)))
}
