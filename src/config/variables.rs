//! Every variable, described: for `--help`, for mistakes, and for the README's table.

#[derive(Clone, Copy, Debug)]
pub struct Variable {
    pub name: &'static str,
    /// What holds where it is unset.
    pub default: &'static str,
    pub description: &'static str,
    pub example: &'static str,
}

/// The description of `name`.
pub(super) fn find(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

const fn variable(
    name: &'static str,
    default: &'static str,
    what: &'static str,
    example: &'static str,
) -> Variable {
    Variable {
        name,
        default,
        description: what,
        example,
    }
}

/// Every variable that the console reads.
pub const VARIABLES: &[Variable] = &[
    variable(
        "COCKPIT_KUBE_URL",
        "the host that the browser asked for, if the OAuthClient is registered for it",
        "Where browsers find the console; <it>/oauth/callback must be a redirect URI of the OAuthClient",
        "https://registry-console.apps.example.com",
    ),
    variable(
        "COCKPIT_KUBE_INSECURE",
        "false",
        "Serve plain HTTP only, without certificate and redirect",
        "true",
    ),
    variable(
        "LISTEN",
        "0.0.0.0:9090",
        "Address and port of the pages, TLS and plain HTTP told apart by the first byte",
        "0.0.0.0:9090",
    ),
    variable(
        "METRICS_LISTEN",
        "0.0.0.0:9091",
        "Address and port of the metrics and the probes, plain HTTP",
        "0.0.0.0:9091",
    ),
    variable(
        "CONNECTION_LIMIT",
        "one for each 128 KiB of the pod's memory limit, 64 to 8192",
        "Connections to the pages at a time; at the limit a new one takes the place of the least useful one",
        "2048",
    ),
    variable(
        "MEMORY_LIMIT",
        "the memory limit of the pod, as the kernel says",
        "Memory that the limits of connections and of requests in flight are fitted to: bytes, or Ki, Mi, Gi",
        "256Mi",
    ),
    variable(
        "TLS_CERT_FILE",
        "the last *.cert of /etc/cockpit/ws-certs.d, else /var/run/secrets/ws-certs.d/tls.crt, else made at start",
        "Certificate to show, PEM, with those that vouch for it; read anew when it changes",
        "/etc/tls/tls.crt",
    ),
    variable(
        "TLS_KEY_FILE",
        "with TLS_CERT_FILE",
        "Its private key, PEM",
        "/etc/tls/tls.key",
    ),
    variable(
        "OPENSHIFT_OAUTH_PROVIDER_URL",
        "must be set",
        "Public address of the OpenShift API or OAuth server, where people sign in",
        "https://openshift.example.com:8443",
    ),
    variable(
        "OPENSHIFT_OAUTH_CLIENT_ID",
        "cockpit-oauth-client",
        "Name of the OAuthClient",
        "cockpit-oauth-client",
    ),
    variable(
        "OPENSHIFT_OAUTH_CLIENT_SECRET",
        "none: people sign in by the implicit flow, which needs no secret and is less safe",
        "Secret of the OAuthClient: people sign in by the code flow",
        "userJHk3…, the OAuthClient's secret",
    ),
    variable(
        "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE",
        "none",
        "File that holds the secret of the OAuthClient",
        "/etc/oauth/secret",
    ),
    variable(
        "OAUTH_IMPLICIT_FLOW",
        "on",
        "off: without the secret of the OAuthClient nobody signs in; on: by the implicit flow, after which browsers may keep the token in their history",
        "off",
    ),
    variable(
        "OAUTH_CA_FILE",
        "the machine's authorities and the service account's ca.crt",
        "Authorities that may vouch for the OAuth server, PEM",
        "/etc/oauth/ca.crt",
    ),
    variable(
        "KUBERNETES_SERVICE_HOST",
        "must be set (every pod has it)",
        "Host or address of the master",
        "172.30.0.1",
    ),
    variable(
        "KUBERNETES_SERVICE_PORT",
        "443",
        "Port of the master",
        "443",
    ),
    variable(
        "KUBERNETES_CA_DATA",
        "the service account's ca.crt",
        "Authorities that may vouch for the master, PEM text",
        "-----BEGIN CERTIFICATE-----…",
    ),
    variable(
        "KUBERNETES_INSECURE",
        "false",
        "Do not check the master's certificate",
        "false",
    ),
    variable(
        "REGISTRY_URL",
        "https://docker-registry.default.svc:5000",
        "Where the console reaches the registry (OpenShift 4: https://image-registry.openshift-image-registry.svc:5000)",
        "https://docker-registry.default.svc:5000",
    ),
    variable(
        "REGISTRY_CA_FILE",
        "the machine's authorities and the service account's ca.crt and service-ca.crt",
        "Authorities that may vouch for the registry, PEM",
        "/etc/registry/ca.crt",
    ),
    variable(
        "REGISTRY_BLOB_REDIRECTS",
        "on",
        "off: follow no redirect of the registry to object storage; images are then shown without configuration and history where it redirects",
        "off",
    ),
    variable(
        "REGISTRY_BLOB_CA_FILE",
        "the machine's authorities and those of the registry",
        "More authorities that may vouch for the object storage that the registry redirects to, PEM",
        "/etc/registry-console/ca/storage.crt",
    ),
    variable(
        "REGISTRY_HOST",
        "unknown",
        "Host and port of the registry in the commands that people are shown",
        "registry.apps.example.com",
    ),
    variable(
        "REGISTRY_ONLY",
        "false",
        "Accepted and without effect: there is nothing but the registry here",
        "true",
    ),
    variable(
        "INDEX",
        "off",
        "on: keep all image streams in memory, which the service account must be allowed to list and watch; auto: where it has a token",
        "auto",
    ),
    variable(
        "INDEX_TOKEN_FILE",
        "the service account's token",
        "File that holds the token to list and watch image streams with; read anew when it is used",
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
    ),
    variable(
        "INDEX_MEMORY",
        "128Mi",
        "About how much memory the index may take; where the cluster's image streams take more, the console works as without one",
        "256Mi",
    ),
    variable(
        "DOCTOR_PAGE",
        "all",
        "Who sees /doctor, which names the parts of the installation: all who are signed in; administrators, who may list the image streams of \
         all projects, as cluster-reader may; or off",
        "administrators",
    ),
    variable(
        "SHOW_TOKEN",
        "on",
        "off: people cannot have their own token shown",
        "off",
    ),
    variable(
        "SESSION_KEY",
        "made at start; sessions then end with the process",
        "Keys of session cookies, base64 of at least 64 bytes each, separated by blanks: the first seals, all open",
        "the output of: openssl rand -base64 64 | tr -d '\\n'",
    ),
    variable(
        "SESSION_KEY_FILE",
        "none",
        "File that holds SESSION_KEY; replicas must share it",
        "/etc/session/key",
    ),
    variable("LOG_FORMAT", "text", "text or json", "json"),
    variable(
        "LOG_LEVEL",
        "info",
        "error, warn, info, debug or trace",
        "info",
    ),
];
