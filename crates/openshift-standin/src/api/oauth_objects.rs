//! OAuth clients and access tokens, as objects.

use serde_json::{Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::list::{self, Page};
use super::render::Render;
use crate::cluster::{Meta, OauthClient, Object, Reason, Refusal, State, Token, Version};

const GROUP: &str = "oauth.openshift.io";

/// The resources of `oauth.openshift.io`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    match (asked.resource.as_str(), asked.verb) {
        ("oauthclients", _) => clients(asked),
        ("useroauthaccesstokens", _) if asked.cluster.version() == Version::V3_9 => {
            Err(Reason::NoSuchPath.into())
        }
        ("useroauthaccesstokens", "list") => {
            let list = asked.cluster.read(|state| {
                let tokens = state
                    .tokens()
                    .filter(|token| is_own(asked, token))
                    .map(|token| token_object(asked, state, token))
                    .collect();
                list::of(asked, state, "UserOAuthAccessTokenList", Page::of(tokens))
            });
            Ok(Answer::ok(&list))
        }
        ("oauthaccesstokens", "list") => {
            let list = asked.cluster.read(|state| {
                let tokens = state
                    .tokens()
                    .map(|token| token_object(asked, state, token))
                    .collect();
                list::of(asked, state, "OAuthAccessTokenList", Page::of(tokens))
            });
            Ok(Answer::ok(&list))
        }
        ("useroauthaccesstokens", "get") => {
            get(asked, "UserOAuthAccessToken", |token| is_own(asked, token))
        }
        ("oauthaccesstokens", "get") => get(asked, "OAuthAccessToken", |_| true),
        ("useroauthaccesstokens", "delete") => delete(asked, |token| is_own(asked, token)),
        ("oauthaccesstokens", "delete") => delete(asked, |_| true),
        ("useroauthaccesstokens" | "oauthaccesstokens", _) => Err(Reason::MethodNotAllowed.into()),
        _ => Err(Reason::NoSuchPath.into()),
    }
}

/// The people's own resource shows only tokens that are named by hash.
fn is_own(asked: &Asked, token: &Token) -> bool {
    Some(token.user.as_str()) == asked.user() && token.meta.name.starts_with("sha256~")
}

fn missing(asked: &Asked) -> Refusal {
    Reason::NotFound(Object::new(GROUP, &asked.resource, &asked.name)).into()
}

fn get(asked: &Asked, kind: &str, may: impl Fn(&Token) -> bool) -> Result<Answer, Refusal> {
    let found = asked.cluster.read(|state| {
        let token = state
            .tokens()
            .find(|token| token.meta.name == asked.name && may(token));
        token.map(|token| token_object(asked, state, token))
    });
    Ok(Answer::ok(&Render::for_request(asked).typed(
        kind,
        GROUP,
        found.ok_or_else(|| missing(asked))?,
    )))
}

/// Deleting answers with a `Status` on 3.9, and with the token that was on 4 (recorded in
/// `oauth-logout-delete-token`).
fn delete(asked: &Asked, may: impl FnOnce(&Token) -> bool) -> Result<Answer, Refusal> {
    asked.cluster.write(|state| {
        let token = state
            .delete_token(&asked.name, may)
            .ok_or_else(|| missing(asked))?;
        Ok(match asked.cluster.version() {
            Version::V3_9 => Answer::deleted(
                &Object::new(GROUP, &asked.resource, &asked.name),
                &token.meta.uid,
            ),
            Version::V4 => Answer::ok(&Render::for_request(asked).typed(
                "OAuthAccessToken",
                GROUP,
                token_object(asked, state, &token),
            )),
        })
    })
}

fn token_object(asked: &Asked, state: &State, token: &Token) -> Value {
    let uid = state
        .user(&token.user)
        .map(|user| user.meta.uid.as_str())
        .unwrap_or_default();
    json!({"metadata": Render::for_request(asked).meta(&token.meta, Some((GROUP, &asked.resource))), "clientName": token.client,
        "expiresIn": 86400, "scopes": token.scopes, "redirectURI": token.redirect_uri, "userName": token.user, "userUID": uid,
        "authorizeToken": token.code})
}

fn clients(asked: &Asked) -> Result<Answer, Refusal> {
    let render = Render::for_request(asked);
    let shown = |(client, meta): &(OauthClient, Meta)| {
        json!({"metadata": render.meta(meta, Some((GROUP, "oauthclients"))), "secret": client.secret, "redirectURIs": client.redirect_uris,
            "grantMethod": client.grant_method})
    };
    match asked.verb {
        "list" => {
            let list = asked.cluster.read(|state| {
                list::of(
                    asked,
                    state,
                    "OAuthClientList",
                    Page::of(state.oauth_clients().map(shown).collect()),
                )
            });
            Ok(Answer::ok(&list))
        }
        "get" => {
            let client = asked
                .cluster
                .read(|state| state.oauth_client(&asked.name).map(shown))
                .ok_or_else(|| missing(asked))?;
            Ok(Answer::ok(&render.typed("OAuthClient", GROUP, client)))
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}
