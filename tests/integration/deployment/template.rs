//! The template that deploys the console, processed as `oc process` does it.

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use registry_console::config::{Config, FixedVariables, VARIABLES};
use registry_console::server::ServerLimits;
use serde_json::{Value, json};

use crate::deployment::template_processor::Template;
use crate::repository::documentation::operator_documents;

/// The command of the documentation: `oc new-app --template=registry-console -p … -p … -p …`.
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

pub(super) fn deployed() -> TemplateObjects {
    TemplateObjects(
        Template::read()
            .process(&NEW_APP)
            .expect("the three parameters that people give are enough"),
    )
}

pub(super) struct TemplateObjects(pub(super) Vec<Value>);

impl TemplateObjects {
    pub(super) fn one(&self, kind: &str) -> &Value {
        let mut found = self.0.iter().filter(|object| object["kind"] == kind);
        let object = found
            .next()
            .unwrap_or_else(|| panic!("the template makes a {kind}"));
        assert!(found.next().is_none(), "the template makes one {kind}");
        object
    }

    pub(super) fn pod(&self) -> &Value {
        &self.one("DeploymentConfig")["spec"]["template"]["spec"]
    }

    pub(super) fn container(&self) -> &Value {
        let containers = self.pod()["containers"].as_array().unwrap();
        assert_eq!(containers.len(), 1);
        &containers[0]
    }

    pub(super) fn environment(&self) -> BTreeMap<String, String> {
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
fn template_requires_the_three_legacy_parameters() {
    let template = Template::read();
    let needed: BTreeSet<&str> = NEW_APP.iter().map(|(name, _)| *name).collect();
    assert_eq!(template.required_parameters(), needed);
    assert_eq!(
        template.process(&NEW_APP[1..]),
        Err("OPENSHIFT_OAUTH_PROVIDER_URL must be given".to_owned())
    );
}

#[test]
fn every_template_parameter_is_used() {
    let template = Template::read();
    assert_eq!(template.names(), template.referenced_parameters());
}

#[test]
fn object_names_match_the_old_console() {
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
fn passthrough_route_reaches_the_pod() {
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
fn oauth_client_redirects_to_the_console_without_consent() {
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
fn pod_reads_the_client_secret_from_a_file() {
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
fn replicas_share_a_session_key_of_64_bytes() {
    let key = mounted(&deployed(), "SESSION_KEY_FILE");
    assert!(BASE64_STANDARD.decode(&key).unwrap().len() >= 64);
    assert_ne!(
        key,
        mounted(&deployed(), "SESSION_KEY_FILE"),
        "every deployment gets a key of its own"
    );
}

/// What the pod finds in the file that the variable names.
fn mounted(objects: &TemplateObjects, variable: &str) -> String {
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
fn each_deployment_generates_a_new_secret_name() {
    // `oc delete all` takes no Secrets: one with a fixed name would stay, and new-app would pair it
    // with a new OAuth client.
    let name = |objects: &TemplateObjects| objects.one("Secret")["metadata"]["name"].clone();
    assert_ne!(name(&deployed()), name(&deployed()));
}

#[test]
fn missing_optional_volumes_do_not_block_the_pod() {
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
fn pod_environment_is_a_valid_configuration() {
    let objects = deployed();
    let mut vars = FixedVariables::default()
        .with_var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
        .with_var("KUBERNETES_SERVICE_PORT", "443");
    for (name, value) in objects.environment() {
        assert!(
            VARIABLES.iter().any(|variable| variable.name == name),
            "{name} is no variable of the console"
        );
        if name.ends_with("_FILE") && !value.is_empty() {
            vars = vars.with_file(&value, mounted(&objects, &name));
        }
        vars = vars.with_var(&name, value);
    }
    let config = Config::from_variables(&vars).unwrap();
    assert_eq!(config.sign_in.client_id(), "cockpit-oauth-client");
    assert_eq!(config.session.keys.len(), 1);
    assert_eq!(
        (
            config.listen.pages_address.port(),
            config.listen.metrics_address.port()
        ),
        (9090, 9091)
    );
}

// R17
#[test]
fn grace_period_covers_the_drain_timeout() {
    let objects = deployed();
    let command = objects.container()["lifecycle"]["preStop"]["exec"]["command"]
        .as_array()
        .unwrap();
    assert_eq!(command[0], "sleep");
    let before: u64 = command[1].as_str().unwrap().parse().unwrap();
    let grace = objects.pod()["terminationGracePeriodSeconds"]
        .as_u64()
        .unwrap();
    assert!(before + ServerLimits::default().drain_timeout.as_secs() < grace);
}

// S49
#[test]
fn pod_fits_the_restricted_scc_with_read_only_root() {
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
fn pod_service_account_has_no_role() {
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
fn probes_use_the_metrics_port_and_tolerate_a_slow_response() {
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
fn update_starts_new_pod_before_stopping_the_old() {
    let objects = deployed();
    let strategy = &objects.one("DeploymentConfig")["spec"]["strategy"];
    assert_eq!(
        strategy,
        &json!({ "type": "Rolling", "rollingParams": { "maxSurge": 1, "maxUnavailable": 0 } })
    );
}

#[test]
fn parameters_reach_the_objects() {
    let mut given = NEW_APP.to_vec();
    given.extend([
        ("REPLICAS", "3"),
        ("IMAGE_PREFIX", "registry.example.com/infra/"),
        ("IMAGE_VERSION", "v1"),
        ("TLS_SECRET", "console-cert"),
    ]);
    let objects = TemplateObjects(Template::read().process(&given).unwrap());

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
fn documents_name_existing_parameters() {
    let (console, others) = (
        Template::read(),
        crate::deployment::optional_templates::all(),
    );
    let names: BTreeSet<&str> = others
        .iter()
        .chain([&console])
        .flat_map(Template::names)
        .collect();
    let mut seen = 0;
    for document in operator_documents() {
        for argument in document.text.split("-p ").skip(1) {
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
                    "{}: -p {name}= is no parameter of a template",
                    document.path
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= NEW_APP.len());
}
