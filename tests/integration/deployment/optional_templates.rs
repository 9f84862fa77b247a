//! The templates beside the console's own: each fits it.

use std::collections::BTreeSet;

use registry_model::WorkloadKind;
use serde_json::{Value, json};

use crate::deployment::template::{TemplateObjects, deployed};
use crate::deployment::template_processor::Template;

const DEPLOYMENT: &str = include_str!("../../../openshift/deployment.yaml");
const OAUTH_CLIENT: &str = include_str!("../../../openshift/oauth-client.yaml");
const ROUTE: &str = include_str!("../../../openshift/route.yaml");
const INDEX: &str = include_str!("../../../openshift/index.yaml");
const INDEX_WORKLOADS: &str = include_str!("../../../openshift/index-workloads.yaml");
const INDEX_SIZES: &str = include_str!("../../../openshift/index-sizes.yaml");
const AUTOSCALER: &str = include_str!("../../../openshift/autoscaler.yaml");
const METRICS_SERVICE: &str = include_str!("../../../openshift/metrics-service.yaml");
const MONITORING: &str = include_str!("../../../openshift/monitoring.yaml");

pub(in crate::deployment) fn all() -> [Template; 9] {
    let all = [
        DEPLOYMENT,
        OAUTH_CLIENT,
        ROUTE,
        INDEX,
        INDEX_WORKLOADS,
        INDEX_SIZES,
        AUTOSCALER,
        METRICS_SERVICE,
        MONITORING,
    ];
    all.map(Template::parse)
}

fn processed(template: &str, given: &[(&str, &str)]) -> TemplateObjects {
    TemplateObjects(Template::parse(template).process(given).unwrap())
}

#[test]
fn every_optional_template_parameter_is_used() {
    for template in all() {
        assert_eq!(
            template.names(),
            template.referenced_parameters(),
            "{}",
            template.name()
        );
    }
}

#[test]
fn route_reaches_the_consoles_own_certificate() {
    let (console, objects) = (
        deployed(),
        processed(ROUTE, &[("HOST", "console.example.com")]),
    );
    let (service, route) = (console.one("Service"), &objects.one("Route")["spec"]);
    assert_eq!(route["to"]["name"], service["metadata"]["name"]);
    assert_eq!(
        route["port"]["targetPort"],
        service["spec"]["ports"][0]["name"]
    );
    assert_eq!(
        (&route["host"], &route["tls"]["termination"]),
        (&json!("console.example.com"), &json!("passthrough"))
    );
}

#[test]
fn index_role_allows_only_reading_image_streams() {
    let objects = processed(INDEX, &[("NAMESPACE", "infra")]);
    let (role, binding) = (
        objects.one("ClusterRole"),
        objects.one("ClusterRoleBinding"),
    );
    assert_eq!(
        role["rules"],
        json!([{ "apiGroups": ["", "image.openshift.io"], "resources": ["imagestreams"], "verbs": ["list", "watch"] }])
    );
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    let account = &objects.one("ServiceAccount")["metadata"]["name"];
    assert_ne!(
        account, "default",
        "whatever else runs in the project has that one"
    );
    assert_eq!(
        binding["subjects"],
        json!([{ "kind": "ServiceAccount", "name": account, "namespace": "infra" }])
    );
}

/// The cluster role, which is all that `objects` give to the account of the index.
fn role_of_index_account<'a>(index: &TemplateObjects, objects: &'a TemplateObjects) -> &'a Value {
    let (role, binding) = (
        objects.one("ClusterRole"),
        objects.one("ClusterRoleBinding"),
    );
    assert_eq!(objects.0.len(), 2, "the account is that of the index");
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    assert_eq!(
        binding["subjects"],
        index.one("ClusterRoleBinding")["subjects"]
    );
    role
}

/// What the console lists, for the account of the index alone.
#[test]
fn workload_index_role_allows_only_reading_workloads() {
    let given = [("NAMESPACE", "infra")];
    let (index, objects) = (processed(INDEX, &given), processed(INDEX_WORKLOADS, &given));
    let role = role_of_index_account(&index, &objects);
    let rules = role["rules"].as_array().unwrap();
    assert!(
        rules
            .iter()
            .all(|rule| rule["verbs"] == json!(["list", "watch"]))
    );
    let resources = rules
        .iter()
        .flat_map(|rule| rule["resources"].as_array().unwrap());
    let resources: BTreeSet<&str> = resources.filter_map(Value::as_str).collect();
    let listed = WorkloadKind::ALL.map(WorkloadKind::resource);
    assert_eq!(resources, BTreeSet::from(listed));
}

#[test]
fn size_index_role_allows_only_reading_layers() {
    let given = [("NAMESPACE", "infra")];
    let (index, objects) = (processed(INDEX, &given), processed(INDEX_SIZES, &given));
    let role = role_of_index_account(&index, &objects);
    assert_eq!(
        role["rules"],
        json!([{ "apiGroups": ["", "image.openshift.io"], "resources": ["imagestreams/layers"], "verbs": ["get"] }])
    );
}

#[test]
fn autoscaler_targets_the_console_with_numeric_values() {
    let (console, objects) = (deployed(), processed(AUTOSCALER, &[("MIN", "3")]));
    let (scaled, spec) = (
        console.one("DeploymentConfig"),
        &objects.one("HorizontalPodAutoscaler")["spec"],
    );
    let target = json!({ "apiVersion": scaled["apiVersion"], "kind": scaled["kind"], "name": scaled["metadata"]["name"] });
    assert_eq!(
        (&spec["scaleTargetRef"], &spec["minReplicas"]),
        (&target, &json!(3))
    );
    assert!(spec["maxReplicas"].as_u64() > spec["minReplicas"].as_u64());
    assert!(
        !console.container()["resources"]["requests"]["cpu"].is_null(),
        "a percentage of what?"
    );
}

#[test]
fn service_monitor_selects_the_metrics_port() {
    let (console, objects) = (deployed(), processed(MONITORING, &[]));
    let (service, monitor) = (objects.one("Service"), objects.one("ServiceMonitor"));
    assert_eq!(
        monitor["spec"]["selector"]["matchLabels"]["name"],
        service["metadata"]["labels"]["name"]
    );
    let port = &service["spec"]["ports"][0];
    assert_eq!(monitor["spec"]["endpoints"][0]["port"], port["name"]);
    let open: Vec<&Value> = console.container()["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| &port["containerPort"])
        .collect();
    assert!(open.contains(&&port["targetPort"]));
    assert_eq!(
        service["metadata"]["annotations"]["prometheus.io/port"],
        port["targetPort"].to_string()
    );
    for (label, value) in service["spec"]["selector"].as_object().unwrap() {
        assert_eq!(
            &console.one("DeploymentConfig")["spec"]["template"]["metadata"]["labels"][label],
            value
        );
    }
    assert_ne!(
        service["metadata"]["name"],
        console.one("Service")["metadata"]["name"],
        "no route can lead there by mistake"
    );
}

/// OpenShift 3 has no ServiceMonitor: `oc create` would fail for that one, and leave it open
/// whether the rest was made.
#[test]
fn openshift_3_metrics_template_has_no_openshift_4_kinds() {
    let (service, both) = (processed(METRICS_SERVICE, &[]), processed(MONITORING, &[]));
    assert_eq!(service.0, [both.one("Service").clone()]);
}
