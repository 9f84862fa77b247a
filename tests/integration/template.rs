//! The template that deploys the console, processed as `oc process` does it.

#[path = "template/beside.rs"]
mod beside;
#[path = "template/process.rs"]
mod process;

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use registry_console::config::{Config, Fixed, VARIABLES};
use registry_console::server::Limits;
use serde_json::{Value, json};

use process::Template;

/// What people type: `oc new-app --template=registry-console -p … -p … -p …`.
const NEW_APP: [(&str, &str); 3] = [
    (
        "OPENSHIFT_OAUTH_PROVIDER_URL",
        "https://openshift.example.com:8443",
    ),
    ("REGISTRY_HOST", "docker-registry-default.apps.example.com"),
    (
        "COCKPIT_KUBE_URL",
        "https://registry-console-default.apps.example.com",
    ),
];

fn deployed() -> Objects {
    Objects(
        Template::read()
            .process(&NEW_APP)
            .expect("the three parameters that people give are enough"),
    )
}

struct Objects(Vec<Value>);

impl Objects {
    fn one(&self, kind: &str) -> &Value {
        let mut found = self.0.iter().filter(|object| object["kind"] == kind);
        let object = found
            .next()
            .unwrap_or_else(|| panic!("the template makes a {kind}"));
        assert!(found.next().is_none(), "the template makes one {kind}");
        object
    }

    fn pod(&self) -> &Value {
        &self.one("DeploymentConfig")["spec"]["template"]["spec"]
    }

    fn container(&self) -> &Value {
        let containers = self.pod()["containers"].as_array().unwrap();
        assert_eq!(containers.len(), 1);
        &containers[0]
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| {
            value
                .as_str()
                .unwrap_or_else(|| panic!("{value} is a string"))
                .to_owned()
        };
        self.container()["env"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (text(&one["name"]), text(&one["value"])))
            .collect()
    }
}

#[test]
fn new_app_needs_the_three_parameters_that_it_always_needed() {
    let template = Template::read();
    let needed: BTreeSet<&str> = NEW_APP.iter().map(|(name, _)| *name).collect();
    assert_eq!(template.must_be_given(), needed);
    assert_eq!(
        template.process(&NEW_APP[1..]),
        Err("OPENSHIFT_OAUTH_PROVIDER_URL must be given".to_owned())
    );
}

#[test]
fn a_parameter_that_nothing_uses_is_a_lie() {
    let template = Template::read();
    assert_eq!(template.names(), template.referred());
}

#[test]
fn objects_bear_the_names_that_the_old_console_gave_them() {
    let objects = deployed();
    assert_eq!(Template::read().name(), "registry-console");
    for (kind, name) in [
        ("DeploymentConfig", "registry-console"),
        ("Service", "registry-console"),
        ("ImageStream", "registry-console"),
        ("OAuthClient", "cockpit-oauth-client"),
    ] {
        assert_eq!(objects.one(kind)["metadata"]["name"], name);
    }
    for object in &objects.0 {
        assert_eq!(
            object["metadata"]["labels"]["createdBy"], "registry-console-template",
            "{}",
            object["kind"]
        );
        assert_eq!(
            object["metadata"]["namespace"],
            Value::Null,
            "the project is the one that new-app names"
        );
    }
}

