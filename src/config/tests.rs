use std::num::NonZeroU32;
use std::path::Path;

use url::Url;

use super::*;

mod sign_in;

const CA: &str = include_str!("../../tests/cases/46-tls-x509-v1/r1.crt");
const FORMERLY_REFUSED_ENV: &str = include_str!("../../tests/cases/57-config-refused/env.txt");

fn minimal_variables() -> FixedVariables {
    FixedVariables::default()
        .with_var("COCKPIT_KUBE_URL", "https://console.example.com/")
        .with_var(
            "OPENSHIFT_OAUTH_PROVIDER_URL",
            "https://master.example.com:8443",
        )
        .with_var("OPENSHIFT_OAUTH_CLIENT_SECRET", "user-very-secret")
        .with_var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
}

fn problem_variables(vars: &FixedVariables) -> Vec<&'static str> {
    Config::from_variables(vars)
        .expect_err("a mistake")
        .iter()
        .map(|problem| problem.variable)
        .collect()
}

#[test]
fn openshift_3_11_template_with_secret_is_valid() {
    let vars = minimal_variables()
        .with_var("OPENSHIFT_OAUTH_CLIENT_ID", "cockpit-oauth-client")
        .with_var("KUBERNETES_INSECURE", "false")
        .with_var("COCKPIT_KUBE_INSECURE", "false")
        .with_var("REGISTRY_ONLY", "true")
        .with_var("REGISTRY_HOST", "docker-registry-default.apps.example.com");
    let config = Config::from_variables(&vars).expect("right");
    assert_eq!(
        config.listen.public_url.as_ref().map(Url::as_str),
        Some("https://console.example.com/")
    );
    assert_eq!(config.sign_in.flow(), OauthFlow::Code);
    assert_eq!(config.listen.pages_address.to_string(), "0.0.0.0:9090");
    assert_eq!(config.sign_in.client_id(), "cockpit-oauth-client");
    assert_eq!(config.cluster.url.as_str(), "https://172.30.0.1/");
    assert_eq!(
        config.registry.url.as_str(),
        "https://docker-registry.default.svc:5000/"
    );
    assert_eq!(
        config.registry.public_host.as_deref(),
        Some("docker-registry-default.apps.example.com")
    );
}

/// The pod of the template that OpenShift 3.11 installed: it contains neither the client's secret
/// nor the console's own address.
#[test]
fn openshift_3_11_template_without_secret_is_valid() {
    let stock = FixedVariables::default()
        .with_var(
            "OPENSHIFT_OAUTH_PROVIDER_URL",
            "https://openshift.example.com:8443",
        )
        .with_var("OPENSHIFT_OAUTH_CLIENT_ID", "cockpit-oauth-client")
        .with_var("KUBERNETES_INSECURE", "false")
        .with_var("COCKPIT_KUBE_INSECURE", "false")
        .with_var("REGISTRY_ONLY", "true")
        .with_var("REGISTRY_HOST", "docker-registry-default.apps.example.com")
        .with_var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
        .with_var("KUBERNETES_SERVICE_PORT", "443");
    let config = Config::from_variables(&stock).expect("right");
    assert_eq!(
        (
            config.sign_in.flow(),
            config.listen.public_url,
            config.session.keys.len()
        ),
        (OauthFlow::Implicit, None, 0)
    );
    let mistaken_too = stock
        .with_var("OPENSHIFT_OAUTH_CLIENT_SECRET_FILE", "/nowhere")
        .with_var("COCKPIT_KUBE_URL", "https://host/path");
    assert_eq!(
        problem_variables(&mistaken_too),
        ["COCKPIT_KUBE_URL", "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE"]
    );
}

