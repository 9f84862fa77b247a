use std::path::Path;

use url::Url;

use super::*;

const CA: &str = include_str!("../../tests/cases/46-tls-x509-v1/r1.crt");
const REFUSED_ONCE: &str = include_str!("../../tests/cases/57-config-refused/env.txt");

fn least() -> Fixed {
    Fixed::default()
        .var("COCKPIT_KUBE_URL", "https://console.example.com/")
        .var(
            "OPENSHIFT_OAUTH_PROVIDER_URL",
            "https://master.example.com:8443",
        )
        .var("OPENSHIFT_OAUTH_CLIENT_SECRET", "user-very-secret")
        .var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
}

fn mistaken(vars: &Fixed) -> Vec<&'static str> {
    Config::read(vars)
        .expect_err("a mistake")
        .iter()
        .map(|mistake| mistake.variable)
        .collect()
}

#[test]
fn the_old_template_and_a_secret_are_enough() {
    let vars = least()
        .var("OPENSHIFT_OAUTH_CLIENT_ID", "cockpit-oauth-client")
        .var("KUBERNETES_INSECURE", "false")
        .var("COCKPIT_KUBE_INSECURE", "false")
        .var("REGISTRY_ONLY", "true")
        .var("REGISTRY_HOST", "docker-registry-default.apps.example.com");
    let config = Config::read(&vars).expect("right");
    assert_eq!(
        config.listen.public.as_ref().map(Url::as_str),
        Some("https://console.example.com/")
    );
    assert_eq!(config.oauth.flow(), Flow::Code);
    assert_eq!(config.listen.pages.to_string(), "0.0.0.0:9090");
    assert_eq!(config.oauth.client_id, "cockpit-oauth-client");
    assert_eq!(config.cluster.api.as_str(), "https://172.30.0.1/");
    assert_eq!(
        config.registry.url.as_str(),
        "https://docker-registry.default.svc:5000/"
    );
    assert_eq!(
        config.registry.public_host.as_deref(),
        Some("docker-registry-default.apps.example.com")
    );
}

/// The pod of the template that OpenShift 3.11 installed: neither the client's secret nor the
/// console's own address is in it.
#[test]
fn the_old_template_alone_is_enough() {
    let stock = Fixed::default()
        .var(
            "OPENSHIFT_OAUTH_PROVIDER_URL",
            "https://openshift.example.com:8443",
        )
        .var("OPENSHIFT_OAUTH_CLIENT_ID", "cockpit-oauth-client")
        .var("KUBERNETES_INSECURE", "false")
        .var("COCKPIT_KUBE_INSECURE", "false")
        .var("REGISTRY_ONLY", "true")
        .var("REGISTRY_HOST", "docker-registry-default.apps.example.com")
        .var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
        .var("KUBERNETES_SERVICE_PORT", "443");
    let config = Config::read(&stock).expect("right");
    assert_eq!(
        (
            config.oauth.flow(),
            config.listen.public,
            config.session.keys.len()
        ),
        (Flow::Implicit, None, 0)
    );
    let mistaken_too = stock
        .var("OPENSHIFT_OAUTH_CLIENT_SECRET_FILE", "/nowhere")
        .var("COCKPIT_KUBE_URL", "https://host/path");
    assert_eq!(
        mistaken(&mistaken_too),
        ["COCKPIT_KUBE_URL", "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE"]
    );
}

#[test]
fn every_mistake_is_told_at_once_with_a_right_value() {
    let vars = Fixed::default()
        .var("COCKPIT_KUBE_URL", "console.example.com")
        .var("LISTEN", "9090")
        .var("KUBERNETES_SERVICE_HOST", "a b")
        .var("KUBERNETES_SERVICE_PORT", "70000")
        .var("KUBERNETES_CA_DATA", "no certificate")
        .var("REGISTRY_URL", "docker-registry:5000")
        .var("SESSION_KEY", "c2hvcnQ=")
        .var("TLS_CERT_FILE", "/tls.crt")
        .var("LOG_LEVEL", "loud");
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
    assert_eq!(mistaken(&vars), expected);
    let text = Config::read(&vars).expect_err("mistakes").to_string();
    assert!(
        text.contains("COCKPIT_KUBE_URL is \"console.example.com\", which is no URL; a right value looks like: https://registry-console"),
        "{text}"
    );
}