#[test]
fn a_passthrough_route_to_the_port_named_registry_console_reaches_the_pod() {
    let objects = deployed();
    let service = &objects.one("Service")["spec"];
    assert_eq!(
        service["ports"],
        json!([{ "name": "registry-console", "protocol": "TCP", "port": 9000, "targetPort": 9090 }])
    );

    let labels = objects.one("DeploymentConfig")["spec"]["template"]["metadata"]["labels"]
        .as_object()
        .unwrap();
    for selector in [
        &service["selector"],
        &objects.one("DeploymentConfig")["spec"]["selector"],
    ] {
        for (label, value) in selector.as_object().unwrap() {
            assert_eq!(labels.get(label), Some(value));
        }
    }

    // Metrics (9091) stay off the service, and so off every route (S46).
    let open: Vec<_> = objects.container()["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| port["containerPort"].clone())
        .collect();
    assert_eq!(open, [9090, 9091]);
}

#[test]
fn the_oauth_client_sends_people_back_to_the_console_without_asking_for_consent() {
    let objects = deployed();
    let client = objects.one("OAuthClient");
    assert_eq!(
        client["redirectURIs"],
        json!(["https://registry-console-default.apps.example.com/oauth/callback"])
    );
    assert_eq!(
        client["accessTokenMaxAgeSeconds"],
        json!(36_000),
        "a number, not a text"
    );
    assert_eq!(client["grantMethod"], "auto");
    assert_eq!(client["respondWithChallenges"], false);

    let environment = objects.environment();
    assert_eq!(
        client["metadata"]["name"],
        environment["OPENSHIFT_OAUTH_CLIENT_ID"].as_str()
    );
    assert_eq!(
        environment["COCKPIT_KUBE_URL"],
        "https://registry-console-default.apps.example.com"
    );
}

#[test]
fn the_pod_reads_the_oauth_clients_secret_from_a_file() {
    let objects = deployed();
    let client = objects.one("OAuthClient");
    let secret = client["secret"].as_str().unwrap();
    assert!(secret.len() == 68 && secret.starts_with("user"), "{secret}");
    assert_eq!(
        mounted(&objects, "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE"),
        secret
    );
    assert!(
        !objects.one("DeploymentConfig").to_string().contains(secret),
        "not in the pod's own description"
    );
}

#[test]
fn replicas_share_a_session_key_of_64_bytes_or_more() {
    let key = mounted(&deployed(), "SESSION_KEY_FILE");
    assert!(BASE64_STANDARD.decode(&key).unwrap().len() >= 64);
    assert_ne!(
        key,
        mounted(&deployed(), "SESSION_KEY_FILE"),
        "every deployment gets a key of its own"
    );
}

/// What the pod finds in the file that the variable names.
fn mounted(objects: &Objects, variable: &str) -> String {
    let file = objects.environment()[variable].clone();
    let (folder, key) = file.rsplit_once('/').unwrap();
    let find = |list: &Value, field: &str, wanted: &Value| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|one| &one[field] == wanted)
            .cloned()
            .unwrap()
    };
    let mount = find(
        &objects.container()["volumeMounts"],
        "mountPath",
        &json!(folder),
    );
    let volume = find(&objects.pod()["volumes"], "name", &mount["name"]);
    let secret = objects.one("Secret");
    assert_eq!(volume["secret"]["secretName"], secret["metadata"]["name"]);
    secret["stringData"][key]
        .as_str()
        .unwrap_or_else(|| panic!("the Secret has a key {key}"))
        .to_owned()
}

#[test]
fn a_redeployment_never_meets_the_secret_of_the_one_before() {
    // `oc delete all` takes no Secrets: one with a fixed name would stay, and new-app would pair it
    // with a new OAuth client.
    let name = |objects: &Objects| objects.one("Secret")["metadata"]["name"].clone();
    assert_ne!(name(&deployed()), name(&deployed()));
}

#[test]
fn volumes_that_may_be_missing_do_not_hold_the_pod_back() {
    let objects = deployed();
    for volume in objects.pod()["volumes"].as_array().unwrap() {
        let source = volume
            .get("secret")
            .or(volume.get("configMap"))
            .unwrap_or_else(|| panic!("{volume}: only what the restricted SCC takes"));
        let made_here = source["secretName"] == objects.one("Secret")["metadata"]["name"];
        assert_eq!(source["optional"] == true, !made_here, "{volume}");
        assert!(
            objects.container()["volumeMounts"]
                .as_array()
                .unwrap()
                .iter()
                .any(|mount| mount["name"] == volume["name"]),
            "{volume}"
        );
    }
    let annotations = &objects.one("Service")["metadata"]["annotations"];
    assert_eq!(
        annotations["service.alpha.openshift.io/serving-cert-secret-name"],
        "registry-console-serving-cert"
    );
}

#[test]
fn the_console_starts_with_what_the_pod_is_told() {
    let objects = deployed();
    let mut vars = Fixed::default()
        .var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
        .var("KUBERNETES_SERVICE_PORT", "443");
    for (name, value) in objects.environment() {
        assert!(
            VARIABLES.iter().any(|variable| variable.name == name),
            "{name} is no variable of the console"
        );
        if name.ends_with("_FILE") && !value.is_empty() {
            vars = vars.with_file(&value, mounted(&objects, &name));
        }
        vars = vars.var(&name, value);
    }
    let config = Config::read(&vars).unwrap();
    assert_eq!(config.oauth.client_id, "cockpit-oauth-client");
    assert_eq!(config.session.keys.len(), 1);
    assert_eq!(
        (config.listen.pages.port(), config.listen.metrics.port()),
        (9090, 9091)
    );
}

