//! ID tokens at the API server and the registry of a cluster with external OIDC.

use openshift_standin::cluster::{ClaimMappings, UsernamePrefixPolicy};
use openshift_standin::issuer::IssuerFault;
use registry_model::{Subject, SubjectKind};
use reqwest::Method;
use serde_json::{Value, json};

use super::issuer::OidcCluster;

async fn user_info(cluster: &mut OidcCluster, token: &str) -> Value {
    let (status, mut review) = cluster.who_am_i(token).await;
    assert_eq!(status, 201, "{review}");
    review["status"]["userInfo"].take()
}

#[tokio::test]
async fn user_has_name_uid_and_groups_of_claims() {
    let mut cluster = OidcCluster::start().await;
    cluster
        .demo
        .cluster()
        .add_user("dev", "dev", &["builders", "shop"]);
    let token = cluster.issuer().issue_id_token("dev");
    let user = user_info(&mut cluster, &token).await;
    assert_eq!(user["username"], "dev");
    assert_eq!(
        user["groups"],
        json!(["builders", "shop", "system:authenticated"])
    );
    assert!(user["uid"].is_string());
    let extra = &user["extra"]["authentication.kubernetes.io/credential-id"][0];
    assert!(extra.as_str().unwrap().starts_with("JTI="), "{user}");
}

#[tokio::test]
async fn prefixes_follow_their_policy() {
    for (claim, policy, expected) in [
        ("preferred_username", UsernamePrefixPolicy::NoPrefix, "dev"),
        (
            "preferred_username",
            UsernamePrefixPolicy::NoOpinion,
            "ISSUER#dev",
        ),
        ("email", UsernamePrefixPolicy::NoOpinion, "dev@example.com"),
        (
            "preferred_username",
            UsernamePrefixPolicy::Prefix("oidc:".to_owned()),
            "oidc:dev",
        ),
    ] {
        let claims = ClaimMappings {
            username: claim.to_owned(),
            username_prefix: policy,
            groups_prefix: "oidc:".to_owned(),
            ..ClaimMappings::default()
        };
        let mut cluster = OidcCluster::start_with(claims).await;
        cluster.demo.cluster().add_user("dev", "dev", &["builders"]);
        let expected = expected.replace("ISSUER", cluster.issuer().url());
        let token = cluster.issuer().issue_id_token("dev");
        let user = user_info(&mut cluster, &token).await;
        assert_eq!(
            (&user["username"], &user["groups"][0]),
            (&json!(expected), &json!("oidc:builders"))
        );
    }
}

#[tokio::test]
async fn tokens_that_are_not_valid_are_unauthorized() {
    let mut cluster = OidcCluster::start().await;
    for fault in [
        IssuerFault::WrongIssuer,
        IssuerFault::WrongAudience,
        IssuerFault::ExpiredIdToken,
        IssuerFault::WrongSignature,
        IssuerFault::Unsigned,
    ] {
        cluster
            .issuer()
            .change_settings(|settings| settings.fault = Some(fault));
        let token = cluster.issuer().issue_id_token("dev");
        let (status, answer) = cluster.who_am_i(&token).await;
        assert_eq!(
            (status, &answer["reason"]),
            (401, &json!("Unauthorized")),
            "{fault:?}"
        );
    }
    cluster
        .issuer()
        .change_settings(|settings| settings.fault = None);
    let token = cluster.issuer().issue_id_token("dev");
    let (head, tail) = token.split_at(token.len() / 2);
    let changed = format!(
        "{head}{}{}",
        if tail.starts_with('A') { 'B' } else { 'A' },
        &tail[1..]
    );
    assert_eq!(cluster.who_am_i(&changed).await.0, 401);
    assert_eq!(cluster.who_am_i("not.a.token").await.0, 401);
}

/// The rights of a group in the token hold at the API server and at the registry, which asks it.
#[tokio::test]
async fn groups_of_token_grant_rights_also_at_registry() {
    let mut cluster = OidcCluster::start().await;
    cluster
        .demo
        .cluster()
        .add_user("guest", "guest", &["readers"]);
    let readers = Subject {
        kind: SubjectKind::Group,
        name: "readers".to_owned(),
        project: None,
    };
    let urls = cluster.demo.urls().clone();
    let stream = format!(
        "{}/apis/image.openshift.io/v1/namespaces/team-a/imagestreams/api",
        urls.api_server
    );
    let tags = format!("{}/v2/team-a/api/tags/list", urls.registry);
    for expected in [403, 200] {
        let token = cluster.issuer().issue_id_token("guest");
        let request = cluster
            .browser
            .request(Method::GET, &stream)
            .bearer_auth(&token);
        assert_eq!(cluster.browser.send(request).await.status, expected);
        let request = cluster
            .browser
            .request(Method::GET, &tags)
            .bearer_auth(&token);
        let at_registry = cluster.browser.send(request).await.status;
        assert_eq!(at_registry == 200, expected == 200, "{at_registry}");
        cluster.demo.cluster().bind(
            Some(&"team-a".parse().unwrap()),
            "registry-viewer",
            std::slice::from_ref(&readers),
        );
    }
    let token = cluster.issuer().issue_id_token("guest");
    let request = cluster
        .browser
        .request(Method::GET, &tags)
        .basic_auth("guest", Some(&token));
    assert_eq!(
        cluster.browser.send(request).await.status,
        200,
        "as docker login sends it"
    );
}

/// A directory with many groups makes tokens that are larger than one cookie can be.
#[tokio::test]
async fn large_tokens_are_accepted() {
    let mut cluster = OidcCluster::start().await;
    for (groups, size) in [(80, 4 << 10), (200, 8 << 10), (500, 16 << 10)] {
        cluster
            .issuer()
            .change_settings(|settings| settings.additional_groups = groups);
        let token = cluster.issuer().issue_id_token("dev");
        assert!(token.len() > size, "{groups}: {}", token.len());
        let user = user_info(&mut cluster, &token).await;
        assert_eq!(user["groups"].as_array().unwrap().len(), groups + 1);
    }
}

#[tokio::test]
async fn authentication_names_issuer_and_audience() {
    let mut cluster = OidcCluster::start().await;
    let url = format!(
        "{}/apis/config.openshift.io/v1/authentications/cluster",
        cluster.demo.urls().api_server
    );
    let token = cluster.issuer().issue_id_token("root");
    let request = cluster
        .browser
        .request(Method::GET, &url)
        .bearer_auth(token);
    let page = cluster.browser.send(request).await;
    let spec = &page.json()["spec"];
    assert_eq!(spec["type"], "OIDC", "{}", page.text);
    assert_eq!(
        spec["oidcProviders"][0]["issuer"],
        json!({"issuerURL": cluster.issuer().url(), "audiences": ["registry-console"]})
    );
}

#[tokio::test]
async fn cluster_has_no_oauth_server() {
    let mut cluster = OidcCluster::start().await;
    let token = cluster.issuer().issue_id_token("root");
    let api_server = cluster.demo.urls().api_server.clone();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/apis/user.openshift.io/v1/users/~",
        "/apis/oauth.openshift.io/v1/oauthclients",
    ] {
        let url = format!("{api_server}{path}");
        let request = cluster
            .browser
            .request(Method::GET, &url)
            .bearer_auth(&token);
        assert_eq!(cluster.browser.send(request).await.status, 404, "{path}");
    }
}