#[test]
fn session_limits_are_minutes_or_hours_within_bounds() {
    let read = |idle: &str| {
        let vars = FixedVariables::default().with_var("SESSION_IDLE", idle);
        let limits = SessionSettings::from_variables(&vars).ok()?.limits;
        Some(limits.idle_timeout?.num_minutes())
    };
    for (text, minutes) in [
        ("5m", Some(5)),
        ("8h", Some(480)),
        ("24h", Some(1440)),
        ("4m", None),
        ("25h", None),
        ("0h", None),
        ("-5m", None),
        ("90", None),
        ("1h30m", None),
        ("99999999999999999999h", None),
    ] {
        assert_eq!(read(text), minutes, "{text}");
    }
    let unset = SessionSettings::from_variables(&FixedVariables::default());
    assert_eq!(unset.expect("no setting").limits, SessionLimits::default());
}

#[test]
fn all_configuration_errors_are_reported_with_a_valid_example() {
    let vars = FixedVariables::default()
        .with_var("COCKPIT_KUBE_URL", "console.example.com")
        .with_var("LISTEN", "9090")
        .with_var("KUBERNETES_SERVICE_HOST", "a b")
        .with_var("KUBERNETES_SERVICE_PORT", "70000")
        .with_var("KUBERNETES_CA_DATA", "no certificate")
        .with_var("REGISTRY_URL", "docker-registry:5000")
        .with_var("SESSION_KEY", "c2hvcnQ=")
        .with_var("TLS_CERT_FILE", "/tls.crt")
        .with_var("LOG_LEVEL", "loud");
    let expected = [
        "COCKPIT_KUBE_URL",
        "LISTEN",
        "TLS_KEY_FILE",
        "OPENSHIFT_OAUTH_PROVIDER_URL",
        "KUBERNETES_SERVICE_HOST",
        "KUBERNETES_SERVICE_PORT",
        "KUBERNETES_CA_DATA",
        "REGISTRY_URL",
        "SESSION_KEY",
        "LOG_LEVEL",
    ];
    assert_eq!(problem_variables(&vars), expected);
    let text = Config::from_variables(&vars)
        .expect_err("mistakes")
        .to_string();
    assert!(
        text.contains("COCKPIT_KUBE_URL is \"console.example.com\", which is not a valid URL; example of a valid value: https://registry-console"),
        "{text}"
    );
}

#[test]
fn invalid_values_of_legacy_settings_are_warnings() {
    for (variable, value, warned, host) in [
        (
            "REGISTRY_ONLY",
            "yes",
            Some("REGISTRY_ONLY is \"yes\", but must be true or false; it counts as false"),
            None,
        ),
        (
            "KUBERNETES_INSECURE",
            "on",
            Some("KUBERNETES_INSECURE is \"on\""),
            None,
        ),
        (
            "COCKPIT_KUBE_INSECURE",
            "maybe",
            Some("COCKPIT_KUBE_INSECURE is \"maybe\""),
            None,
        ),
        (
            "REGISTRY_HOST",
            "https://registry.apps.example.com/",
            Some("only the host is used: registry.apps.example.com"),
            Some("registry.apps.example.com"),
        ),
        (
            "REGISTRY_HOST",
            "registry.apps.example.com/",
            Some("only the host is used"),
            Some("registry.apps.example.com"),
        ),
        ("REGISTRY_HOST", "host; rm -rf /", Some("is ignored"), None),
        ("REGISTRY_HOST", "https://", Some("is ignored"), None),
        (
            "REGISTRY_HOST",
            "registry.apps.example.com:5000",
            None,
            Some("registry.apps.example.com:5000"),
        ),
    ] {
        let config = Config::from_variables(&minimal_variables().with_var(variable, value))
            .unwrap_or_else(|problems| panic!("{variable}={value}: {problems}"));
        let warnings: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings.len(),
            usize::from(warned.is_some()),
            "{variable}={value}: {warnings:?}"
        );
        assert!(
            warned.is_none_or(
                |warned| warnings[0].starts_with(variable) && warnings[0].contains(warned)
            ),
            "{warnings:?}"
        );
        assert_eq!(
            config.registry.public_host.as_deref(),
            host,
            "{variable}={value}"
        );
        assert_ne!(
            config.cluster.trust,
            Trust::Unverified,
            "the API server is still verified"
        );
        assert!(!config.listen.plain_http_only);
    }
}

