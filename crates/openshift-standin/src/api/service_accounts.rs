//! Service accounts, the secrets with their tokens, and requests for tokens that expire.
//!
//! Recorded in `serviceaccount*`, `secret*` and `tokenrequest*`. Only secrets of service accounts
//! are served.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::body;
use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, NamedResource, ObjectMetadata, SecretKind,
    ServiceAccountObject, TokenSecretObject, Version, rfc3339,
};

const TOKEN_SECRET_TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT_NAME_ANNOTATION: &str = "kubernetes.io/service-account.name";
/// The lifetime of a token if the request does not set it, and the least that a request may set.
const DEFAULT_TOKEN_SECONDS: i64 = 3_600;
const MIN_TOKEN_SECONDS: i64 = 600;

/// `serviceaccounts`, and their `token`.
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (asked.verb, asked.subresource.as_str()) {
        ("list", "") => {
            list::requested_list_kind(asked)?;
            let list = asked.cluster.read(|state| {
                let items = state
                    .service_accounts
                    .in_project(&asked.project)
                    .filter(|account| matches_label_selector(asked, &account.meta));
                list::list_object(
                    asked,
                    state,
                    "ServiceAccountList",
                    ListPage::from_items(
                        items.map(|account| item(asked, state, account)).collect(),
                    ),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        ("get", "") => {
            let found = asked.cluster.read(|state| {
                state
                    .service_accounts
                    .get(&asked.project, &asked.name)
                    .map(|account| full_object(asked, state, account))
            });
            Ok(ApiResponse::ok(
                &found.ok_or_else(|| missing(asked, "serviceaccounts"))?,
            ))
        }
        ("create", "") => create(asked),
        ("delete", "") => delete(asked),
        ("create", "token") if asked.cluster.version() == Version::V4 => request_token(asked),
        (_, "token") => Err(ClusterErrorReason::NoSuchPath.into()),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

/// `secrets`, of service accounts.
pub(super) fn answer_secrets(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if matches!(asked.verb, "get" | "list") {
        asked
            .cluster
            .write(crate::cluster::ClusterState::fill_token_secrets);
    }
    match asked.verb {
        "list" => {
            list::requested_list_kind(asked)?;
            let list = asked.cluster.read(|state| {
                let secrets = state
                    .service_accounts
                    .secrets_of(&asked.project)
                    .map(|secret| secret_item(asked, secret))
                    .collect();
                list::list_object(asked, state, "SecretList", ListPage::from_items(secrets))
            });
            Ok(ApiResponse::ok(&list))
        }
        "delete" => {
            let removed = asked.cluster.write(|state| {
                state
                    .service_accounts
                    .remove_secret(&asked.project, &asked.name)
            });
            let removed = removed.ok_or_else(|| missing(asked, "secrets"))?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new("", "secrets", &asked.name),
                &removed.meta.uid,
            ))
        }
        "get" => {
            let found = asked.cluster.read(|state| {
                state
                    .service_accounts
                    .secret(&asked.project, &asked.name)
                    .cloned()
            });
            Ok(ApiResponse::ok(&full_secret(
                asked,
                &found.ok_or_else(|| missing(asked, "secrets"))?,
            )))
        }
        "create" => create_secret(asked),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(asked: &ApiRequest, resource: &str) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new("", resource, &asked.name)).into()
}

/// Whether an object has the requested labels, each as `key=value`.
fn matches_label_selector(asked: &ApiRequest, meta: &ObjectMetadata) -> bool {
    let wanted = asked
        .query
        .label_selector
        .split(',')
        .filter(|pair| !pair.is_empty());
    let mut wanted = wanted.filter_map(|pair| pair.split_once('='));
    wanted.all(|(key, value)| meta.labels.get(key).is_some_and(|has| has == value))
}

fn item(asked: &ApiRequest, state: &ClusterState, account: &ServiceAccountObject) -> Value {
    let mut shown = json!({"metadata": Renderer::from_request(asked).meta(&account.meta, Some(("", "serviceaccounts")))});
    let named = |secret: &TokenSecretObject| json!({"name": secret.meta.name});
    let own: Vec<&TokenSecretObject> = state
        .service_accounts
        .controller_secrets_of(&account.meta)
        .collect();
    let to_pull = own
        .iter()
        .filter(|secret| secret.kind == SecretKind::ControllerPullSecret)
        .map(|secret| named(secret));
    if !own.is_empty() {
        shown["imagePullSecrets"] = to_pull.collect();
        shown["secrets"] = own.iter().map(|secret| named(secret)).collect();
    }
    shown
}

fn full_object(asked: &ApiRequest, state: &ClusterState, account: &ServiceAccountObject) -> Value {
    Renderer::from_request(asked).typed("ServiceAccount", "", item(asked, state, account))
}

fn secret_item(asked: &ApiRequest, secret: &TokenSecretObject) -> Value {
    let of_registry = secret.kind == SecretKind::ControllerPullSecret;
    let kind = if of_registry {
        "kubernetes.io/dockercfg"
    } else {
        TOKEN_SECRET_TYPE
    };
    let mut shown = json!({"metadata": Renderer::from_request(asked).meta(&secret.meta, Some(("", "secrets"))), "type": kind});
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
    shown["data"] = json!({"token": STANDARD.encode(token), "namespace": STANDARD.encode(&asked.project), "ca.crt": STANDARD.encode(EMPTY_CA_BUNDLE)});
    if asked.cluster.version() == Version::V3_9 {
        shown["data"]["service-ca.crt"] = STANDARD.encode(EMPTY_CA_BUNDLE).into();
    }
    shown
}

/// Stands for the CA certificates of a cluster, which the API part of the embedded cluster does not
/// know.
const EMPTY_CA_BUNDLE: &str = "";

fn full_secret(asked: &ApiRequest, secret: &TokenSecretObject) -> Value {
    Renderer::from_request(asked).typed("Secret", "", secret_item(asked, secret))
}

fn new_meta(
    asked: &ApiRequest,
    state: &mut crate::cluster::ClusterState,
    wanted: &Value,
) -> ObjectMetadata {
    let meta = state.new_meta(Some(&asked.project), body::name(wanted));
    ObjectMetadata {
        labels: body::string_map(&wanted["metadata"]["labels"]),
        annotations: body::string_map(&wanted["metadata"]["annotations"]),
        ..meta
    }
}

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_name("ServiceAccount", name)?;
    let created = asked.cluster.write(|state| {
        if state.service_accounts.get(&asked.project, name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new("", "serviceaccounts", name),
            )));
        }
        let account = ServiceAccountObject {
            meta: new_meta(asked, state, &wanted),
        };
        // The controllers run later: the response names no secrets yet.
        let shown = full_object(asked, state, &account);
        state.put_service_account(account);
        Ok(shown)
    })?;
    Ok(ApiResponse::created(&created))
}

