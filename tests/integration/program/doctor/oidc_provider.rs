//! The doctor on a cluster with external OIDC.

use openshift_standin::cluster::{ClaimMappings, Version};
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::issuer::IssuerFault;
use openshift_standin::{IdentityProvider, StandinOptions};

use super::{DoctorSetup, finding, findings};
use crate::harness::seeded_standin::SeededStandin;

async fn setup() -> DoctorSetup {
    let options = StandinOptions {
        version: Version::V4,
        identity_provider: IdentityProvider::EmbeddedIssuer(ClaimMappings::default()),
        ..StandinOptions::default()
    };
    DoctorSetup::of_cluster(SeededStandin::start_with(options).await)
}

impl DoctorSetup {
    fn with_issuer_fault(self, fault: IssuerFault) -> Self {
        let issuer = self.world.demo.issuer().unwrap();
        issuer.change_settings(|settings| settings.fault = Some(fault));
        self
    }
}

#[tokio::test]
async fn working_provider_has_no_findings_about_oauth() {
    let setup = setup().await;
    let (code, json) = setup.json().await;
    assert_eq!(code, Some(0), "{json:#}");
    for (id, what) in [
        ("oidc-discovery", "oidc-discovered"),
        ("oidc-keys", "oidc-keys-usable"),
        ("tls-oidc", "tls-trusted"),
        ("login-flow", "flow-code"),
        ("oidc-client", "oidc-client-not-tried"),
        ("user", "token-accepted"),
        ("api-groups", "apis-served"),
    ] {
        finding(&json, id, what);
    }
    let of_oauth: Vec<&str> = findings(&json)
        .iter()
        .filter_map(|line| line["id"].as_str())
        .filter(|id| {
            [
                "discovery",
                "tls-oauth",
                "oauth-client",
                "redirect-uris",
                "client-secret",
            ]
            .contains(id)
        })
        .collect();
    assert!(of_oauth.is_empty(), "{of_oauth:?}");
}

#[tokio::test]
async fn faults_of_provider_are_found_with_a_command() {
    for (fault, id, what, command) in [
        (
            IssuerFault::OtherIssuerInDiscovery,
            "oidc-discovery",
            "oidc-issuer-differs",
            "OIDC_ISSUER_URL=https://other.example.com",
        ),
        (
            IssuerFault::NoCodeFlow,
            "oidc-discovery",
            "oidc-no-code-flow",
            "/.well-known/openid-configuration",
        ),
        (
            IssuerFault::NoKeys,
            "oidc-keys",
            "oidc-keys-missing",
            "/keys",
        ),
    ] {
        let setup = setup().await.with_issuer_fault(fault);
        setup.finds(id, what, command).await;
    }
}

#[tokio::test]
async fn missing_s256_is_a_warning() {
    let setup = setup().await.with_issuer_fault(IssuerFault::NoS256);
    let (_, json) = setup.json().await;
    let line = finding(&json, "oidc-discovery", "oidc-pkce-missing");
    assert_eq!(line["state"], "warning");
}

#[tokio::test]
async fn issuer_without_discovery_document_is_found() {
    let setup = setup().await;
    let elsewhere = format!("{}/elsewhere", setup.world.demo.urls().api_server);
    let issuer_ca = setup.world.demo.ca_pem().to_owned();
    let file = setup.files.path().join("issuer-ca.crt");
    std::fs::write(file, issuer_ca).unwrap();
    let setup = setup.set("OIDC_ISSUER_URL", &elsewhere);
    setup
        .finds(
            "oidc-discovery",
            "oidc-unreadable",
            "/elsewhere/.well-known/",
        )
        .await;
}

#[tokio::test]
async fn provider_that_is_not_trusted_is_found_with_its_setting() {
    let setup = setup().await;
    let stranger = rcgen::generate_simple_self_signed(vec!["authority.example".to_owned()])
        .unwrap()
        .cert
        .pem();
    std::fs::write(setup.files.path().join("issuer-ca.crt"), stranger).unwrap();
    setup
        .finds("tls-oidc", "tls-unknown-authority", "OIDC_CA_FILE")
        .await;
}

#[tokio::test]
async fn provider_that_does_not_answer_is_found() {
    let setup = setup().await.broken(Endpoint::Issuer, Fault::Refuse);
    let (code, json) = setup.json().await;
    assert_eq!(code, Some(1));
    finding(&json, "oidc-discovery", "not-reached");
}
