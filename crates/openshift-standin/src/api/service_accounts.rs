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
use super::users::with_labels_and_annotations;
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
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (request.verb, request.subresource.as_str()) {
        ("list", "") => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let items = state
                    .service_accounts
                    .in_project(&request.project)
                    .filter(|account| matches_label_selector(request, &account.meta));
                list::list_object(
                    request,
                    state,
                    "ServiceAccountList",
                    ListPage::from_items(
                        items.map(|account| item(request, state, account)).collect(),
                    ),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        ("get", "") => {
            let found = request.cluster.read(|state| {
                state
                    .service_accounts
                    .get(&request.project, &request.name)
                    .map(|account| full_object(request, state, account))
            });
            Ok(ApiResponse::ok(
                &found.ok_or_else(|| missing(request, "serviceaccounts"))?,
            ))
        }
        ("create", "") => create(request),
        ("update", "") => update(request, &body::json(request)?),
        ("patch", "") => {
            let current = request.cluster.read(|state| {
                state
                    .service_accounts
                    .get(&request.project, &request.name)
                    .map(|account| full_object(request, state, account))
            });
            let current = current.ok_or_else(|| missing(request, "serviceaccounts"))?;
            update(request, &body::patched(request, current)?)
        }
        ("delete", "") => delete(request),
        ("create", "token") if request.cluster.version() == Version::V4 => request_token(request),
        (_, "token") => Err(ClusterErrorReason::NoSuchPath.into()),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

/// `secrets`, of service accounts.
pub(super) fn answer_secrets(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if matches!(request.verb, "get" | "list") {
        request
            .cluster
            .write(crate::cluster::ClusterState::fill_token_secrets);
    }
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let secrets = state
                    .service_accounts
                    .secrets_of(&request.project)
                    .map(|secret| secret_item(request, secret))
                    .collect();
                list::list_object(request, state, "SecretList", ListPage::from_items(secrets))
            });
            Ok(ApiResponse::ok(&list))
        }
        "delete" => {
            let removed = request.cluster.write(|state| {
                state
                    .service_accounts
                    .remove_secret(&request.project, &request.name)
            });
            let removed = removed.ok_or_else(|| missing(request, "secrets"))?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new("", "secrets", &request.name),
                &removed.meta.uid,
            ))
        }
        "get" => {
            let found = request.cluster.read(|state| {
                state
                    .service_accounts
                    .secret(&request.project, &request.name)
                    .cloned()
            });
            Ok(ApiResponse::ok(&full_secret(
                request,
                &found.ok_or_else(|| missing(request, "secrets"))?,
            )))
        }
        "create" => create_secret(request),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(request: &ApiRequest, resource: &str) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new("", resource, &request.name)).into()
}

/// Whether an object has the requested labels, each as `key=value`.
fn matches_label_selector(request: &ApiRequest, meta: &ObjectMetadata) -> bool {
    let selectors = request
        .query
        .label_selector
        .split(',')
        .filter(|pair| !pair.is_empty());
    let mut selectors = selectors.filter_map(|pair| pair.split_once('='));
    selectors.all(|(key, value)| meta.labels.get(key).is_some_and(|has| has == value))
}

fn item(request: &ApiRequest, state: &ClusterState, account: &ServiceAccountObject) -> Value {
    let mut shown = json!({"metadata": Renderer::from_request(request).meta(&account.meta, Some(("", "serviceaccounts")))});
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

fn full_object(
    request: &ApiRequest,
    state: &ClusterState,
    account: &ServiceAccountObject,
) -> Value {
    Renderer::from_request(request).typed("ServiceAccount", "", item(request, state, account))
}

fn secret_item(request: &ApiRequest, secret: &TokenSecretObject) -> Value {
    let of_registry = secret.kind == SecretKind::ControllerPullSecret;
    let kind = if of_registry {
        "kubernetes.io/dockercfg"
    } else {
        TOKEN_SECRET_TYPE
    };
    let mut shown = json!({"metadata": Renderer::from_request(request).meta(&secret.meta, Some(("", "secrets"))), "type": kind});
    let Some(token) = &secret.token else {
        return shown;
    };
    if of_registry {
        let registry = request.cluster.hosts().registry_internal.clone();
        let login = STANDARD.encode(format!("serviceaccount:{token}"));
        let config = json!({registry: {"username": "serviceaccount", "password": token, "email": "serviceaccount@example.org", "auth": login}});
        shown["data"] = json!({".dockercfg": STANDARD.encode(config.to_string())});
        return shown;
    }
    shown["data"] = json!({"token": STANDARD.encode(token), "namespace": STANDARD.encode(&request.project), "ca.crt": STANDARD.encode(EMPTY_CA_BUNDLE)});
    if request.cluster.version() == Version::V3_9 {
        shown["data"]["service-ca.crt"] = STANDARD.encode(EMPTY_CA_BUNDLE).into();
    }
    shown
}

/// Stands for the CA certificates of a cluster, which the API part of the embedded cluster does not
/// know.
const EMPTY_CA_BUNDLE: &str = "";

fn full_secret(request: &ApiRequest, secret: &TokenSecretObject) -> Value {
    Renderer::from_request(request).typed("Secret", "", secret_item(request, secret))
}

fn new_meta(
    request: &ApiRequest,
    state: &mut crate::cluster::ClusterState,
    body: &Value,
) -> ObjectMetadata {
    let meta = state.new_meta(Some(&request.project), body::name(body));
    ObjectMetadata {
        labels: body::string_map(&body["metadata"]["labels"]),
        annotations: body::string_map(&body["metadata"]["annotations"]),
        ..meta
    }
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    refuse_name("ServiceAccount", name)?;
    let created = request.cluster.write(|state| {
        if state.service_accounts.get(&request.project, name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new("", "serviceaccounts", name),
            )));
        }
        let account = ServiceAccountObject {
            meta: new_meta(request, state, &body),
        };
        // The controllers run later: the response names no secrets yet.
        let shown = full_object(request, state, &account);
        state.put_service_account(account);
        Ok(shown)
    })?;
    Ok(ApiResponse::created(&created))
}