/// RFC 1123 subdomains, as the real API server requires.
fn refuse_name(kind: &'static str, name: &str) -> Result<(), ClusterError> {
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
    Err(ClusterErrorReason::Invalid {
        kind,
        group: "",
        name: name.to_owned(),
        field,
        cause: "FieldValueInvalid",
        message,
    }
    .into())
}

fn delete(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let options: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let removed = asked.cluster.write(|state| {
        let uid = state
            .service_accounts
            .get(&asked.project, &asked.name)
            .map(|account| account.meta.uid.clone());
        let uid = uid.ok_or_else(|| missing(asked, "serviceaccounts"))?;
        if options["preconditions"]["uid"]
            .as_str()
            .is_some_and(|wanted| wanted != uid)
        {
            return Err(ClusterErrorReason::Conflict(NamedResource::new(
                "",
                "serviceaccounts",
                &asked.name,
            ))
            .into());
        }
        let shown = state
            .service_accounts
            .get(&asked.project, &asked.name)
            .map(|account| full_object(asked, state, account));
        state.remove_service_account(&asked.project, &asked.name);
        shown.ok_or_else(|| missing(asked, "serviceaccounts"))
    })?;
    Ok(ApiResponse::ok(&removed))
}

fn request_token(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let seconds = wanted["spec"]["expirationSeconds"]
        .as_i64()
        .unwrap_or(DEFAULT_TOKEN_SECONDS);
    if seconds < MIN_TOKEN_SECONDS {
        let message =
            format!("Invalid value: {seconds}: may not specify a duration less than 10 minutes");
        let (name, field) = (String::new(), "spec.expirationSeconds".to_owned());
        return Err(ClusterErrorReason::Invalid {
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
            .service_accounts
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
    Ok(ApiResponse::created(&Renderer::from_request(asked).typed(
        "TokenRequest",
        "authentication.k8s.io",
        answer,
    )))
}

fn create_secret(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_name("Secret", name)?;
    let account = wanted["metadata"]["annotations"][ACCOUNT_NAME_ANNOTATION]
        .as_str()
        .unwrap_or_default();
    if wanted["type"] != TOKEN_SECRET_TYPE || account.is_empty() {
        let (name, field) = (
            name.to_owned(),
            format!("metadata.annotations[{ACCOUNT_NAME_ANNOTATION}]"),
        );
        return Err(ClusterErrorReason::Invalid {
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
        if state
            .service_accounts
            .secret(&asked.project, name)
            .is_some()
        {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new("", "secrets", name),
            )));
        }
        let meta = new_meta(asked, state, &wanted);
        // The controller runs later: the response contains no token yet.
        Ok(state.put_token_secret(meta, account))
    })?;
    Ok(ApiResponse::created(&full_secret(asked, &created)))
}
