//! What is said about the console's own account, and about a user whose token is of no use.

use openshift_standin::OAUTH_CLIENT_ID;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Fault, Upstream};

use super::{Clinic, fact, line, runs};
use crate::demo_world::VERSIONS;

const GRANT: &str = "oc adm policy add-cluster-role-to-user registry-console-index";

/// A console whose `INDEX_TOKEN_FILE` holds this token.
fn with_index_token(clinic: Clinic, token: &str) -> Clinic {
    let file = clinic.files.path().join("index-token");
    std::fs::write(&file, token).unwrap();
    clinic.set("INDEX_TOKEN_FILE", &file.display().to_string())
}

#[tokio::test]
async fn the_index_right_is_offered_to_the_account_of_the_token_that_index_token_file_names() {
    for version in VERSIONS {
        let clinic = Clinic::open(version).await;
        let scopes = ["user:full".to_owned()];
        let token = clinic.world.demo.cluster().issue_token(
            "system:serviceaccount:infra:console",
            OAUTH_CLIENT_ID,
            &scopes,
            "",
        );
        let (_, json) = with_index_token(clinic, &token).json().await;
        let account = line(&json, "service-account", "account-may-not-index");
        assert_eq!(runs(account)[1], format!("{GRANT} -z console -n infra"));
        assert_eq!(
            fact(account, "account"),
            "system:serviceaccount:infra:console"
        );
        assert!(
            fact(account, "setting").starts_with("INDEX_TOKEN_FILE=/"),
            "{account}"
        );

        let (_, json) = with_index_token(Clinic::open(version).await, "TOKEN-viewer")
            .json()
            .await;
        assert_eq!(
            runs(line(&json, "service-account", "account-may-not-index"))[1],
            format!("{GRANT} viewer")
        );
    }
}

#[tokio::test]
async fn an_account_with_the_index_right_is_good_and_one_whose_token_is_refused_is_not_offered_the_right()
 {
    let clinic = Clinic::open(Version::V4).await;
    let token = clinic.world.demo.index_token();
    let (_, json) = with_index_token(clinic, &token).json().await;
    line(&json, "service-account", "account-may-index");
    let (_, json) = with_index_token(Clinic::open(Version::V4).await, "refused")
        .json()
        .await;
    let account = line(&json, "service-account", "account-refused");
    assert!(
        !runs(account).iter().any(|run| run.contains(GRANT)),
        "{account}"
    );
    let (_, json) = Clinic::open(Version::V4)
        .await
        .set("INDEX_TOKEN_FILE", "/nowhere/token")
        .json()
        .await;
    assert_eq!(
        fact(line(&json, "service-account", "account-absent"), "setting"),
        "INDEX_TOKEN_FILE=/nowhere/token"
    );
}

#[tokio::test]
async fn what_is_wrong_for_one_user_or_with_the_registry_does_not_cost_everybody_the_sign_in() {
    let clinic = Clinic::open(Version::V4).await;
    let report = clinic
        .run(&["--format", "json", "--token-file", "-"], "no-such-token")
        .await;
    let json = serde_json::from_str(&report.text).unwrap();
    let user = line(&json, "user", "token-refused");
    assert_eq!(
        (user["state"].as_str(), user["costs"].as_str()),
        (Some("failure"), Some("own-look"))
    );
    assert_eq!(report.code, Some(1));

    let clinic = clinic.broken(Upstream::Registry, Fault::NotJson);
    let report = clinic.run(&["--token-file", "-"], "TOKEN-dev").await;
    assert!(
        report.code == Some(1) && !report.text.contains("Nobody can sign in"),
        "{}",
        report.text
    );
    let (_, json) = clinic.json().await;
    assert_eq!(
        line(&json, "registry-user", "registry-is-none")["costs"],
        "images"
    );
}