#[test]
fn odd_values_of_variables_that_older_templates_set_are_warned_about_and_the_console_starts() {
    for (variable, value, warned, host) in [
        (
            "REGISTRY_ONLY",
            "yes",
            Some("REGISTRY_ONLY is \"yes\", which is neither true nor false, and counts as false"),
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
        ("REGISTRY_HOST", "host; rm -rf /", Some("is left out"), None),
        ("REGISTRY_HOST", "https://", Some("is left out"), None),
        (
            "REGISTRY_HOST",
            "registry.apps.example.com:5000",
            None,
            Some("registry.apps.example.com:5000"),
        ),
    ] {
        let config = Config::read(&least().var(variable, value))
            .unwrap_or_else(|mistakes| panic!("{variable}={value}: {mistakes}"));
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
            Trust::Nothing,
            "the API server is still verified"
        );
        assert!(!config.listen.plain_only);
    }
}

#[test]
fn values_that_ended_the_process_once_are_warned_about() {
    let lines: Vec<(&str, &str)> = REFUSED_ONCE
        .lines()
        .filter_map(|line| line.split_whitespace().next()?.split_once('='))
        .collect();
    assert_eq!(lines.len(), 3, "{REFUSED_ONCE}");
    for (variable, value) in lines {
        let config = Config::read(&least().var(variable, value))
            .unwrap_or_else(|mistakes| panic!("{variable}={value}: {mistakes}"));
        let warnings: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
        assert!(
            warnings.len() == 1 && warnings[0].starts_with(variable),
            "{variable}={value}: {warnings:?}"
        );
    }
}

#[test]
fn a_host_that_is_none_is_a_mistake() {
    for host in ["a b", "a/b", "a@b", "http://a", "a:1"] {
        assert_eq!(
            mistaken(&least().var("KUBERNETES_SERVICE_HOST", host)),
            ["KUBERNETES_SERVICE_HOST"],
            "{host}"
        );
    }
}

#[test]
fn the_master_may_have_an_ipv6_address() {
    let config = Config::read(
        &least()
            .var("KUBERNETES_SERVICE_HOST", "fd02::1")
            .var("KUBERNETES_SERVICE_PORT", "6443"),
    )
    .expect("right");
    assert_eq!(config.cluster.api.as_str(), "https://[fd02::1]:6443/");
}

#[test]
fn the_master_is_trusted_by_the_certificates_given_else_by_those_of_the_pod_else_by_the_machines() {
    let mounted = least().with_file(cluster::SERVICE_ACCOUNT_CA, CA);
    let trust = |vars: &Fixed| Config::read(vars).expect("right").cluster.trust;
    assert_eq!(trust(&least()), Trust::System);
    assert_eq!(trust(&mounted), Trust::Only(CA.to_owned()));
    assert_eq!(
        trust(&mounted.clone().var("KUBERNETES_CA_DATA", CA)),
        Trust::Only(CA.trim().to_owned())
    );
    assert_eq!(
        trust(&mounted.var("KUBERNETES_INSECURE", "1")),
        Trust::Nothing
    );
}

#[test]
fn plain_http_outside_needs_plain_http_inside() {
    let plain = least().var("COCKPIT_KUBE_URL", "http://localhost:9090");
    assert_eq!(mistaken(&plain), ["COCKPIT_KUBE_URL"]);
    assert!(Config::read(&plain.var("COCKPIT_KUBE_INSECURE", "true")).is_ok());
}

#[test]
fn limits_are_those_of_the_pod_unless_they_are_set() {
    let limits = |vars: &Fixed| {
        let listen = Config::read(vars).expect("right").listen;
        (
            listen.connections.map(std::num::NonZeroUsize::get),
            listen.memory,
        )
    };
    assert_eq!(limits(&least()), (None, None));
    assert_eq!(
        limits(
            &least()
                .var("CONNECTION_LIMIT", "100")
                .var("MEMORY_LIMIT", "1000")
        ),
        (Some(100), Some(1000))
    );
    assert_eq!(
        limits(&least().var("MEMORY_LIMIT", "256Mi")).1,
        Some(256 << 20)
    );
    for wrong in ["0", "256MB", "-1", "Mi", "99999999999Gi"] {
        assert_eq!(
            mistaken(&least().var("MEMORY_LIMIT", wrong)),
            ["MEMORY_LIMIT"],
            "{wrong}"
        );
    }
    assert_eq!(
        mistaken(&least().var("CONNECTION_LIMIT", "0")),
        ["CONNECTION_LIMIT"]
    );
}