#[test]
fn formerly_fatal_values_are_warnings() {
    let lines: Vec<(&str, &str)> = FORMERLY_REFUSED_ENV
        .lines()
        .filter_map(|line| line.split_whitespace().next()?.split_once('='))
        .collect();
    assert_eq!(lines.len(), 3, "{FORMERLY_REFUSED_ENV}");
    for (variable, value) in lines {
        let config = Config::from_variables(&minimal_variables().with_var(variable, value))
            .unwrap_or_else(|problems| panic!("{variable}={value}: {problems}"));
        let warnings: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
        assert!(
            warnings.len() == 1 && warnings[0].starts_with(variable),
            "{variable}={value}: {warnings:?}"
        );
    }
}

#[test]
fn invalid_host_is_rejected() {
    for host in ["a b", "a/b", "a@b", "http://a", "a:1"] {
        assert_eq!(
            problem_variables(&minimal_variables().with_var("KUBERNETES_SERVICE_HOST", host)),
            ["KUBERNETES_SERVICE_HOST"],
            "{host}"
        );
    }
}

#[test]
fn api_server_address_may_be_ipv6() {
    let config = Config::from_variables(
        &minimal_variables()
            .with_var("KUBERNETES_SERVICE_HOST", "fd02::1")
            .with_var("KUBERNETES_SERVICE_PORT", "6443"),
    )
    .expect("right");
    assert_eq!(config.cluster.url.as_str(), "https://[fd02::1]:6443/");
}

#[test]
fn api_server_trust_falls_back_from_setting_to_pod_to_system() {
    let mounted = minimal_variables().with_file(api_server::SERVICE_ACCOUNT_CA, CA);
    let trust = |vars: &FixedVariables| Config::from_variables(vars).expect("right").cluster.trust;
    assert_eq!(trust(&minimal_variables()), Trust::System);
    assert_eq!(trust(&mounted), Trust::Only(CA.to_owned()));
    assert_eq!(
        trust(&mounted.clone().with_var("KUBERNETES_CA_DATA", CA)),
        Trust::Only(CA.trim().to_owned())
    );
    assert_eq!(
        trust(&mounted.with_var("KUBERNETES_INSECURE", "1")),
        Trust::Unverified
    );
}

#[test]
fn http_public_url_requires_http_listener() {
    let plain = minimal_variables().with_var("COCKPIT_KUBE_URL", "http://localhost:9090");
    assert_eq!(problem_variables(&plain), ["COCKPIT_KUBE_URL"]);
    assert!(Config::from_variables(&plain.with_var("COCKPIT_KUBE_INSECURE", "true")).is_ok());
}

#[test]
fn limits_default_to_those_of_the_pod() {
    let limits = |vars: &FixedVariables| {
        let listen = Config::from_variables(vars).expect("right").listen;
        (
            listen.max_connections.map(std::num::NonZeroUsize::get),
            listen.memory_bytes,
        )
    };
    assert_eq!(limits(&minimal_variables()), (None, None));
    assert_eq!(
        limits(
            &minimal_variables()
                .with_var("CONNECTION_LIMIT", "100")
                .with_var("MEMORY_LIMIT", "1000")
        ),
        (Some(100), Some(1000))
    );
    assert_eq!(
        limits(&minimal_variables().with_var("MEMORY_LIMIT", "256Mi")).1,
        Some(256 << 20)
    );
    for wrong in ["0", "256MB", "-1", "Mi", "99999999999Gi"] {
        assert_eq!(
            problem_variables(&minimal_variables().with_var("MEMORY_LIMIT", wrong)),
            ["MEMORY_LIMIT"],
            "{wrong}"
        );
    }
    assert_eq!(
        problem_variables(&minimal_variables().with_var("CONNECTION_LIMIT", "0")),
        ["CONNECTION_LIMIT"]
    );
}

