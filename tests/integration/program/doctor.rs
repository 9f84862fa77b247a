//! `registry-console doctor`, the real program: each link of the chain is broken once, and found
//! with what mends it.

pub(crate) mod certificate_reasons;
pub(crate) mod oci_pull;
pub(crate) mod oidc_provider;
pub(crate) mod own_certificate;
pub(crate) mod proxy;
pub(crate) mod service_account;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use chrono::TimeDelta;
use openshift_standin::cluster::{ExternalOidc, Version};
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::storage::BlobRedirect;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::harness::seeded_standin::SeededStandin;

/// A cluster, and the variables of a console that is set up for it.
struct DoctorSetup {
    world: SeededStandin,
    vars: Vec<(&'static str, String)>,
    files: TempDir,
}

/// What the program printed, and how it ended.
struct DoctorReport {
    code: Option<i32>,
    text: String,
}

impl DoctorSetup {
    async fn open(version: Version) -> Self {
        Self::of_cluster(SeededStandin::start(version).await)
    }

    fn of_cluster(world: SeededStandin) -> Self {
        let files = tempfile::tempdir().unwrap();
        let folder = files.path().display().to_string();
        let environment = world.demo.console_environment(&folder);
        for (path, content) in environment.files {
            std::fs::write(path, content).unwrap();
        }
        let mut vars = environment.variables;
        // Object storage is tested on its own, with and without this authority.
        vars.retain(|(name, _)| *name != "REGISTRY_BLOB_CA_FILE");
        vars.extend([
            ("COCKPIT_KUBE_URL", "https://127.0.0.1:9090".to_owned()),
            ("SESSION_KEY", "QUJD".repeat(24)),
        ]);
        Self { world, vars, files }
    }

    /// The same with another value, or (empty) without one.
    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.vars.retain(|(known, _)| *known != name);
        self.vars.push((name, value.to_owned()));
        self
    }

    fn broken(self, upstream: Endpoint, fault: Fault) -> Self {
        self.world.demo.faults().set(upstream, fault);
        self
    }

    async fn run(&self, arguments: &[&str], stdin: &str) -> DoctorReport {
        let mut command = Command::new(env!("CARGO_BIN_EXE_registry-console"));
        command.arg("doctor").args(arguments).env_clear();
        command
            .envs(self.vars.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let stdin = stdin.to_owned();
        let run = move || {
            let mut child = command.spawn().unwrap();
            // A program that does not read it has closed it.
            let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
            child.wait_with_output().unwrap()
        };
        let Output { status, stdout, .. } = tokio::task::spawn_blocking(run).await.unwrap();
        let text = String::from_utf8(stdout).unwrap();
        assert!(
            !text.contains(self.world.demo.oauth_client_secret()) && !text.contains("TOKEN-"),
            "a secret: {text}"
        );
        DoctorReport {
            code: status.code(),
            text,
        }
    }

    /// As `dev`, in JSON.
    async fn json(&self) -> (Option<i32>, Value) {
        let report = self
            .run(&["--format", "json", "--token-file", "-"], "TOKEN-dev\n")
            .await;
        (
            report.code,
            serde_json::from_str(&report.text).unwrap_or_else(|_| panic!("{}", report.text)),
        )
    }

    /// Finds this line with a command that holds these words, both as text and as JSON, and fails.
    async fn finds(&self, id: &str, what: &str, command: &str) {
        let (code, json) = self.json().await;
        let line = finding(&json, id, what);
        assert_eq!(
            (code, line["state"].as_str()),
            (Some(1), Some("failure")),
            "{line}"
        );
        assert!(
            line["price"].is_string()
                && suggested_commands(line)
                    .iter()
                    .any(|run| run.contains(command)),
            "{command} in {line:#}"
        );
        let text = self.run(&["--token-file", "-"], "TOKEN-dev").await;
        assert_eq!(text.code, Some(1));
        let sentence = line["seen"]
            .as_str()
            .unwrap()
            .split(' ')
            .take(8)
            .collect::<Vec<_>>()
            .join(" ");
        let at = text
            .text
            .find(&format!("✗ failure  {sentence}"))
            .unwrap_or_else(|| panic!("{sentence} in {}", text.text));
        assert!(
            text.text[at..].contains(&format!("$ {}", suggested_commands(line)[0]))
                && text.text[at..].contains(command),
            "{}",
            text.text
        );
    }
}

fn findings(json: &Value) -> &Vec<Value> {
    json["findings"].as_array().unwrap()
}

#[track_caller]
fn finding<'j>(json: &'j Value, id: &str, what: &str) -> &'j Value {
    let found = findings(json)
        .iter()
        .find(|line| line["id"] == id && line["what"] == what);
    found.unwrap_or_else(|| panic!("no {id} {what} in {json:#}"))
}

