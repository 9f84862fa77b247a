//! Every environment variable with its description: for `--help`, for errors in the configuration,
//! and for the table in `docs/configuration.md`.

#[derive(Clone, Copy, Debug)]
pub struct Variable {
    pub name: &'static str,
    /// The value that applies if it is unset.
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
        "the host of the browser's request, if the OAuthClient is registered for it",
        "URL of the console in the browser; <URL>/oauth/callback must be a redirect URI of the OAuthClient",
        "https://registry-console.apps.example.com",
    ),
    variable(
        "COCKPIT_KUBE_INSECURE",
        "false",
        "true: serve plain HTTP only, without certificate and redirect",
        "true",
    ),
    variable(
        "LISTEN",
        "0.0.0.0:9090",
        "Address and port of the pages; the first byte of a connection distinguishes TLS from plain HTTP",
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
        "Maximum number of connections to the pages; at the limit, a new connection replaces the least useful one",
        "2048",
    ),
    variable(
        "MEMORY_LIMIT",
        "the memory limit of the pod, as the kernel reports it",
        "Memory from which the limits of connections and of requests in flight are derived: bytes, or with Ki, Mi, Gi",
        "256Mi",
    ),
    variable(
        "TLS_CERT_FILE",
        "the last *.cert in /etc/cockpit/ws-certs.d, else /var/run/secrets/ws-certs.d/tls.crt, else generated at startup",
        "Certificate of the console with its intermediate certificates, PEM; read again when it changes",
        "/etc/tls/tls.crt",
    ),
    variable(
        "TLS_KEY_FILE",
        "with TLS_CERT_FILE",
        "Private key of that certificate, PEM",
        "/etc/tls/tls.key",
    ),
    variable(
        "OPENSHIFT_OAUTH_PROVIDER_URL",
        "must be set, or OIDC_ISSUER_URL",
        "Public URL of the API server or the OAuth server, where users sign in",
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
        "none: users sign in by the implicit flow, which needs no secret and is less safe",
        "Secret of the OAuthClient: users sign in by the authorization code flow",
        "userJHk3…, the OAuthClient's secret",
    ),
    variable(
        "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE",
        "none",
        "File with the secret of the OAuthClient",
        "/etc/oauth/secret",
    ),
    variable(
        "OAUTH_IMPLICIT_FLOW",
        "on",
        "Without the secret of the OAuthClient: on, users sign in by the implicit flow, after which browsers may keep the token in their history; off, users cannot sign in",
        "off",
    ),
    variable(
        "OAUTH_CA_FILE",
        "the system's authorities and the service account's ca.crt",
        "Certificate authorities to trust for the OAuth server, PEM",
        "/etc/oauth/ca.crt",
    ),
    variable(
        "OIDC_ISSUER_URL",
        "none: users sign in at the OAuth server of the cluster",
        "Issuer of the OIDC provider, for clusters with external OIDC: exactly the issuer URL of the cluster's Authentication",
        "https://keycloak.example.com/realms/openshift",
    ),
    variable(
        "OIDC_CLIENT_ID",
        "must be set with OIDC_ISSUER_URL",
        "Client of the console at the OIDC provider; it must be one of the audiences of the cluster's Authentication",
        "registry-console",
    ),
    variable(
        "OIDC_CLIENT_SECRET",
        "none: the client is a public one, protected by PKCE",
        "Secret of that client",
        "the secret that the provider shows for the client",
    ),
    variable(
        "OIDC_CLIENT_SECRET_FILE",
        "none",
        "File with the secret of that client",
        "/etc/oidc/secret",
    ),
    variable(
        "OIDC_SCOPES",
        "openid profile email",
        "Scopes to request, separated by spaces; openid is always among them. Entra ID and Dex renew sessions only with offline_access",
        "openid profile email offline_access",
    ),
    variable(
        "OIDC_ID_TOKEN_HINT",
        "false",
        "true: a user who signs out is led to the provider with the ID token in the address (id_token_hint), without which some providers do not end their session. Addresses are kept in histories and logs, and the token works until it expires",
        "true",
    ),
    variable(
        "OIDC_CA_FILE",
        "the system's authorities and the service account's ca.crt",
        "Certificate authorities to trust for the OIDC provider, PEM",
        "/etc/oidc/ca.crt",
    ),
    variable(
        "KUBERNETES_SERVICE_HOST",
        "must be set (every pod has it)",
        "Host or IP address of the API server",
        "172.30.0.1",
    ),
    variable(
        "KUBERNETES_SERVICE_PORT",
        "443",
        "Port of the API server",
        "443",
    ),
    variable(
        "HOSTNAME",
        "set in every pod",
        "Name of the pod: commands that the doctor shows name its Deployment, otherwise the DeploymentConfig registry-console",
        "registry-console-6d9f7c8b5d-x2x7k",
    ),
    variable(
        "KUBERNETES_CA_DATA",
        "the service account's ca.crt",
        "Certificate authorities to trust for the API server, PEM text",
        "-----BEGIN CERTIFICATE-----…",
    ),
    variable(
        "KUBERNETES_INSECURE",
        "false",
        "true: do not verify the API server's certificate",
        "false",
    ),
    variable(
        "REGISTRY_URL",
        "https://docker-registry.default.svc:5000",
        "URL of the registry for the console (OpenShift 4: https://image-registry.openshift-image-registry.svc:5000)",
        "https://docker-registry.default.svc:5000",
    ),
    variable(
        "REGISTRY_CA_FILE",
        "the system's authorities and the service account's ca.crt and service-ca.crt",
        "Certificate authorities to trust for the registry, PEM",
        "/etc/registry/ca.crt",
    ),
    variable(
        "REGISTRY_BLOB_REDIRECTS",
        "on",
        "off: do not follow redirects of the registry to object storage; where it redirects, images are shown without configuration and history",
        "off",
    ),
    variable(
        "REGISTRY_BLOB_CA_FILE",
        "the system's authorities and those of the registry",
        "Additional certificate authorities to trust for the object storage that the registry redirects to, PEM",
        "/etc/registry-console/ca/storage.crt",
    ),
    variable(
        "REGISTRY_HOST",
        "unknown",
        "Host and port of the registry in the commands that pages show",
        "registry.apps.example.com",
    ),
    variable(
        "REGISTRY_ONLY",
        "false",
        "Accepted for compatibility; has no effect",
        "true",
    ),
    variable(
        "INDEX",
        "off",
        "on: keep all image streams in memory; the service account must be allowed to list and watch them; auto: on where the service account has a token",
        "auto",
    ),
    variable(
        "INDEX_TOKEN_FILE",
        "the service account's token",
        "File with the token that lists and watches image streams; read again for each use",
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
    ),
    variable(
        "INDEX_MEMORY",
        "128Mi",
        "Approximate maximum memory of the index; if the image streams need more, the console works as without an index",
        "256Mi",
    ),
    variable(
        "INDEX_WORKLOADS",
        "off",
        "on: keep also what workloads and pods run in memory; needs INDEX, and the service account must be allowed to list and watch them",
        "on",
    ),
    variable(
        "INDEX_SIZES",
        "off",
        "on: keep also the sizes of all images in memory, read in the background; needs INDEX, and the service account must be allowed to get \
         imagestreams/layers",
        "on",
    ),
    variable(
        "INDEX_SIZES_RATE",
        "5",
        "How many image streams are read per second for the sizes of their images, from 1 to 100",
        "20",
    ),
    variable(
        "DOCTOR_PAGE",
        "all",
        "Who sees /doctor, which describes the installation: all (signed-in users); administrators (users who may list the image streams of all \
         projects, as cluster-reader may); or off",
        "administrators",
    ),
    variable(
        "SHOW_TOKEN",
        "on",
        "off: users cannot display their own token",
        "off",
    ),
    variable(
        "SESSION_KEY",
        "generated at startup; sessions then end with the process",
        "Keys for session cookies, separated by spaces, each the base64 of at least 64 bytes: the first key encrypts, all keys decrypt",
        "the output of: openssl rand -base64 64 | tr -d '\\n'",
    ),
    variable(
        "SESSION_KEY_FILE",
        "none",
        "File with the content of SESSION_KEY; all replicas must have the same",
        "/etc/session/key",
    ),
    variable(
        "SESSION_MAX",
        "24h",
        "The longest time that a session lasts, from 5m to 24h; it ends earlier with a token that is not renewed",
        "8h",
    ),
    variable(
        "SESSION_IDLE",
        "none",
        "How long a session lasts after the last page that its user opened, from 5m to 24h",
        "30m",
    ),
    variable("LOG_FORMAT", "text", "text or json", "json"),
    variable(
        "LOG_LEVEL",
        "info",
        "error, warn, info, debug or trace; the audit log is written at every level",
        "info",
    ),
];