#[test]
fn secret_in_both_variable_and_file_is_rejected() {
    let vars = minimal_variables()
        .with_file("/secret", "from-a-file\n")
        .with_var("OPENSHIFT_OAUTH_CLIENT_SECRET_FILE", "/secret");
    assert_eq!(problem_variables(&vars), ["OPENSHIFT_OAUTH_CLIENT_SECRET"]);
    let config =
        Config::from_variables(&vars.with_var("OPENSHIFT_OAUTH_CLIENT_SECRET", "")).expect("right");
    let ClientSecret::Known {
        secret,
        variable: setting,
    } = config.sign_in.client_secret()
    else {
        panic!("a secret")
    };
    assert_eq!(
        (secrecy::ExposeSecret::expose_secret(secret), *setting),
        ("from-a-file", "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE")
    );
}

#[test]
fn session_keys_keep_their_order() {
    // S22.
    let [first, second] = [[1_u8; 64], [2_u8; 64]]
        .map(|key| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key));
    let config = Config::from_variables(
        &minimal_variables().with_var("SESSION_KEY", format!("{first}\n{second}")),
    )
    .expect("right");
    let starts: Vec<u8> = config
        .session
        .keys
        .iter()
        .map(|key| secrecy::ExposeSecret::expose_secret(key)[0])
        .collect();
    assert_eq!(starts, [1, 2]);
}

#[test]
fn secrets_are_absent_from_debug_output_and_errors() {
    // S44.
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7_u8; 64]);
    let config = Config::from_variables(&minimal_variables().with_var("SESSION_KEY", key.as_str()))
        .expect("right");
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("very-secret") && !shown.contains(&key) && !shown.contains("7, 7, 7"),
        "{shown}"
    );
    let problems = Config::from_variables(
        &minimal_variables()
            .with_var("SESSION_KEY", "very-secret-key")
            .with_var("LISTEN", "x"),
    )
    .expect_err("mistakes");
    assert!(!format!("{problems} {problems:?}").contains("very-secret"));
}

#[test]
fn index_requires_a_setting_and_a_token() {
    let mounted = minimal_variables().with_file(
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "sha256~very-secret\n",
    );
    let token =
        |vars: &FixedVariables| match Config::from_variables(vars).expect("right").index.token {
            Some(IndexToken::File(file)) => Some(file),
            Some(IndexToken::Inline(_)) => panic!("no variable holds it"),
            None => None,
        };
    assert_eq!(token(&mounted), None);
    assert_eq!(token(&mounted.clone().with_var("INDEX", "off")), None);
    assert_eq!(token(&minimal_variables().with_var("INDEX", "auto")), None);
    let usual = Some("/var/run/secrets/kubernetes.io/serviceaccount/token".into());
    assert_eq!(token(&mounted.clone().with_var("INDEX", "auto")), usual);
    assert_eq!(token(&mounted.clone().with_var("INDEX", "on")), usual);
    assert_eq!(
        token(
            &minimal_variables()
                .with_file("/t", "x")
                .with_var("INDEX", "on")
                .with_var("INDEX_TOKEN_FILE", "/t")
        ),
        Some("/t".into())
    );
    for wrong in [
        minimal_variables().with_var("INDEX", "on"),
        mounted.clone().with_var("INDEX", "yes"),
        mounted
            .with_var("INDEX", "on")
            .with_var("INDEX_TOKEN_FILE", "/t"),
    ] {
        assert_eq!(problem_variables(&wrong), ["INDEX"]);
    }
}

