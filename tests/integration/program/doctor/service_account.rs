//! What is said about the console's own account, and about a user whose token is of no use.

use openshift_standin::OAUTH_CLIENT_ID;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use super::{DoctorSetup, fact, finding, suggested_commands};

const GRANT: &str = "oc adm policy add-cluster-role-to-user registry-console-index";

/// A console whose `INDEX_TOKEN_FILE` holds this token.
fn with_index_token(setup: DoctorSetup, token: &str) -> DoctorSetup {
    let file = setup.files.path().join("index-token");
    std::fs::write(&file, token).unwrap();
    setup.set("INDEX_TOKEN_FILE", &file.display().to_string())
}

#[rstest]
#[tokio::test]
async fn index_role_command_names_the_token_files_account(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let setup = DoctorSetup::open(version).await;
    let scopes = ["user:full".to_owned()];
    let token = setup.world.demo.cluster().issue_token(
        "system:serviceaccount:infra:console",
        OAUTH_CLIENT_ID,
        &scopes,
        "",
    );
    let (_, json) = with_index_token(setup, &token).json().await;
    let account = finding(&json, "service-account", "account-may-not-index");
    assert_eq!(
        suggested_commands(account)[1],
        format!("{GRANT} -z console -n infra")
    );
    assert_eq!(
        fact(account, "account"),
        "system:serviceaccount:infra:console"
    );
    assert!(
        fact(account, "setting").starts_with("INDEX_TOKEN_FILE=/"),
        "{account}"
    );

    let (_, json) = with_index_token(DoctorSetup::open(version).await, "TOKEN-viewer")
        .json()
        .await;
    assert_eq!(
        suggested_commands(finding(&json, "service-account", "account-may-not-index"))[1],
        format!("{GRANT} viewer")
    );
}

#[tokio::test]
async fn index_role_is_not_offered_if_present_or_token_rejected() {
    let setup = DoctorSetup::open(Version::V4).await;
    let token = setup.world.demo.create_index_token();
    let (_, json) = with_index_token(setup, &token).json().await;
    finding(&json, "service-account", "account-may-index");
    let (_, json) = with_index_token(DoctorSetup::open(Version::V4).await, "refused")
        .json()
        .await;
    let account = finding(&json, "service-account", "account-refused");
    assert!(
        !suggested_commands(account)
            .iter()
            .any(|run| run.contains(GRANT)),
        "{account}"
    );
    let (_, json) = DoctorSetup::open(Version::V4)
        .await
        .set("INDEX_TOKEN_FILE", "/nowhere/token")
        .json()
        .await;
    assert_eq!(
        fact(
            finding(&json, "service-account", "account-absent"),
            "setting"
        ),
        "INDEX_TOKEN_FILE=/nowhere/token"
    );
}

#[tokio::test]
async fn user_or_registry_faults_do_not_affect_the_sign_in_check() {
    let setup = DoctorSetup::open(Version::V4).await;
    let report = setup
        .run(&["--format", "json", "--token-file", "-"], "no-such-token")
        .await;
    let json = serde_json::from_str(&report.text).unwrap();
    let user = finding(&json, "user", "token-refused");
    assert_eq!(
        (user["state"].as_str(), user["costs"].as_str()),
        (Some("failure"), Some("own-look"))
    );
    assert_eq!(report.code, Some(1));

    let setup = setup.broken(Endpoint::Registry, Fault::NotJson);
    let report = setup.run(&["--token-file", "-"], "TOKEN-dev").await;
    assert!(
        report.code == Some(1) && !report.text.contains("No one can sign in"),
        "{}",
        report.text
    );
    let (_, json) = setup.json().await;
    assert_eq!(
        finding(&json, "registry-user", "registry-is-none")["costs"],
        "images"
    );
}
