//! What to run, with the real names filled in.

use serde::Serialize;
use serde_json::json;
use url::Url;

use super::settings::Settings;
use crate::console::oc::quoted;

/// A command line for a POSIX shell. It holds no secret, and nothing in it that came from a server is left unquoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run(String);

impl Run {
    /// A program and its arguments, each as one word whatever it holds.
    pub(super) fn new<I: IntoIterator<Item = S>, S: AsRef<str>>(program: &str, arguments: I) -> Self {
        let words = arguments.into_iter().fold(program.to_owned(), |line, word| line + " " + &quoted(word.as_ref()));
        Self(words)
    }

    fn oc<const N: usize>(arguments: [&str; N]) -> Self {
        Self::new("oc", arguments)
    }

    fn then(self, separator: &str, next: &Self) -> Self {
        Self(format!("{} {separator} {}", self.0, next.0))
    }

    /// Two commands that hold nothing but what is written here.
    pub(super) fn piped(first: &'static str, second: &'static str) -> Self {
        Self(format!("{first} | {second}"))
    }

    /// As it is typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The redirect URIs that are registered, and nothing else of the client.
pub(super) fn registered(settings: &Settings) -> Run {
    Run::oc(["get", "oauthclient", &settings.oauth.client_id, "-o", "jsonpath={.redirectURIs}"])
}

/// Registers one more: another console may live from the others.
pub(super) fn register(settings: &Settings, address: &Url) -> Run {
    let patch = json!([{"op": "add", "path": "/redirectURIs/-", "value": origin(address)}]).to_string();
    Run::oc(["patch", "oauthclient", &settings.oauth.client_id, "--type=json", "-p", &patch])
}

/// Makes the client, with a secret that is typed: so it is neither on the screen nor in the history of commands.
pub(super) fn create_client(settings: &Settings, address: &Url) -> Run {
    let typed = "@TYPED@";
    let client = json!({
        "apiVersion": "oauth.openshift.io/v1",
        "kind": "OAuthClient",
        "metadata": {"name": settings.oauth.client_id},
        "grantMethod": "auto",
        "redirectURIs": [origin(address)],
        "secret": typed,
    });
    let object = quoted(&client.to_string()).replace(typed, "'\"$SECRET\"'");
    Run(format!("read -rs SECRET && echo {object} | oc create -f -"))
}

/// Whether the secret of the client and the one that the console was given are the same: says nothing but that.
pub(super) fn compare_secret(settings: &Settings) -> Run {
    let theirs = Run::oc(["get", "oauthclient", &settings.oauth.client_id, "-o", "jsonpath={.secret}"]);
    let ours = Run::oc([
        "get",
        "secret",
        "-l",
        "name=registry-console",
        "-n",
        settings.project(),
        "-o",
        "jsonpath={.items[0].data.client-secret}",
    ]);
    Run(format!("test \"$({theirs})\" = \"$({ours} | base64 -d)\" && echo same || echo different"))
}

/// Gives the console the secret that its OAuth client has, without showing it.
pub(super) fn use_code_flow(settings: &Settings) -> Vec<Run> {
    let (project, secret) = (settings.project(), "registry-console-oauth");
    let get = Run::oc(["get", "oauthclient", &settings.oauth.client_id, "-o", "jsonpath={.secret}"]);
    let create = Run::oc(["create", "secret", "generic", secret, "-n", project, "--from-file=client-secret=/dev/stdin"]);
    let name = format!("--secret-name={secret}");
    let volume = ["set", "volume", "dc/registry-console", "-n", project, "--add", "--type=secret", &name, "--mount-path=/etc/oauth"];
    vec![get.then("|", &create), Run::oc(volume), set(settings, "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE", "/etc/oauth/client-secret")]
}

/// The routes of the console's project.
pub(super) fn routes(settings: &Settings) -> Run {
    Run::oc(["get", "routes", "-n", settings.project()])
}

/// Makes a route for the console's address.
pub(super) fn create_route(settings: &Settings, address: &Url) -> Run {
    let host = address.host_str().unwrap_or_default();
    let name = "registry-console";
    Run::oc(["create", "route", "passthrough", "--service", name, "--port", name, "--hostname", host, "-n", settings.project()])
}

/// Sets a variable of the console.
pub(super) fn set(settings: &Settings, variable: &str, value: &str) -> Run {
    let value = format!("{variable}={value}");
    Run::oc(["set", "env", "dc/registry-console", "-n", settings.project(), &value])
}

/// The certificates that a server shows.
pub(super) fn certificates(url: &Url) -> Run {
    let (at, host) = place(url);
    let mut words = vec!["s_client", "-showcerts", "-connect", &at];
    if url.domain().is_some() {
        words.extend(["-servername", &host]);
    }
    Run(format!("{} </dev/null", Run::new("openssl", words)))
}

/// Who shows which name until when, in short.
pub(super) fn certificate(url: &Url) -> Run {
    certificates(url).then("|", &Run::new("openssl", ["x509", "-noout", "-subject", "-issuer", "-dates", "-ext", "subjectAltName"]))
}

/// Whether a name leads anywhere: a service within the cluster, or any other.
pub(super) fn resolve(url: &Url) -> Run {
    let (_, host) = place(url);
    let mut labels = host.split('.');
    match (labels.next(), labels.next(), labels.next()) {
        (Some(service), Some(project), Some("svc")) => Run::oc(["get", "service", service, "-n", project]),
        _ => Run::new("getent", ["hosts", &host]),
    }
}

/// Asks as the console does.
pub(super) fn fetch(url: &Url, path: &str) -> Run {
    let mut url = url.clone();
    url.set_path(path);
    Run::new("curl", ["-sik", url.as_str()])
}

/// Goes back to what holds without a variable.
pub(super) fn unset(settings: &Settings, variable: &str) -> Run {
    Run::oc(["set", "env", "dc/registry-console", "-n", settings.project(), &format!("{variable}-")])
}

/// Takes an authority from where the cluster keeps it, and gives it to the console in the ConfigMap that the template mounts.
pub(super) fn trust_file(settings: &Settings, map: &str, of: &str, key: &str, variable: &str) -> Vec<Run> {
    let file = if variable == "OAUTH_CA_FILE" { "oauth.crt" } else { "registry.crt" };
    let path = format!("jsonpath={{.data.{}}}", key.replace('.', r"\."));
    let project = settings.project();
    let fetch = Run::oc(["get", "configmap", map, "-n", of, "-o", &path]);
    vec![
        Run(format!("{fetch} > {file}")),
        Run::oc(["create", "configmap", "registry-console-ca", "-n", project, &format!("--from-file={file}")]),
        set(settings, variable, &format!("/etc/registry-console/ca/{file}")),
    ]
}

/// Gives the console the authority by which `oc` itself trusts the master.
pub(super) fn trust_master(settings: &Settings) -> Run {
    let path = "jsonpath={.clusters[0].cluster.certificate-authority-data}";
    let known = Run::oc(["config", "view", "--raw", "--minify", "-o", path]);
    let set = Run::oc(["set", "env", "dc/registry-console", "-n", settings.project()]);
    Run(format!("{set} KUBERNETES_CA_DATA=\"$({known} | base64 -d)\""))
}

/// The services of the registry: 3.x, then 4.
pub(super) fn find_registry(settings: &Settings) -> Vec<Run> {
    let four = "https://image-registry.openshift-image-registry.svc:5000";
    vec![
        Run::oc(["get", "service", "docker-registry", "-n", "default"]),
        Run::oc(["get", "service", "image-registry", "-n", "openshift-image-registry"]),
        set(settings, "REGISTRY_URL", four),
    ]
}

/// Takes the host of the registry's route, as 3.x and 4 call it.
pub(super) fn public_hosts(settings: &Settings) -> Vec<Run> {
    let set = Run::oc(["set", "env", "dc/registry-console", "-n", settings.project()]);
    let from = |name: &str, project: &str| {
        let host = Run::oc(["get", "route", name, "-n", project, "-o", "jsonpath={.spec.host}"]);
        Run(format!("{set} REGISTRY_HOST=\"$({host})\""))
    };
    vec![from("docker-registry", "default"), from("default-route", "openshift-image-registry")]
}

/// What the registry says about itself: 3.x, then 4.
pub(super) fn registry_log() -> Vec<Run> {
    vec![
        Run::oc(["logs", "-n", "default", "dc/docker-registry", "--tail=50"]),
        Run::oc(["logs", "-n", "openshift-image-registry", "deployment/image-registry", "--tail=50"]),
    ]
}

/// Lets the console's service account list and watch image streams, and nothing else.
pub(super) fn let_index(settings: &Settings) -> Vec<Run> {
    let role = "registry-console-index";
    vec![
        Run::oc(["create", "clusterrole", role, "--verb=list,watch", "--resource=imagestreams.image.openshift.io"]),
        Run::oc(["adm", "policy", "add-cluster-role-to-user", role, "-z", "default", "-n", settings.project()]),
    ]
}

/// Makes a key for all replicas and all restarts, which nobody sees.
pub(super) fn share_key(settings: &Settings) -> Vec<Run> {
    let (project, secret) = (settings.project(), "registry-console-session");
    let create = Run::oc(["create", "secret", "generic", secret, "-n", project, "--from-file=key=/dev/stdin"]);
    let name = format!("--secret-name={secret}");
    let volume = ["set", "volume", "dc/registry-console", "-n", project, "--add", "--type=secret", &name, "--mount-path=/etc/session"];
    vec![
        Run(format!("openssl rand -base64 64 | tr -d '\\n' | {create}")),
        Run::oc(volume),
        set(settings, "SESSION_KEY_FILE", "/etc/session/key"),
    ]
}

/// Where the console runs: its node has the clock that counts.
pub(super) fn pods(settings: &Settings) -> Run {
    Run::oc(["get", "pods", "-l", "name=registry-console", "-n", settings.project(), "-o", "wide"])
}

/// The own time, and that of a server.
pub(super) fn their_time(url: &Url) -> Run {
    Run(format!("date -u; {} | grep -i ^date", fetch(url, "/")))
}

/// Whose token `oc` has.
pub(super) fn whoami() -> Run {
    Run::oc(["whoami"])
}

/// The log of the console.
pub(super) fn log(settings: &Settings) -> Run {
    Run::oc(["logs", "-n", settings.project(), "dc/registry-console", "--tail=50"])
}

/// Scheme, host and port, as OAuth clients have them registered.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn place(url: &Url) -> (String, String) {
    let host = url.host_str().unwrap_or_default();
    (format!("{host}:{}", url.port_or_known_default().unwrap_or(443)), host.trim_matches(['[', ']']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_service_is_looked_for_in_the_cluster_and_any_other_name_where_names_are_resolved() {
        assert_eq!(resolve(&url("https://docker-registry.default.svc:5000")).as_str(), "oc get service docker-registry -n default");
        assert_eq!(resolve(&url("https://registry.example.com")).as_str(), "getent hosts registry.example.com");
    }

    #[test]
    fn certificates_are_asked_for_by_name_where_there_is_one() {
        assert_eq!(
            certificates(&url("https://registry.example.com")).as_str(),
            "openssl s_client -showcerts -connect registry.example.com:443 -servername registry.example.com </dev/null"
        );
        assert_eq!(certificates(&url("https://[::1]:5000")).as_str(), "openssl s_client -showcerts -connect '[::1]:5000' </dev/null");
    }
}
