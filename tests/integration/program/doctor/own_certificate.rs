//! The certificate that the console shows, and the index, as the doctor finds them.

use openshift_standin::cluster::Version;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::{DoctorSetup, fact, finding, suggested_commands};

/// A console whose own certificate is for this name, from the first year to the second, as
/// `tls.crt` and `tls.key`.
fn showing(setup: DoctorSetup, name: &str, from: i32, until: i32) -> DoctorSetup {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    let (certificate, key_file) = (
        setup.files.path().join("tls.crt"),
        setup.files.path().join("tls.key"),
    );
    std::fs::write(&certificate, params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    setup
        .set("TLS_CERT_FILE", &certificate.display().to_string())
        .set("TLS_KEY_FILE", &key_file.display().to_string())
}

#[tokio::test]
async fn own_certificate_is_checked_for_validity_and_host() {
    for (name, from, until, what, state) in [
        ("127.0.0.1", 2001, 2100, "certificate-good", "ok"),
        ("127.0.0.1", 2001, 2002, "certificate-expired", "failure"),
        (
            "127.0.0.1",
            2090,
            2100,
            "certificate-not-yet-valid",
            "failure",
        ),
        (
            "other.example.com",
            2001,
            2100,
            "certificate-other-name",
            "warning",
        ),
        (
            "registry-console.default.svc",
            2001,
            2100,
            "certificate-of-service",
            "note",
        ),
    ] {
        let (_, json) = showing(DoctorSetup::open(Version::V4).await, name, from, until)
            .json()
            .await;
        let found = finding(&json, "certificate", what);
        assert_eq!(found["state"], state, "{found}");
        assert_eq!(fact(found, "names"), name);
        assert!(
            fact(found, "setting").starts_with("TLS_CERT_FILE=/"),
            "{found}"
        );
        assert_eq!(
            suggested_commands(found)
                .iter()
                .any(|run| run.contains("oc create secret tls")),
            state != "ok",
            "{found}"
        );
    }
    let (_, json) = DoctorSetup::open(Version::V4).await.json().await;
    assert_eq!(
        finding(&json, "certificate", "certificate-made")["state"],
        "note"
    );
    let plain = DoctorSetup::open(Version::V4)
        .await
        .set("COCKPIT_KUBE_INSECURE", "true");
    let (_, json) = plain.json().await;
    assert!(
        super::findings(&json)
            .iter()
            .all(|line| line["id"] != "certificate"),
        "it shows none"
    );
}

#[tokio::test]
async fn unusable_own_certificate_is_found_beside_other_errors() {
    let setup = showing(
        DoctorSetup::open(Version::V4).await,
        "127.0.0.1",
        2001,
        2100,
    );
    std::fs::write(setup.files.path().join("tls.key"), "no key").unwrap();
    let setup = setup.set("LOG_LEVEL", "loud");
    let (code, json) = setup.json().await;
    let mistakes: Vec<(&str, &str)> = super::findings(&json)
        .iter()
        .map(|line| (fact(line, "setting"), fact(line, "problem")))
        .collect();
    assert_eq!(
        (code, mistakes.len(), mistakes[0].0, mistakes[1].0),
        (Some(78), 2, "TLS_KEY_FILE", "LOG_LEVEL")
    );
    assert!(
        mistakes[0]
            .1
            .contains("tls.key contains no private key in PEM format; example of a valid value:"),
        "{mistakes:?}"
    );
}

#[tokio::test]
async fn index_check_reports_off_missing_token_or_running() {
    let (_, json) = DoctorSetup::open(Version::V4).await.json().await;
    let off = finding(&json, "index", "index-off");
    assert_eq!(
        (off["state"].as_str(), suggested_commands(off)),
        (
            Some("note"),
            vec!["oc set env dc/registry-console -n default INDEX=on"]
        )
    );
    let (_, json) = DoctorSetup::open(Version::V4)
        .await
        .set("INDEX", "auto")
        .json()
        .await;
    let missing = finding(&json, "index", "index-token-missing");
    assert!(
        fact(missing, "problem").contains("/var/run/secrets/kubernetes.io/serviceaccount/token"),
        "{missing}"
    );
    let setup = DoctorSetup::open(Version::V4).await;
    let token = setup.files.path().join("token");
    std::fs::write(&token, setup.world.demo.create_index_token()).unwrap();
    let setup = setup
        .set("INDEX", "on")
        .set("INDEX_TOKEN_FILE", &token.display().to_string());
    let (_, json) = setup.json().await;
    finding(&json, "index", "index-elsewhere");
    finding(&json, "service-account", "account-may-index");
}