#[test]
fn workloads_in_the_index_are_off_unless_set_and_need_the_index() {
    let mounted = minimal_variables().with_file(
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "sha256~very-secret\n",
    );
    let has_workloads = |vars: &FixedVariables| {
        let config = Config::from_variables(vars).expect("right");
        config.index.has_workloads
    };
    let indexed = mounted.clone().with_var("INDEX", "on");
    assert!(!has_workloads(&indexed));
    assert!(!has_workloads(
        &indexed.clone().with_var("INDEX_WORKLOADS", "off")
    ));
    let on = |vars: FixedVariables| vars.with_var("INDEX_WORKLOADS", "on");
    assert!(has_workloads(&on(indexed.clone())));
    assert!(has_workloads(&on(mounted
        .clone()
        .with_var("INDEX", "auto"))));
    for wrong in [
        indexed.with_var("INDEX_WORKLOADS", "pods"),
        on(mounted.clone()),
        on(mounted.with_var("INDEX", "off")),
    ] {
        assert_eq!(problem_variables(&wrong), ["INDEX_WORKLOADS"]);
    }
}

#[test]
fn sizes_in_the_index_are_off_unless_set_and_have_a_rate() {
    let indexed = minimal_variables()
        .with_file(
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
            "sha256~very-secret\n",
        )
        .with_var("INDEX", "on");
    let rate = |vars: &FixedVariables| {
        let config = Config::from_variables(vars).expect("right");
        config.index.sizes_per_second.map(NonZeroU32::get)
    };
    let with_rate =
        |vars: &FixedVariables, rate: &str| vars.clone().with_var("INDEX_SIZES_RATE", rate);
    let on = indexed.clone().with_var("INDEX_SIZES", "on");
    assert_eq!(rate(&indexed), None);
    assert_eq!(rate(&with_rate(&indexed, "7")), None);
    assert_eq!(rate(&on), Some(5));
    assert_eq!(rate(&with_rate(&on, "100")), Some(100));
    for wrong in ["0", "-1", "101", "5/s", "1.5", "99999999999"] {
        let vars = with_rate(&on, wrong);
        assert_eq!(problem_variables(&vars), ["INDEX_SIZES_RATE"], "{wrong}");
    }
    let without_index = on.with_var("INDEX", "off");
    assert_eq!(problem_variables(&without_index), ["INDEX_SIZES"]);
}

/// Records which variables are read.
struct RecordingVariables(std::cell::RefCell<std::collections::BTreeSet<String>>);

impl VariableSource for RecordingVariables {
    fn get(&self, name: &str) -> Option<String> {
        self.0.borrow_mut().insert(name.to_owned());
        None
    }

    fn read_file(&self, _: &Path) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn list_directory(&self, _: &Path) -> Vec<std::path::PathBuf> {
        Vec::new()
    }
}

#[test]
fn implicit_flow_is_the_default_without_a_client_secret() {
    let flow = |vars: &FixedVariables| Config::from_variables(vars).unwrap().sign_in.flow();
    let without_secret = || minimal_variables().with_var("OPENSHIFT_OAUTH_CLIENT_SECRET", "");
    assert_eq!(flow(&without_secret()), OauthFlow::Implicit);
    assert_eq!(
        flow(&without_secret().with_var("OAUTH_IMPLICIT_FLOW", "on")),
        OauthFlow::Implicit
    );
    assert_eq!(
        flow(&without_secret().with_var("OAUTH_IMPLICIT_FLOW", "off")),
        OauthFlow::Disabled
    );
    assert_eq!(
        flow(&minimal_variables().with_var("OAUTH_IMPLICIT_FLOW", "off")),
        OauthFlow::Code
    );
    assert_eq!(
        problem_variables(&minimal_variables().with_var("OAUTH_IMPLICIT_FLOW", "false")),
        ["OAUTH_IMPLICIT_FLOW"]
    );
}

#[test]
fn read_settings_equal_described_settings() {
    let recorded = RecordingVariables(std::cell::RefCell::default());
    Config::from_variables(&recorded).expect_err("nothing is set");
    let described: std::collections::BTreeSet<String> = VARIABLES
        .iter()
        .map(|variable| variable.name.to_owned())
        .collect();
    assert_eq!(recorded.0.into_inner(), described);
}

