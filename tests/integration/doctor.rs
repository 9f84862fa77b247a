//! `registry-console doctor`, the real program: each link of the chain is broken once, and found
//! with what mends it.

mod account;
mod certificate_reasons;
mod own_certificate;
mod proxy;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use chrono::TimeDelta;
use openshift_standin::cluster::{ExternalOidc, Version};
use openshift_standin::faults::{Fault, Upstream};
use openshift_standin::storage::BlobRedirect;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::demo_world::{VERSIONS, World};

/// A cluster, and the variables of a console that is set up for it.
struct Clinic {
    world: World,
    vars: Vec<(&'static str, String)>,
    files: TempDir,
}

/// What the program printed, and how it ended.
struct Report {
    code: Option<i32>,
    text: String,
}

impl Clinic {
    async fn open(version: Version) -> Self {
        let world = World::start(version).await;
        let files = tempfile::tempdir().unwrap();
        let ca = files.path().join("ca.crt");
        std::fs::write(&ca, world.demo.ca_pem()).unwrap();
        let ca = ca.display().to_string();
        let (master, registry) = (
            Url::parse(&world.demo.urls().master).unwrap(),
            Url::parse(&world.demo.urls().registry).unwrap(),
        );
        let vars = vec![
            ("COCKPIT_KUBE_URL", "https://127.0.0.1:9090".to_owned()),
            ("OPENSHIFT_OAUTH_PROVIDER_URL", master.as_str().to_owned()),
            (
                "OPENSHIFT_OAUTH_CLIENT_SECRET",
                world.demo.oauth_client_secret().to_owned(),
            ),
            ("OAUTH_CA_FILE", ca.clone()),
            ("KUBERNETES_SERVICE_HOST", "127.0.0.1".to_owned()),
            (
                "KUBERNETES_SERVICE_PORT",
                master.port().unwrap().to_string(),
            ),
            ("KUBERNETES_CA_DATA", world.demo.ca_pem().to_owned()),
            ("REGISTRY_URL", registry.as_str().to_owned()),
            ("REGISTRY_CA_FILE", ca),
            ("REGISTRY_HOST", registry.authority().to_owned()),
            ("SESSION_KEY", "QUJD".repeat(24)),
        ];
        Self { world, vars, files }
    }

    /// The same with another value, or (empty) without one.
    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.vars.retain(|(known, _)| *known != name);
        self.vars.push((name, value.to_owned()));
        self
    }

    fn broken(self, upstream: Upstream, fault: Fault) -> Self {
        self.world.demo.faults().set(upstream, fault);
        self
    }