/// Changes labels and annotations. The lists of secrets are those of the controllers.
fn update(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    let updated = request.cluster.write(|state| {
        let account = state
            .service_accounts
            .get(&request.project, &request.name)
            .ok_or_else(|| missing(request, "serviceaccounts"))?;
        let object = NamedResource::new("", "serviceaccounts", &request.name);
        body::refuse_stale(body, &account.meta, object)?;
        let meta = with_labels_and_annotations(&account.meta, body);
        let updated = state.update_service_account(ServiceAccountObject { meta });
        Ok::<_, ClusterError>(full_object(request, state, &updated))
    })?;
    Ok(ApiResponse::ok(&updated))
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

fn delete(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let options: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let removed = request.cluster.write(|state| {
        let uid = state
            .service_accounts
            .get(&request.project, &request.name)
            .map(|account| account.meta.uid.clone());
        let uid = uid.ok_or_else(|| missing(request, "serviceaccounts"))?;
        if options["preconditions"]["uid"]
            .as_str()
            .is_some_and(|expected_uid| expected_uid != uid)
        {
            return Err(ClusterErrorReason::Conflict(NamedResource::new(
                "",
                "serviceaccounts",
                &request.name,
            ))
            .into());
        }
        let shown = state
            .service_accounts
            .get(&request.project, &request.name)
            .map(|account| full_object(request, state, account));
        state.remove_service_account(&request.project, &request.name);
        shown.ok_or_else(|| missing(request, "serviceaccounts"))
    })?;
    Ok(ApiResponse::ok(&removed))
}

fn request_token(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let seconds = body["spec"]["expirationSeconds"]
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
    let made = request.cluster.write(|state| {
        let uid = state
            .service_accounts
            .get(&request.project, &request.name)?
            .meta
            .uid
            .clone();
        Some((
            uid,
            state.new_account_token(
                &request.project,
                &request.name,
                Some(TimeDelta::seconds(seconds)),
            )?,
        ))
    });
    let (uid, (token, expires)) = made.ok_or_else(|| missing(request, "serviceaccounts"))?;
    let audiences = match body["spec"]["audiences"].as_array() {
        Some(audiences) if !audiences.is_empty() => audiences.clone(),
        _ => vec!["https://kubernetes.default.svc".into()],
    };
    let now = rfc3339(request.cluster.clock().now());
    let answer = json!({"metadata": {"name": request.name, "namespace": request.project, "uid": uid, "creationTimestamp": now},
        "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": null},
        "status": {"token": token, "expirationTimestamp": expires.map(rfc3339)}});
    Ok(ApiResponse::created(
        &Renderer::from_request(request).typed("TokenRequest", "authentication.k8s.io", answer),
    ))
}

fn create_secret(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    refuse_name("Secret", name)?;
    let account = body["metadata"]["annotations"][ACCOUNT_NAME_ANNOTATION]
        .as_str()
        .unwrap_or_default();
    if body["type"] != TOKEN_SECRET_TYPE || account.is_empty() {
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
    let created = request.cluster.write(|state| {
        if state
            .service_accounts
            .secret(&request.project, name)
            .is_some()
        {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new("", "secrets", name),
            )));
        }
        let meta = new_meta(request, state, &body);
        // The controller runs later: the response contains no token yet.
        Ok(state.put_token_secret(meta, account))
    })?;
    Ok(ApiResponse::created(&full_secret(request, &created)))
}