#[test]
fn index_memory_limit_is_read() {
    let of = |text: &str| {
        Config::from_variables(&minimal_variables().with_var("INDEX_MEMORY", text))
            .map(|config| config.index.max_memory_bytes)
    };
    assert_eq!(
        Config::from_variables(&minimal_variables())
            .unwrap()
            .index
            .max_memory_bytes,
        128 << 20
    );
    assert_eq!(of("1Gi").unwrap(), 1 << 30);
    assert_eq!(
        problem_variables(&minimal_variables().with_var("INDEX_MEMORY", "lots")),
        ["INDEX_MEMORY"]
    );
    assert_eq!(
        problem_variables(&minimal_variables().with_var("INDEX_MEMORY", "512")),
        ["INDEX_MEMORY"]
    );
}

#[test]
fn doctor_page_and_token_are_shown_by_default() {
    let pages = |vars: &FixedVariables| Config::from_variables(vars).expect("right").pages;
    assert_eq!(pages(&minimal_variables()), PageSettings::default());
    assert_eq!(
        PageSettings::default(),
        PageSettings {
            doctor: DoctorAudience::Everybody,
            show_token: true
        }
    );
    for (value, doctor) in [
        ("all", DoctorAudience::Everybody),
        ("administrators", DoctorAudience::Administrators),
        ("off", DoctorAudience::Nobody),
    ] {
        assert_eq!(
            pages(&minimal_variables().with_var("DOCTOR_PAGE", value)).doctor,
            doctor
        );
    }
    assert!(
        pages(&minimal_variables().with_var("SHOW_TOKEN", "on")).show_token
            && !pages(&minimal_variables().with_var("SHOW_TOKEN", "off")).show_token
    );
    // A misspelled value must not enable what was to be disabled.
    assert_eq!(
        problem_variables(
            &minimal_variables()
                .with_var("DOCTOR_PAGE", "admins")
                .with_var("SHOW_TOKEN", "false")
        ),
        ["DOCTOR_PAGE", "SHOW_TOKEN"]
    );
}

#[test]
fn storage_redirects_are_followed_by_default() {
    let storage = |vars: FixedVariables| {
        Config::from_variables(&vars)
            .expect("right")
            .registry
            .storage
    };
    let found = storage(minimal_variables());
    assert_eq!((found.follow_redirects, found.trust), (true, Trust::System));
    assert!(
        !storage(minimal_variables().with_var("REGISTRY_BLOB_REDIRECTS", "off")).follow_redirects
    );
    let with_file = minimal_variables()
        .with_var("REGISTRY_BLOB_CA_FILE", "/ca/storage.crt")
        .with_file("/ca/storage.crt", CA);
    assert_eq!(storage(with_file).trust, Trust::SystemAnd(CA.to_owned()));
    let wrong = minimal_variables()
        .with_var("REGISTRY_BLOB_REDIRECTS", "maybe")
        .with_var("REGISTRY_BLOB_CA_FILE", "/nowhere");
    assert_eq!(
        problem_variables(&wrong),
        ["REGISTRY_BLOB_REDIRECTS", "REGISTRY_BLOB_CA_FILE"]
    );
}

