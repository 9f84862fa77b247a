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
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (asked.resource.as_str(), asked.verb) {
        ("oauthclients", _) => clients(asked),
        ("useroauthaccesstokens", _) if asked.cluster.version() == Version::V3_9 => {
            Err(ClusterErrorReason::NoSuchPath.into())
        }
        ("useroauthaccesstokens", "list") => {
            let list = asked.cluster.read(|state| {
                let tokens = state
                    .tokens()
                    .filter(|token| is_own_token(asked, token))
                    .map(|token| token_object(asked, state, token))
                    .collect();
                list::list_object(
                    asked,
                    state,
                    "UserOAuthAccessTokenList",
                    ListPage::from_items(tokens),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        ("oauthaccesstokens", "list") => {
            let list = asked.cluster.read(|state| {
                let tokens = state
                    .tokens()
                    .map(|token| token_object(asked, state, token))
                    .collect();
                list::list_object(
                    asked,
                    state,
                    "OAuthAccessTokenList",
                    ListPage::from_items(tokens),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        ("useroauthaccesstokens", "get") => get(asked, "UserOAuthAccessToken", |token| {
            is_own_token(asked, token)
        }),
        ("oauthaccesstokens", "get") => get(asked, "OAuthAccessToken", |_| true),
        ("useroauthaccesstokens", "delete") => delete(asked, |token| is_own_token(asked, token)),
        ("oauthaccesstokens", "delete") => delete(asked, |_| true),
        ("useroauthaccesstokens" | "oauthaccesstokens", _) => {
            Err(ClusterErrorReason::MethodNotAllowed.into())
        }
        _ => Err(ClusterErrorReason::NoSuchPath.into()),
    }
}

/// The resource of a user's own tokens contains only tokens that are named by hash.
fn is_own_token(asked: &ApiRequest, token: &TokenObject) -> bool {
    Some(token.user.as_str()) == asked.user() && token.meta.name.starts_with("sha256~")
}

fn missing(asked: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, &asked.resource, &asked.name)).into()
}

fn get(
    asked: &ApiRequest,
    kind: &str,
    may: impl Fn(&TokenObject) -> bool,
) -> Result<ApiResponse, ClusterError> {
    let found = asked.cluster.read(|state| {
        let token = state
            .tokens()
            .find(|token| token.meta.name == asked.name && may(token));
        token.map(|token| token_object(asked, state, token))
    });
    Ok(ApiResponse::ok(&Renderer::from_request(asked).typed(
        kind,
        GROUP,
        found.ok_or_else(|| missing(asked))?,
    )))
}

/// The response to a deletion is a `Status` on 3.9, and the deleted token on 4 (recorded in
/// `oauth-logout-delete-token`).
fn delete(
    asked: &ApiRequest,
    may: impl FnOnce(&TokenObject) -> bool,
) -> Result<ApiResponse, ClusterError> {
    asked.cluster.write(|state| {
        let token = state
            .delete_token(&asked.name, may)
            .ok_or_else(|| missing(asked))?;
        Ok(match asked.cluster.version() {
            Version::V3_9 => ApiResponse::success_deleted(
                &NamedResource::new(GROUP, &asked.resource, &asked.name),
                &token.meta.uid,
            ),
            Version::V4 => ApiResponse::ok(&Renderer::from_request(asked).typed(
                "OAuthAccessToken",
                GROUP,
                token_object(asked, state, &token),
            )),
        })
    })
}

fn token_object(asked: &ApiRequest, state: &ClusterState, token: &TokenObject) -> Value {
    let uid = state
        .user(&token.user)
        .map(|user| user.meta.uid.as_str())
        .unwrap_or_default();
    json!({"metadata": Renderer::from_request(asked).meta(&token.meta, Some((GROUP, &asked.resource))), "clientName": token.client,
        "expiresIn": 86400, "scopes": token.scopes, "redirectURI": token.redirect_uri, "userName": token.user, "userUID": uid,
        "authorizeToken": token.code})
}

fn clients(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let render = Renderer::from_request(asked);
    let shown = |(client, meta): &(RegisteredOauthClient, ObjectMetadata)| {
        json!({"metadata": render.meta(meta, Some((GROUP, "oauthclients"))), "secret": client.secret, "redirectURIs": client.redirect_uris,
            "grantMethod": client.grant_method})
    };
    match asked.verb {
        "list" => {
            let list = asked.cluster.read(|state| {
                list::list_object(
                    asked,
                    state,
                    "OAuthClientList",
                    ListPage::from_items(state.oauth_clients().map(shown).collect()),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => {
            let client = asked
                .cluster
                .read(|state| state.oauth_client(&asked.name).map(shown))
                .ok_or_else(|| missing(asked))?;
            Ok(ApiResponse::ok(&render.typed("OAuthClient", GROUP, client)))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}