// R17
#[test]
fn a_pod_that_leaves_has_the_time_to_finish_what_it_began() {
    let objects = deployed();
    let command = objects.container()["lifecycle"]["preStop"]["exec"]["command"]
        .as_array()
        .unwrap();
    assert_eq!(command[0], "sleep");
    let before: u64 = command[1].as_str().unwrap().parse().unwrap();
    let grace = objects.pod()["terminationGracePeriodSeconds"]
        .as_u64()
        .unwrap();
    assert!(before + Limits::default().drain.as_secs() < grace);
}

// S49
#[test]
fn the_pod_fits_the_restricted_scc_and_writes_nothing() {
    let objects = deployed();
    let rules = &objects.container()["securityContext"];
    assert_eq!(
        rules,
        &json!({ "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "capabilities": { "drop": ["ALL"] } }),
        "no fixed user: the SCC chooses it"
    );
    for field in [
        "securityContext",
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "nodeSelector",
    ] {
        assert_eq!(objects.pod()[field], Value::Null, "{field}");
    }
}

#[test]
fn the_pods_account_is_given_no_right() {
    let objects = deployed();
    assert_eq!(objects.pod()["serviceAccountName"], "default");
    assert!(
        !objects
            .0
            .iter()
            .any(|object| object["kind"].as_str().unwrap().contains("Role"))
    );
}

// R29
#[test]
fn probes_use_the_port_that_attacks_on_the_pages_do_not_reach_and_forgive_a_slow_moment() {
    let objects = deployed();
    for (probe, path) in [("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")] {
        let probe = &objects.container()[probe];
        assert_eq!(
            probe["httpGet"],
            json!({ "path": path, "port": 9091, "scheme": "HTTP" })
        );
        assert_eq!(probe["periodSeconds"], 10);
        assert_eq!(probe["failureThreshold"], 3);
        assert!(probe["timeoutSeconds"].as_u64().unwrap() >= 2);
    }
}

// R18
#[test]
fn an_update_starts_the_new_pod_before_it_stops_the_old_one() {
    let objects = deployed();
    let strategy = &objects.one("DeploymentConfig")["spec"]["strategy"];
    assert_eq!(
        strategy,
        &json!({ "type": "Rolling", "rollingParams": { "maxSurge": 1, "maxUnavailable": 0 } })
    );
}

#[test]
fn what_people_may_change_reaches_the_objects() {
    let mut given = NEW_APP.to_vec();
    given.extend([
        ("REPLICAS", "3"),
        ("IMAGE_PREFIX", "registry.example.com/infra/"),
        ("IMAGE_VERSION", "v1"),
        ("TLS_SECRET", "console-cert"),
    ]);
    let objects = Objects(Template::read().process(&given).unwrap());

    assert_eq!(
        objects.one("DeploymentConfig")["spec"]["replicas"],
        3,
        "a number, not a string"
    );
    let image = "registry.example.com/infra/registry-console:v1";
    assert_eq!(objects.container()["image"], image);
    assert_eq!(
        objects.one("ImageStream")["spec"],
        Value::Null,
        "a tag of another registry is refused by allowedRegistriesForImport"
    );
    assert!(
        objects.pod()["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|volume| volume["secret"]["secretName"] == "console-cert")
    );
}

#[test]
fn the_readme_names_parameters_that_exist() {
    let readme = include_str!("../../README.md");
    let (console, others) = (Template::read(), beside::all());
    let names: BTreeSet<&str> = others
        .iter()
        .chain([&console])
        .flat_map(Template::names)
        .collect();
    let mut seen = 0;
    for argument in readme.split("-p ").skip(1) {
        let Some((name, _)) = argument.split_once('=') else {
            continue;
        };
        if !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        {
            assert!(
                names.contains(name),
                "README.md: -p {name}= is no parameter of a template"
            );
            seen += 1;
        }
    }
    assert!(seen >= NEW_APP.len());
}
