//! kube:admin, whose session at the OAuth server outlives the one of the console.

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};

use crate::harness::{Browser, Page, World};
use reqwest::Method;
use rstest::rstest;

async fn signed_in_as_kube_admin() -> (World, Browser) {
    let world = World::start(Version::V4).await;
    world.demo.cluster().add_kube_admin("kubeadmin");
    let browser = world.signed_in("kubeadmin").await;
    (world, browser)
}

/// The page after signing out.
async fn sign_out(browser: &mut Browser) -> Page {
    let page = browser.sign_out().await;
    browser.get(&page.location()).await
}

fn form_action(page: &Page) -> String {
    let policy = page.header("content-security-policy");
    policy
        .split(';')
        .map(str::trim)
        .find(|directive| directive.starts_with("form-action"))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn kube_admin_has_all_rights() {
    let (_world, mut browser) = signed_in_as_kube_admin().await;
    assert!(
        browser
            .get("/projects")
            .await
            .texts(".rc-menu__name")
            .contains(&"kube:admin".to_owned())
    );
    let users = browser.get("/users").await;
    assert_eq!(users.status, 200);
    assert!(
        !users.text_of("main").contains("kube:admin"),
        "there is no such User object"
    );
}

#[tokio::test]
async fn kube_admin_sign_out_ends_the_oauth_session() {
    let (world, mut browser) = signed_in_as_kube_admin().await;
    let page = sign_out(&mut browser).await;
    assert_eq!(page.text_of("h1"), "You are signed out");
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "You still have a session as kube:admin at the OAuth server"
    );
    let oauth = &world.demo.urls().oauth;
    assert_eq!(form_action(&page), format!("form-action 'self' {oauth}"));
    let form = page.only("#rc-end-oauth-session").value();
    assert_eq!(
        (form.attr("action"), form.attr("method")),
        (Some(format!("{oauth}/logout").as_str()), Some("post"))
    );
    assert!(form.attr("data-at-once").is_some());

    let foreign = browser
        .request(Method::GET, "/signed-out?token=revoked&oauth=open")
        .header("sec-fetch-site", "cross-site");
    let foreign = browser.send(foreign).await;
    assert!(
        foreign
            .only("#rc-end-oauth-session")
            .value()
            .attr("data-at-once")
            .is_none(),
        "a link elsewhere ends nothing by itself"
    );

    let without_password = browser.get("/login").await.location();
    assert!(
        browser
            .get(&without_password)
            .await
            .location()
            .contains("code="),
        "it is as dangerous as the page says"
    );

    let fields = page.hidden_fields("#rc-end-oauth-session");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let request = browser.form(&format!("{oauth}/logout"), &fields);
    let then = browser.send(request).await.location();
    let back = browser.get(&format!("{oauth}{then}")).await.location();
    let path = back
        .strip_prefix(&world.origin())
        .unwrap_or_else(|| panic!("back to the console, not to {back}"));
    let to = browser.get(path).await.location();
    let page = browser.get(&to).await;
    let text = page.text_of("main");
    assert!(
        text.contains("Your access token has been revoked")
            && text.contains("The session of kube:admin at the OAuth server has ended"),
        "{text}"
    );
    assert_eq!(form_action(&page), "form-action 'self'");

    let asks = browser.get("/login").await.location();
    assert!(
        browser
            .get(&asks)
            .await
            .location()
            .starts_with("/login?then="),
        "the next sign-in asks for the password"
    );
}

#[tokio::test]
async fn kube_admin_sign_out_works_with_a_callback_only_redirect_uri() {
    let (world, mut browser) = signed_in_as_kube_admin().await;
    world
        .demo
        .register_console(&[&format!("{}/oauth/callback", world.origin())]);
    let page = sign_out(&mut browser).await;
    let then = page.hidden_fields("#rc-end-oauth-session").remove(0).1;
    let back = browser
        .get(&format!("{}{then}", world.demo.urls().oauth))
        .await
        .location();
    assert!(
        back.starts_with(&format!("{}/oauth/callback/signed-out?", world.origin())),
        "{back}"
    );
}

#[tokio::test]
async fn kube_admin_sign_out_reports_unreachable_oauth_server() {
    let (world, mut browser) = signed_in_as_kube_admin().await;
    world.advance(TimeDelta::minutes(5));
    world.fail(Endpoint::Oauth, Fault::Refuse);
    let page = sign_out(&mut browser).await;
    let text = page.text_of("main");
    assert!(
        text.contains("You are signed out") && text.contains("The OAuth server is not available"),
        "{text}"
    );
    let form = page.only("#rc-end-oauth-session").value();
    assert!(
        form.attr("data-at-once").is_none(),
        "no browser is sent to a dead host by itself"
    );
}

/// Their sessions at the OAuth server ended when they signed in; OpenShift 3 has no kube:admin.
#[rstest]
#[tokio::test]
async fn other_users_see_no_oauth_session_notice(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    let page = sign_out(&mut browser).await;
    assert!(
        page.select("#rc-end-oauth-session").is_empty()
            && !page.text_of("main").contains("kube:admin"),
        "{}",
        page.text
    );
    assert_eq!(form_action(&page), "form-action 'self'");
}