/// A certificate and its key.
fn certificate_and_key() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["console.example.com".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn own_certificate_errors_name_the_file_beside_other_errors() {
    let ((certificate, key), (_, other_key)) = (certificate_and_key(), certificate_and_key());
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let with = |crt: &str, key: &str| {
        let files = minimal_variables()
            .with_var("TLS_CERT_FILE", "/tls/tls.crt")
            .with_var("TLS_KEY_FILE", "/tls/tls.key")
            .with_var("LOG_LEVEL", "loud");
        files
            .with_file("/tls/tls.crt", crt)
            .with_file("/tls/tls.key", key)
    };
    assert_eq!(problem_variables(&with(&certificate, &key)), ["LOG_LEVEL"]);
    for (vars, variable, says) in [
        (
            with(&certificate, &other_key),
            "TLS_KEY_FILE",
            "the private key in /tls/tls.key does not belong to the certificate in /tls/tls.crt",
        ),
        (
            with(&certificate, "no key"),
            "TLS_KEY_FILE",
            "/tls/tls.key contains no private key in PEM format",
        ),
        (
            with("no certificate", &key),
            "TLS_CERT_FILE",
            "/tls/tls.crt contains no certificate in PEM format",
        ),
        (
            with(broken, &key),
            "TLS_CERT_FILE",
            "/tls/tls.crt contains a certificate that cannot be used",
        ),
    ] {
        assert_eq!(problem_variables(&vars), [variable, "LOG_LEVEL"]);
        let text = Config::from_variables(&vars)
            .expect_err("mistakes")
            .to_string();
        assert!(
            text.contains(says) && text.contains("; example of a valid value: /etc/tls/"),
            "{text}"
        );
    }
    let missing = minimal_variables()
        .with_var("TLS_CERT_FILE", "/nowhere.crt")
        .with_var("TLS_KEY_FILE", "/nowhere.key");
    assert_eq!(problem_variables(&missing), ["TLS_CERT_FILE"]);
    assert!(
        problem_variables(&with("no certificate", &key).with_var("COCKPIT_KUBE_INSECURE", "true"))
            .len()
            == 1,
        "none is shown then"
    );
    // The directory of the old console.
    let mounted = minimal_variables().with_file("/etc/cockpit/ws-certs.d/50.cert", "nothing");
    let text = Config::from_variables(&mounted)
        .expect_err("mistakes")
        .to_string();
    assert!(
        text.contains(
            "TLS_CERT_FILE is not set, and /etc/cockpit/ws-certs.d/50.cert contains no certificate"
        ),
        "{text}"
    );
}

#[test]
fn unusable_ca_or_key_file_is_named() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let both = format!("{CA}\n{broken}");
    for (variable, content, says) in [
        (
            "OAUTH_CA_FILE",
            "nothing",
            "OAUTH_CA_FILE names \"/some/file\", which contains no certificates in PEM format",
        ),
        (
            "REGISTRY_CA_FILE",
            broken,
            "REGISTRY_CA_FILE names \"/some/file\", which contains a certificate that cannot be parsed: number 1 in it",
        ),
        (
            "REGISTRY_BLOB_CA_FILE",
            both.as_str(),
            "which contains a certificate that cannot be parsed: number 2 in it",
        ),
        (
            "SESSION_KEY_FILE",
            "c2hvcnQ=",
            "SESSION_KEY_FILE names \"/some/file\", which has 5 bytes in key 1, but needs 64",
        ),
        (
            "SESSION_KEY_FILE",
            "?",
            "SESSION_KEY_FILE names \"/some/file\", which contains invalid base64 in key 1",
        ),
    ] {
        let text = Config::from_variables(
            &minimal_variables()
                .with_var(variable, "/some/file")
                .with_file("/some/file", content),
        )
        .expect_err("a mistake")
        .to_string();
        assert!(
            text.contains(says) && text.contains("example of a valid value"),
            "{text}"
        );
    }
    let text = Config::from_variables(&minimal_variables().with_var("KUBERNETES_CA_DATA", broken))
        .expect_err("a mistake")
        .to_string();
    assert!(
        text.contains("KUBERNETES_CA_DATA contains a certificate that cannot be parsed")
            && !text.contains("BadEncoding"),
        "{text}"
    );
}

#[test]
fn automatic_index_names_the_missing_token_file() {
    let index = |vars: FixedVariables| Config::from_variables(&vars).expect("right").index;
    let auto = index(
        minimal_variables()
            .with_var("INDEX", "auto")
            .with_var("INDEX_TOKEN_FILE", "/token"),
    );
    assert!(
        auto.token.is_none() && auto.missing_token_file.as_deref() == Some(Path::new("/token"))
    );
    let found = index(
        minimal_variables()
            .with_var("INDEX", "auto")
            .with_var("INDEX_TOKEN_FILE", "/token")
            .with_file("/token", "t"),
    );
    assert!(found.token.is_some() && found.missing_token_file.is_none());
    assert!(index(minimal_variables()).missing_token_file.is_none());
}