fn suggested_commands(line: &Value) -> Vec<&str> {
    line["run"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run.as_str().unwrap())
        .collect()
}

fn fact<'j>(line: &'j Value, name: &str) -> &'j str {
    let fact = line["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["name"] == name);
    fact.unwrap_or_else(|| panic!("no {name} in {line:#}"))["value"]
        .as_str()
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn healthy_installation_passes_every_check(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let setup = DoctorSetup::open(version).await;
    let (code, json) = setup.json().await;
    assert_eq!(
        (code, json["failures"].as_u64(), json["warnings"].as_u64()),
        (Some(0), Some(0), Some(0)),
        "{json:#}"
    );
    for (id, what) in [
        ("address", "address-configured"),
        ("oauth-client", "redirect-registered"),
        ("client-secret", "secret-not-tried"),
        ("login-flow", "flow-code"),
        ("discovery", "discovered"),
        ("tls-oauth", "tls-trusted"),
        ("tls-master", "tls-trusted"),
        ("tls-registry", "tls-trusted"),
        ("tls-public-registry", "tls-own-authority"),
        ("clock-master", "clock-right"),
        ("clock-registry", "clock-right"),
        ("registry", "registry-answers"),
        ("public-registry", "public-host-serves"),
        ("service-account", "account-absent"),
        ("session-key", "key-shared"),
        (
            "version",
            if version == Version::V4 {
                "version-four"
            } else {
                "version-three"
            },
        ),
        ("user", "token-accepted"),
        ("registry-user", "registry-accepts"),
        ("redirect-uris", "uris-not-allowed"),
        ("blob-storage", "blobs-in-registry"),
        ("oci-pull", "oci-pull-works"),
    ] {
        finding(&json, id, what);
    }
    assert_eq!(
        fact(finding(&json, "user", "token-accepted"), "user"),
        "dev"
    );
    let api_server = finding(&json, "tls-master", "tls-trusted");
    assert_eq!(
        fact(api_server, "vouched-by"),
        "CN=registry-console demonstration CA (KUBERNETES_CA_DATA)"
    );
    assert!(
        fact(api_server, "names").contains("127.0.0.1")
            && fact(api_server, "valid-until").starts_with("4096-01-01T"),
        "{api_server}"
    );
    let registry = finding(&json, "tls-registry", "tls-trusted");
    assert!(
        fact(registry, "vouched-by").contains("_CA_FILE=/"),
        "{registry}"
    );
}

#[tokio::test]
async fn text_report_fits_a_terminal_and_notes_a_missing_token() {
    let setup = DoctorSetup::open(Version::V4).await;
    let report = setup.run(&[], "").await;
    assert_eq!(report.code, Some(0), "{}", report.text);
    assert!(
        report.text.contains("  ✓ ok       The OAuth client exists")
            && report.text.ends_with("No problems found.\n"),
        "{}",
        report.text
    );
    assert!(
        report
            .text
            .contains("· note     Nothing was checked as a user: there is no token.")
    );
    for line in report
        .text
        .lines()
        .filter(|line| !line.trim_start().starts_with("$ "))
    {
        // A fingerprint or an address stays whole.
        let is_one_word = line
            .split_whitespace()
            .next_back()
            .is_some_and(|word| word.len() > 60);
        assert!(line.chars().count() <= 100 || is_one_word, "{line}");
    }
    let report = setup.run(&["--token", "TOKEN-dev"], "").await;
    assert!(
        report.code == Some(0)
            && report
                .text
                .contains("! warning  The token is visible in the list of processes"),
        "{}",
        report.text
    );
}

#[tokio::test]
async fn oauth_client_reader_sees_redirect_uris_but_no_secret() {
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("COCKPIT_KUBE_URL", "https://console.example.com");
    let report = setup
        .run(&["--format", "json", "--token-file", "-"], "TOKEN-root")
        .await;
    let json = serde_json::from_str(&report.text).unwrap();
    let uris = finding(&json, "redirect-uris", "uris-lack");
    assert_eq!(fact(uris, "registered"), "https://127.0.0.1:9090");
    assert!(
        suggested_commands(uris)[0]
            .contains(r#""value":"https://console.example.com/oauth/callback"}]'"#),
        "{uris}"
    );
    let route = finding(&json, "route", "route-lacks");
    assert!(suggested_commands(route).contains(
        &"oc create route passthrough console --service registry-console --port registry-console --hostname=console.example.com -n default"
    ));
}

#[tokio::test]
async fn host_wide_redirect_uri_passes_with_advice() {
    let setup = DoctorSetup::open(Version::V4).await;
    let as_root = async || {
        serde_json::from_str::<Value>(
            &setup
                .run(&["--format", "json", "--token-file", "-"], "TOKEN-root")
                .await
                .text,
        )
        .unwrap()
    };
    setup
        .world
        .demo
        .register_console(&["https://other.example.com", "https://127.0.0.1:9090"]);
    let json = as_root().await;
    finding(&json, "oauth-client", "redirect-registered");
    let wide = finding(&json, "redirect-uris", "uris-wide");
    assert_eq!(wide["state"], "note");
    let patch = r#"[{"op":"test","path":"/redirectURIs/1","value":"https://127.0.0.1:9090"},{"op":"replace","path":"/redirectURIs/1","value":"https://127.0.0.1:9090/oauth/callback"}]"#;
    assert_eq!(
        suggested_commands(wide),
        [format!(
            "oc patch oauthclient cockpit-oauth-client --type=json -p '{patch}'"
        )]
    );
    setup
        .world
        .demo
        .register_console(&["https://127.0.0.1:9090/oauth/callback"]);
    let json = as_root().await;
    finding(&json, "oauth-client", "redirect-registered");
    finding(&json, "redirect-uris", "uris-cover");
}

#[tokio::test]
async fn missing_sign_in_flow_is_found_with_the_secret_command() {
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("OPENSHIFT_OAUTH_CLIENT_SECRET", "")
        .set("OAUTH_IMPLICIT_FLOW", "off");
    setup
        .finds(
            "login-flow",
            "flow-disabled",
            "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE=/etc/registry-console/oauth/secret",
        )
        .await;
}

#[rstest]
#[tokio::test]
async fn unregistered_redirect_uri_is_found_with_its_patch(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    for address in ["https://console.example.com", "https://127.0.0.1:9091"] {
        let setup = DoctorSetup::open(version)
            .await
            .set("COCKPIT_KUBE_URL", address);
        let patch = format!(
            "oc patch oauthclient cockpit-oauth-client --type=json -p '[{{\"op\":\"add\",\"path\":\"/redirectURIs/-\",\"value\":\"{address}/oauth/callback\"}}]'"
        );
        setup
            .finds("oauth-client", "redirect-not-registered", &patch)
            .await;
    }
    let plain = DoctorSetup::open(version)
        .await
        .set("COCKPIT_KUBE_INSECURE", "true")
        .set("COCKPIT_KUBE_URL", "http://127.0.0.1:9090");
    plain
        .finds(
            "oauth-client",
            "redirect-not-registered",
            "oc get oauthclient cockpit-oauth-client -o 'jsonpath={.redirectURIs}'",
        )
        .await;
    let (_, json) = plain.json().await;
    let address = finding(&json, "address", "address-plain");
    assert_eq!(
        suggested_commands(address),
        ["oc set env dc/registry-console -n default COCKPIT_KUBE_URL=https://127.0.0.1:9090"]
    );
}

#[rstest]
#[tokio::test]
async fn missing_oauth_client_is_found_with_its_create_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let setup = DoctorSetup::open(version)
        .await
        .set("OPENSHIFT_OAUTH_CLIENT_ID", "nobody");
    setup
        .finds(
            "oauth-client",
            "client-missing",
            "read -rs SECRET && printf %s",
        )
        .await;
    setup
        .finds("oauth-client", "client-missing", r#""name":"nobody""#)
        .await;
}

#[tokio::test]
async fn client_secret_check_is_reported_unknown() {
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("OPENSHIFT_OAUTH_CLIENT_SECRET", "another");
    let (code, json) = setup.json().await;
    let secret = finding(&json, "client-secret", "secret-not-tried");
    assert_eq!((code, secret["state"].as_str()), (Some(0), Some("unknown")));
    assert!(
        suggested_commands(secret)[0].ends_with("&& echo same || echo different"),
        "{secret}"
    );
}

#[tokio::test]
async fn missing_oauth_server_is_no_certificate_fault() {
    for answers in [
        ExternalOidc::DocumentMissing,
        ExternalOidc::DocumentForbidden,
    ] {
        let setup = DoctorSetup::open(Version::V4).await;
        setup.world.demo.use_external_oidc(answers);
        for command in [
            "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.type}'",
            "OPENSHIFT_OAUTH_PROVIDER_URL- OIDC_ISSUER_URL=",
        ] {
            setup.finds("discovery", "no-oauth-server", command).await;
        }
        let (_, json) = setup.json().await;
        finding(&json, "user", "user-api-missing");
        let others = [
            "tls-oauth",
            "oauth-client",
            "client-secret",
            "login-flow",
            "redirect-uris",
        ];
        let message: Vec<&str> = findings(&json)
            .iter()
            .filter_map(|line| line["id"].as_str())
            .filter(|id| others.contains(id))
            .collect();
        assert!(
            message.is_empty(),
            "there is no OAuth server that this could be about: {message:?}"
        );
        let text = setup.run(&["--token-file", "-"], "TOKEN-dev").await.text;
        assert!(
            !text.contains("oauth-serving-cert") && !text.contains("oauthclient"),
            "{text}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn unknown_authority_is_found_for_each_upstream_with_its_setting(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let stranger = rcgen::generate_simple_self_signed(vec!["authority.example".to_owned()])
        .unwrap()
        .cert
        .pem();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &stranger).unwrap();
    let path = file.path().display().to_string();
    let setup = DoctorSetup::open(version)
        .await
        .set("KUBERNETES_CA_DATA", &stranger);
    setup
        .finds(
            "tls-master",
            "tls-unknown-authority",
            "KUBERNETES_CA_DATA=\"$(oc config view --raw --minify --flatten -o ",
        )
        .await;
    let setup = DoctorSetup::open(version).await.set("OAUTH_CA_FILE", &path);
    setup
        .finds(
            "tls-oauth",
            "tls-unknown-authority",
            "OAUTH_CA_FILE=/etc/registry-console/ca/oauth.crt",
        )
        .await;
    let three = version == Version::V3_9;
    let oauth = if three {
        "oc config view"
    } else {
        "oc get configmap oauth-serving-cert -n openshift-config-managed"
    };
    setup
        .finds("tls-oauth", "tls-unknown-authority", oauth)
        .await;
    let setup = DoctorSetup::open(version)
        .await
        .set("REGISTRY_CA_FILE", &path);
    setup
        .finds(
            "tls-registry",
            "tls-unknown-authority",
            "REGISTRY_CA_FILE=/etc/registry-console/ca/registry.crt",
        )
        .await;
    let registry = if three {
        "oc get secret registry-certificates -n default"
    } else {
        "oc get configmap openshift-service-ca.crt"
    };
    setup
        .finds("tls-registry", "tls-unknown-authority", registry)
        .await;
    let (_, json) = setup.json().await;
    let shown = finding(&json, "tls-registry", "tls-unknown-authority");
    assert!(
        fact(shown, "issued").contains("demonstration CA")
            && fact(shown, "setting").contains(&path),
        "{shown}"
    );
    finding(&json, "registry-user", "not-reached");
}

#[tokio::test]
async fn expired_or_misnamed_certificates_are_found_per_upstream() {
    let port = |url: &str| Url::parse(url).unwrap().port().unwrap();
    let setup = DoctorSetup::open(Version::V4).await;
    let urls = setup.world.demo.urls().clone();
    for (upstream, id, url) in [
        (Endpoint::ApiServer, "tls-master", &urls.api_server),
        (Endpoint::Oauth, "tls-oauth", &urls.oauth),
        (Endpoint::Registry, "tls-registry", &urls.registry),
    ] {
        let look = format!(
            "openssl s_client -showcerts -connect 127.0.0.1:{} </dev/null | openssl x509 -noout -subject",
            port(url)
        );
        let faults = setup.world.demo.faults();
        faults.set(upstream, Fault::ExpiredCertificate);
        setup.finds(id, "tls-expired", &look).await;
        faults.set(upstream, Fault::WrongHostCertificate);
        setup.finds(id, "tls-wrong-name", &look).await;
        faults.clear();
    }
    let setup = setup.broken(Endpoint::Registry, Fault::WrongHostCertificate);
    let renamed = format!(
        "oc set env dc/registry-console -n default REGISTRY_URL=https://other.example.com:{}",
        port(&urls.registry)
    );
    setup
        .finds("tls-registry", "tls-wrong-name", &renamed)
        .await;
}

#[rstest]
#[tokio::test]
async fn registry_without_api_server_is_found_with_its_log_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    // The registry cannot reach the API server, and the console can.
    let fault = Fault::Status(
        http::StatusCode::BAD_REQUEST,
        bytes::Bytes::new(),
        "text/plain",
    );
    let setup = DoctorSetup::open(version)
        .await
        .broken(Endpoint::Registry, fault);
    setup
        .finds(
            "registry-user",
            "registry-alone",
            "oc logs -n openshift-image-registry deployment/image-registry --tail=50",
        )
        .await;
}

#[tokio::test]
async fn wrong_registry_host_is_found_with_candidate_routes() {
    let setup = DoctorSetup::open(Version::V4).await;
    let api_server = setup
        .world
        .demo
        .urls()
        .api_server
        .trim_start_matches("https://")
        .to_owned();
    let setup = setup.set("REGISTRY_HOST", &api_server);
    let set = "oc set env dc/registry-console -n default REGISTRY_HOST=\"$(oc get route default-route -n openshift-image-registry -o 'jsonpath={.spec.host}')\"";
    setup
        .finds("public-registry", "registry-is-none", set)
        .await;
    let setup = setup.set("REGISTRY_HOST", "registry.invalid");
    setup
        .finds("tls-public-registry", "no-such-name", set)
        .await;
    let (code, json) = setup.set("REGISTRY_HOST", "").json().await;
    let unset = finding(&json, "public-registry", "public-host-unset");
    assert_eq!(
        (code, unset["price"].as_str()),
        (
            Some(0),
            Some("Commands on the pages contain REGISTRY instead of the host.")
        )
    );
}

#[tokio::test]
async fn clock_skew_is_a_warning_then_a_failure() {
    for (upstream, id) in [
        (Endpoint::ApiServer, "clock-master"),
        (Endpoint::Registry, "clock-registry"),
    ] {
        for off in [TimeDelta::minutes(10), TimeDelta::minutes(-10)] {
            let setup = DoctorSetup::open(Version::V4)
                .await
                .broken(upstream, Fault::ClockSkew(off));
            setup.finds(id, "clock-far-off", "chronyc tracking").await;
        }
        let setup = DoctorSetup::open(Version::V4)
            .await
            .broken(upstream, Fault::ClockSkew(TimeDelta::minutes(2)));
        let (code, json) = setup.json().await;
        assert_eq!(
            (code, finding(&json, id, "clock-off")["state"].as_str()),
            (Some(0), Some("warning"))
        );
    }
}

#[tokio::test]
async fn unreachable_servers_are_found_within_the_time_limit() {
    for (upstream, id) in [
        (Endpoint::ApiServer, "tls-master"),
        (Endpoint::Registry, "tls-registry"),
    ] {
        let setup = DoctorSetup::open(Version::V4)
            .await
            .broken(upstream, Fault::Refuse);
        setup.finds(id, "no-tls", "openssl s_client").await;
    }
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("REGISTRY_URL", "https://127.0.0.1:1");
    setup
        .finds(
            "tls-registry",
            "no-connection",
            "curl -sik https://127.0.0.1:1/",
        )
        .await;
    let setup = DoctorSetup::open(Version::V4)
        .await
        .broken(Endpoint::ApiServer, Fault::NotJson);
    setup
        .finds(
            "discovery",
            "discovery-unreadable",
            "/.well-known/oauth-authorization-server",
        )
        .await;
}

#[tokio::test]
async fn rejected_token_is_a_failure() {
    let setup = DoctorSetup::open(Version::V4).await;
    let report = setup
        .run(&["--token-file", "-", "--format", "json"], "sha256~nobody")
        .await;
    let json = serde_json::from_str(&report.text).unwrap();
    assert_eq!(report.code, Some(1));
    assert_eq!(
        suggested_commands(finding(&json, "user", "token-refused")),
        ["oc whoami"]
    );
    assert!(!report.text.contains("nobody"));
}

#[tokio::test]
async fn invalid_configuration_reports_every_error() {
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("COCKPIT_KUBE_URL", "console")
        .set("REGISTRY_URL", "ftp://x")
        .set("SESSION_KEY", "short");
    let (code, json) = setup.json().await;
    assert_eq!(code, Some(78));
    let settings: Vec<&str> = findings(&json)
        .iter()
        .map(|line| fact(line, "setting"))
        .collect();
    assert_eq!(
        settings,
        ["COCKPIT_KUBE_URL", "REGISTRY_URL", "SESSION_KEY"]
    );
    let text = setup.run(&[], "").await;
    assert!(
        text.code == Some(78) && text.text.contains("example of a valid value"),
        "{}",
        text.text
    );
}

/// What the template of OpenShift 3.11 tells: neither an address nor the client's secret.
#[tokio::test]
async fn implicit_flow_recommends_the_code_flow_with_commands() {
    let setup = DoctorSetup::open(Version::V3_9)
        .await
        .set("COCKPIT_KUBE_URL", "")
        .set("OPENSHIFT_OAUTH_CLIENT_SECRET", "");
    let (code, json) = setup.json().await;
    let flow = finding(&json, "login-flow", "flow-implicit");
    assert_eq!(
        (code, flow["state"].as_str()),
        (Some(0), Some("warning")),
        "browsers may keep the token"
    );
    assert!(flow["seen"].as_str().unwrap().contains("history"), "{flow}");
    let give = "oc delete secret registry-console-oauth -n default --ignore-not-found && oc get oauthclient cockpit-oauth-client -o 'jsonpath={.secret}' | oc create secret generic registry-console-oauth -n default --from-file=secret=/dev/stdin";
    assert_eq!(suggested_commands(flow)[0], give);
    assert_eq!(
        finding(&json, "address", "address-unknown")["state"],
        "unknown"
    );
}

#[tokio::test]
async fn redirected_object_storage_is_checked() {
    let ca = tempfile::NamedTempFile::new().unwrap();
    let path = ca.path().display().to_string();
    let mut setup = DoctorSetup::open(Version::V4).await;
    std::fs::write(ca.path(), setup.world.demo.storage_ca_pem()).unwrap();
    setup.world.demo.blob_redirects().set(BlobRedirect::Storage);
    let host = setup
        .world
        .demo
        .urls()
        .storage
        .trim_start_matches("https://")
        .to_owned();
    let storage = async |setup: &DoctorSetup, what: &str| {
        let (_, json) = setup.json().await;
        let found = finding(&json, "blob-storage", what).clone();
        assert!(!json.to_string().contains("X-Amz"), "{json}");
        assert_eq!(fact(&found, "storage"), host);
        found
    };
    setup
        .finds(
            "blob-storage",
            "storage-unknown-authority",
            "REGISTRY_BLOB_CA_FILE=/etc/registry-console/ca/storage.crt",
        )
        .await;
    setup = setup.set("REGISTRY_BLOB_CA_FILE", &path);
    assert_eq!(storage(&setup, "blobs-in-storage").await["state"], "ok");
    setup = setup.broken(
        Endpoint::Storage,
        Fault::Status(
            http::StatusCode::FORBIDDEN,
            "<Error/>".into(),
            "application/xml",
        ),
    );
    assert!(fact(&storage(&setup, "storage-refused").await, "problem").contains("403"));
    setup = setup.broken(Endpoint::Storage, Fault::Refuse);
    assert_eq!(
        storage(&setup, "storage-unreachable").await["state"],
        "failure"
    );
    setup = setup.set("REGISTRY_BLOB_REDIRECTS", "off");
    assert_eq!(storage(&setup, "storage-off").await["state"], "note");
}