#[test]
fn a_secret_may_be_in_a_file_but_not_in_two_places() {
    let vars = least()
        .with_file("/secret", "from-a-file\n")
        .var("OPENSHIFT_OAUTH_CLIENT_SECRET_FILE", "/secret");
    assert_eq!(mistaken(&vars), ["OPENSHIFT_OAUTH_CLIENT_SECRET"]);
    let config = Config::read(&vars.var("OPENSHIFT_OAUTH_CLIENT_SECRET", "")).expect("right");
    let ClientSecret::Known { secret, setting } = config.oauth.client_secret else {
        panic!("a secret")
    };
    assert_eq!(
        (secrecy::ExposeSecret::expose_secret(&secret), setting),
        ("from-a-file", "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE")
    );
}

#[test]
fn several_session_keys_are_kept_in_their_order() {
    // S22.
    let [first, second] = [[1_u8; 64], [2_u8; 64]]
        .map(|key| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key));
    let config =
        Config::read(&least().var("SESSION_KEY", format!("{first}\n{second}"))).expect("right");
    let starts: Vec<u8> = config
        .session
        .keys
        .iter()
        .map(|key| secrecy::ExposeSecret::expose_secret(key)[0])
        .collect();
    assert_eq!(starts, [1, 2]);
}

#[test]
fn no_secret_is_in_the_debug_text_or_among_the_mistakes() {
    // S44.
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7_u8; 64]);
    let config = Config::read(&least().var("SESSION_KEY", key.as_str())).expect("right");
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("very-secret") && !shown.contains(&key) && !shown.contains("7, 7, 7"),
        "{shown}"
    );
    let mistakes = Config::read(
        &least()
            .var("SESSION_KEY", "very-secret-key")
            .var("LISTEN", "x"),
    )
    .expect_err("mistakes");
    assert!(!format!("{mistakes} {mistakes:?}").contains("very-secret"));
}

#[test]
fn the_index_is_off_until_it_is_asked_for_and_there_is_a_token_to_fill_it_with() {
    let mounted = least().with_file(
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "sha256~very-secret\n",
    );
    let token = |vars: &Fixed| match Config::read(vars).expect("right").index.token {
        Some(IndexToken::File(file)) => Some(file),
        Some(IndexToken::Here(_)) => panic!("no variable holds it"),
        None => None,
    };
    assert_eq!(token(&mounted), None);
    assert_eq!(token(&mounted.clone().var("INDEX", "off")), None);
    assert_eq!(token(&least().var("INDEX", "auto")), None);
    let usual = Some("/var/run/secrets/kubernetes.io/serviceaccount/token".into());
    assert_eq!(token(&mounted.clone().var("INDEX", "auto")), usual);
    assert_eq!(token(&mounted.clone().var("INDEX", "on")), usual);
    assert_eq!(
        token(
            &least()
                .with_file("/t", "x")
                .var("INDEX", "on")
                .var("INDEX_TOKEN_FILE", "/t")
        ),
        Some("/t".into())
    );
    for wrong in [
        least().var("INDEX", "on"),
        mounted.clone().var("INDEX", "yes"),
        mounted.var("INDEX", "on").var("INDEX_TOKEN_FILE", "/t"),
    ] {
        assert_eq!(mistaken(&wrong), ["INDEX"]);
    }
}

/// Notes which variables are asked for.
struct Asked(std::cell::RefCell<std::collections::BTreeSet<String>>);

