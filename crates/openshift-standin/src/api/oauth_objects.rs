//! OAuth clients and access tokens, as objects.

use serde_json::{Value, json};

use super::list::{self, ListPage};
use super::render::Renderer;
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
    let render = Renderer::from_request(request);
    let shown = |(client, meta): &(RegisteredOauthClient, ObjectMetadata)| {
        json!({"metadata": render.meta(meta, Some((GROUP, "oauthclients"))), "secret": client.secret, "redirectURIs": client.redirect_uris,
            "grantMethod": client.grant_method})
    };
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
        "get" => {
            let client = request
                .cluster
                .read(|state| state.oauth_client(&request.name).map(shown))
                .ok_or_else(|| missing(request))?;
            Ok(ApiResponse::ok(&render.typed("OAuthClient", GROUP, client)))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}
