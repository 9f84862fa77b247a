//! Certificates that are refused for a reason of their own are named as such, and never as a server
//! without TLS.

use openshift_standin::cluster::Version;
use rcgen::KeyPair;
use url::Url;

use super::{DoctorSetup, finding, suggested_commands};
use crate::harness::World;
use crate::upstreams::pinned_certificates::{
    TestCertificate, authority, case_certificate, certificate, for_localhost, serve,
};

#[tokio::test]
async fn unacceptable_certificate_is_found_with_a_create_command() {
    let key = KeyPair::generate().unwrap();
    for (file, what, says) in [
        (
            "cases/46-tls-x509-v1/cn.crt",
            "tls-old-version",
            "is of version 1",
        ),
        (
            "certificates/rsa-1024.crt",
            "tls-weak-key",
            "shorter than 2048 bits",
        ),
    ] {
        let address = serve(vec![certificate(&case_certificate(file))], &key).await;
        let setup = DoctorSetup::open(Version::V4)
            .await
            .set("REGISTRY_URL", &format!("https://{address}"));
        setup
            .finds("tls-registry", what, "-extfile server.ext -out server.crt")
            .await;
        let text = setup.run(&[], "").await.text;
        assert!(
            text.contains(says) && !text.contains("does not use TLS"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn missing_intermediate_is_named_and_pinned_one_trusted() {
    let root = TestCertificate::self_signed(authority("Int"));
    let server = TestCertificate::signed_by(for_localhost("127.0.0.1"), &root);
    let url = format!("https://{}", server.serve(&[]).await);
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("REGISTRY_URL", &url);
    setup
        .finds(
            "tls-registry",
            "tls-issuer-missing",
            "oc get configmap openshift-service-ca.crt",
        )
        .await;
    let file = setup.files.path().join("registry.crt");
    std::fs::write(&file, &server.pem).unwrap();
    let (_, json) = setup
        .set("REGISTRY_CA_FILE", &file.display().to_string())
        .json()
        .await;
    assert!(suggested_commands(finding(&json, "tls-registry", "tls-trusted")).is_empty());
}

#[tokio::test]
async fn certificate_reason_is_shown_in_both_languages() {
    let address = serve(
        vec![certificate(&case_certificate(
            "cases/46-tls-x509-v1/cn.crt",
        ))],
        &KeyPair::generate().unwrap(),
    )
    .await;
    let world = World::builder(Version::V4)
        .settings(|config| config.registry.url = Url::parse(&format!("https://{address}")).unwrap())
        .start()
        .await;
    let mut browser = world.signed_in("dev").await;
    let page = browser
        .get("/images/team-a/api:latest")
        .await
        .text_of("main");
    assert!(
        page.contains("a certificate of version 1 or 2")
            && page.contains("registry-console doctor"),
        "{page}"
    );
    let request = browser
        .request(reqwest::Method::GET, "/images/team-a/api:latest")
        .header("accept-language", "zh-CN");
    let page = browser.send(request).await.text_of("main");
    assert!(page.contains("版本 1 或 2 的证书"), "{page}");
}
