//! OAuth clients and access tokens, as objects.

use serde_json::{Value, json};

use super::body;
use super::list::{self, ListPage};
use super::render::Renderer;
use super::users::with_labels_and_annotations;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, NamedResource, ObjectMetadata,
    RegisteredOauthClient, TokenObject, Version,
};

const GROUP: &str = "oauth.openshift.io";

/// The resources of `oauth.openshift.io`.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (request.resource.as_str(), request.verb) {
        ("oauthclients", _) => clients(request),
        ("useroauthaccesstokens", _) if request.cluster.version() == Version::V3_9 => {
            Err(ClusterErrorReason::NoSuchPath.into())
        }
        ("useroauthaccesstokens", "list") => {
            let list = request.cluster.read(|state| {
                let tokens = state
                    .tokens()
                    .filter(|token| is_own_token(request, token))
                    .map(|token| token_object(request, state, token))
                    .collect();
                list::list_object(
                    request,
                    state,
                    "UserOAuthAccessTokenList",
                    ListPage::from_items(tokens),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        ("oauthaccesstokens", "list") => {
            let list = request.cluster.read(|state| {
                let tokens = state
                    .tokens()
                    .map(|token| token_object(request, state, token))
                    .collect();
                list::list_object(
                    request,
                    state,
                    "OAuthAccessTokenList",
                    ListPage::from_items(tokens),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        ("useroauthaccesstokens", "get") => get(request, "UserOAuthAccessToken", |token| {
            is_own_token(request, token)
        }),
        ("oauthaccesstokens", "get") => get(request, "OAuthAccessToken", |_| true),
        ("useroauthaccesstokens", "delete") => {
            delete(request, |token| is_own_token(request, token))
        }
        ("oauthaccesstokens", "delete") => delete(request, |_| true),
        ("useroauthaccesstokens" | "oauthaccesstokens", _) => {
            Err(ClusterErrorReason::MethodNotAllowed.into())
        }
        _ => Err(ClusterErrorReason::NoSuchPath.into()),
    }
}

/// The resource of a user's own tokens contains only tokens that are named by hash.
fn is_own_token(request: &ApiRequest, token: &TokenObject) -> bool {
    Some(token.user.as_str()) == request.user() && token.meta.name.starts_with("sha256~")
}

fn missing(request: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, &request.resource, &request.name)).into()
}

fn get(
    request: &ApiRequest,
    kind: &str,
    may: impl Fn(&TokenObject) -> bool,
) -> Result<ApiResponse, ClusterError> {
    let found = request.cluster.read(|state| {
        let token = state
            .tokens()
            .find(|token| token.meta.name == request.name && may(token));
        token.map(|token| token_object(request, state, token))
    });
    Ok(ApiResponse::ok(&Renderer::from_request(request).typed(
        kind,
        GROUP,
        found.ok_or_else(|| missing(request))?,
    )))
}

/// The response to a deletion is a `Status` on 3.9, and the deleted token on 4 (recorded in
/// `oauth-logout-delete-token`).
fn delete(
    request: &ApiRequest,
    may: impl FnOnce(&TokenObject) -> bool,
) -> Result<ApiResponse, ClusterError> {
    request.cluster.write(|state| {
        let token = state
            .delete_token(&request.name, may)
            .ok_or_else(|| missing(request))?;
        Ok(match request.cluster.version() {
            Version::V3_9 => ApiResponse::success_deleted(
                &NamedResource::new(GROUP, &request.resource, &request.name),
                &token.meta.uid,
            ),
            Version::V4 => ApiResponse::ok(&Renderer::from_request(request).typed(
                "OAuthAccessToken",
                GROUP,
                token_object(request, state, &token),
            )),
        })
    })
}

fn token_object(request: &ApiRequest, state: &ClusterState, token: &TokenObject) -> Value {
    let uid = state
        .user(&token.user)
        .map(|user| user.meta.uid.as_str())
        .unwrap_or_default();
    json!({"metadata": Renderer::from_request(request).meta(&token.meta, Some((GROUP, &request.resource))), "clientName": token.client,
        "expiresIn": 86400, "scopes": token.scopes, "redirectURI": token.redirect_uri, "userName": token.user, "userUID": uid,
        "authorizeToken": token.code})
}

fn clients(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let shown = |client: &(RegisteredOauthClient, ObjectMetadata)| client_item(request, client);
    match request.verb {
        "list" => {
            let list = request.cluster.read(|state| {
                list::list_object(
                    request,
                    state,
                    "OAuthClientList",
                    ListPage::from_items(state.oauth_clients().map(shown).collect()),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => current_client(request).map(|client| ApiResponse::ok(&client)),
        "create" => create_client(request, &body::json(request)?),
        "update" => update_client(request, &body::json(request)?),
        "patch" => {
            let current = current_client(request)?;
            update_client(request, &body::patched(request, current)?)
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn client_item(
    request: &ApiRequest,
    (client, meta): &(RegisteredOauthClient, ObjectMetadata),
) -> Value {
    let meta = Renderer::from_request(request).meta(meta, Some((GROUP, "oauthclients")));
    json!({"metadata": meta, "secret": client.secret, "redirectURIs": client.redirect_uris,
        "grantMethod": client.grant_method})
}

fn client_object(request: &ApiRequest, client: &(RegisteredOauthClient, ObjectMetadata)) -> Value {
    Renderer::from_request(request).typed("OAuthClient", GROUP, client_item(request, client))
}

fn current_client(request: &ApiRequest) -> Result<Value, ClusterError> {
    let client = request.cluster.read(|state| {
        state
            .oauth_client(&request.name)
            .map(|client| client_object(request, client))
    });
    client.ok_or_else(|| missing(request))
}

/// The fields that the embedded cluster uses; others are dropped.
fn client_from_body(id: &str, body: &Value) -> RegisteredOauthClient {
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    RegisteredOauthClient {
        id: id.to_owned(),
        secret: text("secret"),
        redirect_uris: body::string_list(&body["redirectURIs"]),
        grant_method: text("grantMethod"),
    }
}

fn create_client(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    let id = body::name(body);
    request.cluster.write(|state| {
        if state.oauth_client(id).is_some() {
            return Err(ClusterErrorReason::AlreadyExists(NamedResource::new(
                GROUP,
                "oauthclients",
                id,
            ))
            .into());
        }
        let created = state.add_oauth_client(client_from_body(id, body));
        Ok(ApiResponse::created(&client_object(request, &created)))
    })
}

fn update_client(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    request.cluster.write(|state| {
        let (_, meta) = state
            .oauth_client(&request.name)
            .cloned()
            .ok_or_else(|| missing(request))?;
        let object = NamedResource::new(GROUP, "oauthclients", &request.name);
        body::refuse_stale(body, &meta, object)?;
        let meta = with_labels_and_annotations(&meta, body);
        let updated = state.update_oauth_client(client_from_body(&request.name, body), meta);
        Ok(ApiResponse::ok(&client_object(request, &updated)))
    })
}