impl Vars for Asked {
    fn get(&self, name: &str) -> Option<String> {
        self.0.borrow_mut().insert(name.to_owned());
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn directory(&self, _: &Path) -> Vec<std::path::PathBuf> {
        Vec::new()
    }
}

#[test]
fn without_a_secret_people_sign_in_by_the_implicit_flow_unless_it_is_off() {
    let flow = |vars: &Fixed| Config::read(vars).unwrap().oauth.flow();
    let without_secret = || least().var("OPENSHIFT_OAUTH_CLIENT_SECRET", "");
    assert_eq!(flow(&without_secret()), Flow::Implicit);
    assert_eq!(
        flow(&without_secret().var("OAUTH_IMPLICIT_FLOW", "on")),
        Flow::Implicit
    );
    assert_eq!(
        flow(&without_secret().var("OAUTH_IMPLICIT_FLOW", "off")),
        Flow::Disabled
    );
    assert_eq!(flow(&least().var("OAUTH_IMPLICIT_FLOW", "off")), Flow::Code);
    assert_eq!(
        mistaken(&least().var("OAUTH_IMPLICIT_FLOW", "false")),
        ["OAUTH_IMPLICIT_FLOW"]
    );
}

#[test]
fn every_variable_that_is_read_is_described_and_the_other_way_round() {
    let asked = Asked(std::cell::RefCell::default());
    Config::read(&asked).expect_err("nothing is set");
    let described: std::collections::BTreeSet<String> = VARIABLES
        .iter()
        .map(|variable| variable.name.to_owned())
        .collect();
    assert_eq!(asked.0.into_inner(), described);
}

#[test]
fn the_index_may_take_as_much_memory_as_is_set() {
    let of = |text: &str| {
        Config::read(&least().var("INDEX_MEMORY", text)).map(|config| config.index.memory)
    };
    assert_eq!(Config::read(&least()).unwrap().index.memory, 128 << 20);
    assert_eq!(of("1Gi").unwrap(), 1 << 30);
    assert_eq!(
        mistaken(&least().var("INDEX_MEMORY", "lots")),
        ["INDEX_MEMORY"]
    );
    assert_eq!(
        mistaken(&least().var("INDEX_MEMORY", "512")),
        ["INDEX_MEMORY"]
    );
}

#[test]
fn the_doctors_page_and_the_token_are_shown_unless_a_setting_says_otherwise() {
    let pages = |vars: &Fixed| Config::read(vars).expect("right").pages;
    assert_eq!(pages(&least()), PageSettings::default());
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
        assert_eq!(pages(&least().var("DOCTOR_PAGE", value)).doctor, doctor);
    }
    assert!(
        pages(&least().var("SHOW_TOKEN", "on")).show_token
            && !pages(&least().var("SHOW_TOKEN", "off")).show_token
    );
    // A word that is misspelt must not open what was to be closed.
    assert_eq!(
        mistaken(
            &least()
                .var("DOCTOR_PAGE", "admins")
                .var("SHOW_TOKEN", "false")
        ),
        ["DOCTOR_PAGE", "SHOW_TOKEN"]
    );
}

#[test]
fn redirects_to_object_storage_are_followed_unless_they_are_switched_off() {
    let storage = |vars: Fixed| Config::read(&vars).expect("right").registry.storage;
    let found = storage(least());
    assert_eq!((found.follow, found.trust), (true, Trust::System));
    assert!(!storage(least().var("REGISTRY_BLOB_REDIRECTS", "off")).follow);
    let with_file = least()
        .var("REGISTRY_BLOB_CA_FILE", "/ca/storage.crt")
        .with_file("/ca/storage.crt", CA);
    assert_eq!(storage(with_file).trust, Trust::SystemAnd(CA.to_owned()));
    let wrong = least()
        .var("REGISTRY_BLOB_REDIRECTS", "maybe")
        .var("REGISTRY_BLOB_CA_FILE", "/nowhere");
    assert_eq!(
        mistaken(&wrong),
        ["REGISTRY_BLOB_REDIRECTS", "REGISTRY_BLOB_CA_FILE"]
    );
}