    async fn run(&self, arguments: &[&str], stdin: &str) -> Report {
        let mut command = Command::new(env!("CARGO_BIN_EXE_registry-console"));
        command.arg("doctor").args(arguments).env_clear();
        command
            .envs(self.vars.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let stdin = stdin.to_owned();
        let run = move || {
            let mut child = command.spawn().unwrap();
            // Whoever does not read it has closed it.
            let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
            child.wait_with_output().unwrap()
        };
        let Output { status, stdout, .. } = tokio::task::spawn_blocking(run).await.unwrap();
        let text = String::from_utf8(stdout).unwrap();
        assert!(
            !text.contains(self.world.demo.oauth_client_secret()) && !text.contains("TOKEN-"),
            "a secret: {text}"
        );
        Report {
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
        let line = line(&json, id, what);
        assert_eq!(
            (code, line["state"].as_str()),
            (Some(1), Some("failure")),
            "{line}"
        );
        assert!(
            line["price"].is_string() && runs(line).iter().any(|run| run.contains(command)),
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
            text.text[at..].contains(&format!("$ {}", runs(line)[0]))
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
fn line<'j>(json: &'j Value, id: &str, what: &str) -> &'j Value {
    let found = findings(json)
        .iter()
        .find(|line| line["id"] == id && line["what"] == what);
    found.unwrap_or_else(|| panic!("no {id} {what} in {json:#}"))
}

fn runs(line: &Value) -> Vec<&str> {
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

#[tokio::test]
async fn where_nothing_is_wrong_every_link_is_named_and_the_program_ends_well() {
    for version in VERSIONS {
        let clinic = Clinic::open(version).await;
        let (code, json) = clinic.json().await;
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
        ] {
            line(&json, id, what);
        }
        assert_eq!(fact(line(&json, "user", "token-accepted"), "user"), "dev");
        let master = line(&json, "tls-master", "tls-trusted");
        assert_eq!(
            fact(master, "vouched-by"),
            "CN=registry-console demonstration CA (KUBERNETES_CA_DATA)"
        );
        assert!(
            fact(master, "names").contains("127.0.0.1")
                && fact(master, "valid-until").starts_with("4096-01-01T"),
            "{master}"
        );
        let registry = line(&json, "tls-registry", "tls-trusted");
        assert!(
            fact(registry, "vouched-by").contains("_CA_FILE=/"),
            "{registry}"
        );
    }
}

#[tokio::test]
async fn text_fits_a_terminal_and_a_look_without_a_token_says_so() {
    let clinic = Clinic::open(Version::V4).await;
    let report = clinic.run(&[], "").await;
    assert_eq!(report.code, Some(0), "{}", report.text);
    assert!(
        report
            .text
            .contains("  ✓ good     The OAuth client is there")
            && report.text.ends_with("Nothing is wrong.\n"),
        "{}",
        report.text
    );
    assert!(
        report
            .text
            .contains("· note     Nothing was looked at as a user: no token was given.")
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
    let report = clinic.run(&["--token", "TOKEN-dev"], "").await;
    assert!(
        report.code == Some(0)
            && report
                .text
                .contains("! warning  The token stands in the list of processes"),
        "{}",
        report.text
    );
}

#[tokio::test]
async fn those_who_may_read_the_oauth_client_see_its_redirect_uris_and_never_its_secret() {
    let clinic = Clinic::open(Version::V4)
        .await
        .set("COCKPIT_KUBE_URL", "https://console.example.com");
    let report = clinic
        .run(&["--format", "json", "--token-file", "-"], "TOKEN-root")
        .await;
    let json = serde_json::from_str(&report.text).unwrap();
    let uris = line(&json, "redirect-uris", "uris-lack");
    assert_eq!(fact(uris, "registered"), "https://127.0.0.1:9090");
    assert!(
        runs(uris)[0].contains(r#""value":"https://console.example.com/oauth/callback"}]'"#),
        "{uris}"
    );
    let route = line(&json, "route", "route-lacks");
    assert!(runs(route).contains(
        &"oc create route passthrough --service registry-console --port registry-console --hostname=console.example.com -n default"
    ));
}

#[tokio::test]
async fn a_redirect_uri_for_the_whole_host_is_accepted_and_shown_how_to_narrow() {
    let clinic = Clinic::open(Version::V4).await;
    let as_root = async || {
        serde_json::from_str::<Value>(
            &clinic
                .run(&["--format", "json", "--token-file", "-"], "TOKEN-root")
                .await
                .text,
        )
        .unwrap()
    };
    clinic
        .world
        .demo
        .allow_console(&["https://other.example.com", "https://127.0.0.1:9090"]);
    let json = as_root().await;
    line(&json, "oauth-client", "redirect-registered");
    let wide = line(&json, "redirect-uris", "uris-wide");
    assert_eq!(wide["state"], "note");
    let patch = r#"[{"op":"test","path":"/redirectURIs/1","value":"https://127.0.0.1:9090"},{"op":"replace","path":"/redirectURIs/1","value":"https://127.0.0.1:9090/oauth/callback"}]"#;
    assert_eq!(
        runs(wide),
        [format!(
            "oc patch oauthclient cockpit-oauth-client --type=json -p '{patch}'"
        )]
    );
    clinic
        .world
        .demo
        .allow_console(&["https://127.0.0.1:9090/oauth/callback"]);
    let json = as_root().await;
    line(&json, "oauth-client", "redirect-registered");
    line(&json, "redirect-uris", "uris-cover");
}

#[tokio::test]
async fn a_console_that_has_no_flow_to_sign_in_by_is_found_with_what_gives_it_the_secret() {
    let clinic = Clinic::open(Version::V4)
        .await
        .set("OPENSHIFT_OAUTH_CLIENT_SECRET", "")
        .set("OAUTH_IMPLICIT_FLOW", "off");
    clinic
        .finds(
            "login-flow",
            "flow-disabled",
            "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE=/etc/registry-console/oauth/secret",
        )
        .await;
}

#[tokio::test]
async fn a_sign_in_that_would_not_come_back_is_found_with_the_patch_that_mends_it() {
    for version in VERSIONS {
        for address in ["https://console.example.com", "https://127.0.0.1:9091"] {
            let clinic = Clinic::open(version).await.set("COCKPIT_KUBE_URL", address);
            let patch = format!(
                "oc patch oauthclient cockpit-oauth-client --type=json -p '[{{\"op\":\"add\",\"path\":\"/redirectURIs/-\",\"value\":\"{address}/oauth/callback\"}}]'"
            );
            clinic
                .finds("oauth-client", "redirect-not-registered", &patch)
                .await;
        }
        let plain = Clinic::open(version)
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
        let address = line(&json, "address", "address-plain");
        assert_eq!(
            runs(address),
            ["oc set env dc/registry-console -n default COCKPIT_KUBE_URL=https://127.0.0.1:9090"]
        );
    }
}

#[tokio::test]
async fn a_missing_client_is_found_with_what_makes_it_without_showing_a_secret() {
    for version in VERSIONS {
        let clinic = Clinic::open(version)
            .await
            .set("OPENSHIFT_OAUTH_CLIENT_ID", "nobody");
        clinic
            .finds(
                "oauth-client",
                "client-missing",
                "read -rs SECRET && printf %s",
            )
            .await;
        clinic
            .finds("oauth-client", "client-missing", r#""name":"nobody""#)
            .await;
    }
}

#[tokio::test]
async fn a_wrong_secret_cannot_be_seen_from_here_and_is_said_to_be_unknown() {
    let clinic = Clinic::open(Version::V4)
        .await
        .set("OPENSHIFT_OAUTH_CLIENT_SECRET", "another");
    let (code, json) = clinic.json().await;
    let secret = line(&json, "client-secret", "secret-not-tried");
    assert_eq!((code, secret["state"].as_str()), (Some(0), Some("unknown")));
    assert!(
        runs(secret)[0].ends_with("&& echo same || echo different"),
        "{secret}"
    );
}

#[tokio::test]
async fn a_cluster_without_an_oauth_server_is_named_and_no_certificate_is_blamed() {
    for answers in [
        ExternalOidc::DocumentMissing,
        ExternalOidc::DocumentForbidden,
    ] {
        let clinic = Clinic::open(Version::V4).await;
        clinic.world.demo.use_external_oidc(answers);
        clinic
            .finds(
                "discovery",
                "no-oauth-server",
                "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.type}'",
            )
            .await;
        let (_, json) = clinic.json().await;
        line(&json, "user", "user-api-missing");
        let others = [
            "tls-oauth",
            "oauth-client",
            "client-secret",
            "login-flow",
            "redirect-uris",
        ];
        let said: Vec<&str> = findings(&json)
            .iter()
            .filter_map(|line| line["id"].as_str())
            .filter(|id| others.contains(id))
            .collect();
        assert!(
            said.is_empty(),
            "there is no OAuth server that this could be about: {said:?}"
        );
        let text = clinic.run(&["--token-file", "-"], "TOKEN-dev").await.text;
        assert!(
            !text.contains("oauth-serving-cert") && !text.contains("oauthclient"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_unknown_authority_is_found_on_each_side_with_the_setting_and_where_the_cluster_keeps_the_right_one()
 {
    let stranger = rcgen::generate_simple_self_signed(vec!["authority.example".to_owned()])
        .unwrap()
        .cert
        .pem();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &stranger).unwrap();
    let path = file.path().display().to_string();
    for version in VERSIONS {
        let clinic = Clinic::open(version)
            .await
            .set("KUBERNETES_CA_DATA", &stranger);
        clinic
            .finds(
                "tls-master",
                "tls-unknown-authority",
                "KUBERNETES_CA_DATA=\"$(oc config view --raw --minify --flatten -o ",
            )
            .await;
        let clinic = Clinic::open(version).await.set("OAUTH_CA_FILE", &path);
        clinic
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
        clinic
            .finds("tls-oauth", "tls-unknown-authority", oauth)
            .await;
        let clinic = Clinic::open(version).await.set("REGISTRY_CA_FILE", &path);
        clinic
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
        clinic
            .finds("tls-registry", "tls-unknown-authority", registry)
            .await;
        let (_, json) = clinic.json().await;
        let shown = line(&json, "tls-registry", "tls-unknown-authority");
        assert!(
            fact(shown, "issued").contains("demonstration CA")
                && fact(shown, "setting").contains(&path),
            "{shown}"
        );
        line(&json, "registry-user", "not-reached");
    }
}

#[tokio::test]
async fn expired_and_misnamed_certificates_are_found_on_each_side() {
    let port = |url: &str| Url::parse(url).unwrap().port().unwrap();
    let clinic = Clinic::open(Version::V4).await;
    let urls = clinic.world.demo.urls().clone();
    for (upstream, id, url) in [
        (Upstream::Master, "tls-master", &urls.master),
        (Upstream::Oauth, "tls-oauth", &urls.oauth),
        (Upstream::Registry, "tls-registry", &urls.registry),
    ] {
        let look = format!(
            "openssl s_client -showcerts -connect 127.0.0.1:{} </dev/null | openssl x509 -noout -subject",
            port(url)
        );
        let faults = clinic.world.demo.faults();
        faults.set(upstream, Fault::Expired);
        clinic.finds(id, "tls-expired", &look).await;
        faults.set(upstream, Fault::Misnamed);
        clinic.finds(id, "tls-wrong-name", &look).await;
        faults.clear();
    }
    let clinic = clinic.broken(Upstream::Registry, Fault::Misnamed);
    let renamed = format!(
        "oc set env dc/registry-console -n default REGISTRY_URL=https://other.example.com:{}",
        port(&urls.registry)
    );
    clinic
        .finds("tls-registry", "tls-wrong-name", &renamed)
        .await;
}

#[tokio::test]
async fn a_registry_that_cannot_ask_the_master_is_found_with_its_log() {
    for version in VERSIONS {
        // The registry's own way to the master is broken, and the console's is not.
        let told = Fault::Status(
            http::StatusCode::BAD_REQUEST,
            bytes::Bytes::new(),
            "text/plain",
        );
        let clinic = Clinic::open(version).await.broken(Upstream::Registry, told);
        clinic
            .finds(
                "registry-user",
                "registry-alone",
                "oc logs -n openshift-image-registry deployment/image-registry --tail=50",
            )
            .await;
    }
}

#[tokio::test]
async fn a_wrong_registry_host_is_found_with_the_routes_that_have_the_right_one() {
    let clinic = Clinic::open(Version::V4).await;
    let master = clinic
        .world
        .demo
        .urls()
        .master
        .trim_start_matches("https://")
        .to_owned();
    let clinic = clinic.set("REGISTRY_HOST", &master);
    let set = "oc set env dc/registry-console -n default REGISTRY_HOST=\"$(oc get route default-route -n openshift-image-registry -o 'jsonpath={.spec.host}')\"";
    clinic
        .finds("public-registry", "registry-is-none", set)
        .await;
    let clinic = clinic.set("REGISTRY_HOST", "registry.invalid");
    clinic
        .finds("tls-public-registry", "no-such-name", set)
        .await;
    let (code, json) = clinic.set("REGISTRY_HOST", "").json().await;
    let unset = line(&json, "public-registry", "public-host-unset");
    assert_eq!(
        (code, unset["price"].as_str()),
        (
            Some(0),
            Some("Commands on the pages say REGISTRY where the host should stand.")
        )
    );
}

#[tokio::test]
async fn clocks_that_differ_are_a_warning_and_then_a_failure() {
    for (upstream, id) in [
        (Upstream::Master, "clock-master"),
        (Upstream::Registry, "clock-registry"),
    ] {
        for off in [TimeDelta::minutes(10), TimeDelta::minutes(-10)] {
            let clinic = Clinic::open(Version::V4)
                .await
                .broken(upstream, Fault::ClockOff(off));
            clinic.finds(id, "clock-far-off", "chronyc tracking").await;
        }
        let clinic = Clinic::open(Version::V4)
            .await
            .broken(upstream, Fault::ClockOff(TimeDelta::minutes(2)));
        let (code, json) = clinic.json().await;
        assert_eq!(
            (code, line(&json, id, "clock-off")["state"].as_str()),
            (Some(0), Some("warning"))
        );
    }
}

#[tokio::test]
async fn servers_that_are_not_there_are_found_in_time() {
    for (upstream, id) in [
        (Upstream::Master, "tls-master"),
        (Upstream::Registry, "tls-registry"),
    ] {
        let clinic = Clinic::open(Version::V4)
            .await
            .broken(upstream, Fault::Refuse);
        clinic.finds(id, "no-tls", "openssl s_client").await;
    }
    let clinic = Clinic::open(Version::V4)
        .await
        .set("REGISTRY_URL", "https://127.0.0.1:1");
    clinic
        .finds(
            "tls-registry",
            "no-connection",
            "curl -sik https://127.0.0.1:1/",
        )
        .await;
    let clinic = Clinic::open(Version::V4)
        .await
        .broken(Upstream::Master, Fault::NotJson);
    clinic
        .finds(
            "discovery",
            "discovery-unreadable",
            "/.well-known/oauth-authorization-server",
        )
        .await;
}

#[tokio::test]
async fn a_refused_token_is_a_failure() {
    let clinic = Clinic::open(Version::V4).await;
    let report = clinic
        .run(&["--token-file", "-", "--format", "json"], "sha256~nobody")
        .await;
    let json = serde_json::from_str(&report.text).unwrap();
    assert_eq!(report.code, Some(1));
    assert_eq!(runs(line(&json, "user", "token-refused")), ["oc whoami"]);
    assert!(!report.text.contains("nobody"));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_is_told_whole() {
    let clinic = Clinic::open(Version::V4)
        .await
        .set("COCKPIT_KUBE_URL", "console")
        .set("REGISTRY_URL", "ftp://x")
        .set("SESSION_KEY", "short");
    let (code, json) = clinic.json().await;
    assert_eq!(code, Some(78));
    let settings: Vec<&str> = findings(&json)
        .iter()
        .map(|line| fact(line, "setting"))
        .collect();
    assert_eq!(
        settings,
        ["COCKPIT_KUBE_URL", "REGISTRY_URL", "SESSION_KEY"]
    );
    let text = clinic.run(&[], "").await;
    assert!(
        text.code == Some(78) && text.text.contains("a right value looks like"),
        "{}",
        text.text
    );
}

/// What the template of OpenShift 3.11 tells: neither an address nor the client's secret.
#[tokio::test]
async fn with_the_old_template_the_code_flow_is_recommended_with_what_gives_the_console_the_secret()
{
    let clinic = Clinic::open(Version::V3_9)
        .await
        .set("COCKPIT_KUBE_URL", "")
        .set("OPENSHIFT_OAUTH_CLIENT_SECRET", "");
    let (code, json) = clinic.json().await;
    let flow = line(&json, "login-flow", "flow-implicit");
    assert_eq!(
        (code, flow["state"].as_str()),
        (Some(0), Some("warning")),
        "browsers may keep the token"
    );
    assert!(flow["seen"].as_str().unwrap().contains("history"), "{flow}");
    let give = "oc get oauthclient cockpit-oauth-client -o 'jsonpath={.secret}' | oc create secret generic registry-console-oauth -n default --from-file=secret=/dev/stdin";
    assert_eq!(runs(flow)[0], give);
    assert_eq!(
        line(&json, "address", "address-unknown")["state"],
        "unknown"
    );
}

#[tokio::test]
async fn object_storage_that_the_registry_redirects_to_is_tried_and_named() {
    let ca = tempfile::NamedTempFile::new().unwrap();
    let path = ca.path().display().to_string();
    let mut clinic = Clinic::open(Version::V4).await;
    std::fs::write(ca.path(), clinic.world.demo.storage_ca_pem()).unwrap();
    clinic
        .world
        .demo
        .blob_redirects()
        .set(BlobRedirect::Storage);
    let host = clinic
        .world
        .demo
        .urls()
        .storage
        .trim_start_matches("https://")
        .to_owned();
    let storage = async |clinic: &Clinic, what: &str| {
        let (_, json) = clinic.json().await;
        let found = line(&json, "blob-storage", what).clone();
        assert!(!json.to_string().contains("X-Amz"), "{json}");
        assert_eq!(fact(&found, "storage"), host);
        found
    };
    clinic
        .finds(
            "blob-storage",
            "storage-unknown-authority",
            "REGISTRY_BLOB_CA_FILE=/etc/registry-console/ca/storage.crt",
        )
        .await;
    clinic = clinic.set("REGISTRY_BLOB_CA_FILE", &path);
    assert_eq!(storage(&clinic, "blobs-in-storage").await["state"], "ok");
    clinic = clinic.broken(
        Upstream::Storage,
        Fault::Status(
            http::StatusCode::FORBIDDEN,
            "<Error/>".into(),
            "application/xml",
        ),
    );
    assert!(fact(&storage(&clinic, "storage-refused").await, "problem").contains("403"));
    clinic = clinic.broken(Upstream::Storage, Fault::Refuse);
    assert_eq!(
        storage(&clinic, "storage-unreachable").await["state"],
        "failure"
    );
    clinic = clinic.set("REGISTRY_BLOB_REDIRECTS", "off");
    assert_eq!(storage(&clinic, "storage-off").await["state"], "note");
}