/// A certificate and its key.
fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["console.example.com".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn what_is_wrong_with_the_own_certificate_is_told_with_every_other_mistake_and_its_file() {
    let ((certificate, key), (_, other_key)) = (pair(), pair());
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let with = |crt: &str, key: &str| {
        let files = least()
            .var("TLS_CERT_FILE", "/tls/tls.crt")
            .var("TLS_KEY_FILE", "/tls/tls.key")
            .var("LOG_LEVEL", "loud");
        files
            .with_file("/tls/tls.crt", crt)
            .with_file("/tls/tls.key", key)
    };
    assert_eq!(mistaken(&with(&certificate, &key)), ["LOG_LEVEL"]);
    for (vars, variable, says) in [
        (
            with(&certificate, &other_key),
            "TLS_KEY_FILE",
            "the private key in /tls/tls.key does not belong to the certificate in /tls/tls.crt",
        ),
        (
            with(&certificate, "no key"),
            "TLS_KEY_FILE",
            "/tls/tls.key holds no private key in PEM form",
        ),
        (
            with("no certificate", &key),
            "TLS_CERT_FILE",
            "/tls/tls.crt holds no certificate in PEM form",
        ),
        (
            with(broken, &key),
            "TLS_CERT_FILE",
            "/tls/tls.crt holds a certificate that cannot be used",
        ),
    ] {
        assert_eq!(mistaken(&vars), [variable, "LOG_LEVEL"]);
        let text = Config::read(&vars).expect_err("mistakes").to_string();
        assert!(
            text.contains(says) && text.contains("; a right value looks like: /etc/tls/"),
            "{text}"
        );
    }
    let missing = least()
        .var("TLS_CERT_FILE", "/nowhere.crt")
        .var("TLS_KEY_FILE", "/nowhere.key");
    assert_eq!(mistaken(&missing), ["TLS_CERT_FILE"]);
    assert!(
        mistaken(&with("no certificate", &key).var("COCKPIT_KUBE_INSECURE", "true")).len() == 1,
        "none is shown then"
    );
    // Where the old console looked.
    let mounted = least().with_file("/etc/cockpit/ws-certs.d/50.cert", "nothing");
    let text = Config::read(&mounted).expect_err("mistakes").to_string();
    assert!(
        text.contains(
            "TLS_CERT_FILE is not set, and /etc/cockpit/ws-certs.d/50.cert holds no certificate"
        ),
        "{text}"
    );
}

#[test]
fn a_file_of_authorities_or_keys_that_is_of_no_use_is_named() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let both = format!("{CA}\n{broken}");
    for (variable, content, says) in [
        (
            "OAUTH_CA_FILE",
            "nothing",
            "OAUTH_CA_FILE names \"/some/file\", which holds no certificates in PEM form",
        ),
        (
            "REGISTRY_CA_FILE",
            broken,
            "REGISTRY_CA_FILE names \"/some/file\", which holds a certificate that cannot be read: number 1 in it",
        ),
        (
            "REGISTRY_BLOB_CA_FILE",
            both.as_str(),
            "which holds a certificate that cannot be read: number 2 in it",
        ),
        (
            "SESSION_KEY_FILE",
            "c2hvcnQ=",
            "SESSION_KEY_FILE names \"/some/file\", which has 5 bytes in key 1, but needs 64",
        ),
        (
            "SESSION_KEY_FILE",
            "?",
            "SESSION_KEY_FILE names \"/some/file\", which holds no base64 in key 1",
        ),
    ] {
        let text = Config::read(
            &least()
                .var(variable, "/some/file")
                .with_file("/some/file", content),
        )
        .expect_err("a mistake")
        .to_string();
        assert!(
            text.contains(says) && text.contains("a right value looks like"),
            "{text}"
        );
    }
    let text = Config::read(&least().var("KUBERNETES_CA_DATA", broken))
        .expect_err("a mistake")
        .to_string();
    assert!(
        text.contains("KUBERNETES_CA_DATA holds a certificate that cannot be read")
            && !text.contains("BadEncoding"),
        "{text}"
    );
}

#[test]
fn an_index_that_is_automatic_knows_the_file_without_a_token() {
    let index = |vars: Fixed| Config::read(&vars).expect("right").index;
    let auto = index(
        least()
            .var("INDEX", "auto")
            .var("INDEX_TOKEN_FILE", "/token"),
    );
    assert!(auto.token.is_none() && auto.token_missing.as_deref() == Some(Path::new("/token")));
    let found = index(
        least()
            .var("INDEX", "auto")
            .var("INDEX_TOKEN_FILE", "/token")
            .with_file("/token", "t"),
    );
    assert!(found.token.is_some() && found.token_missing.is_none());
    assert!(index(least()).token_missing.is_none());
}
