//! What the environment says of proxies.

use openshift_standin::cluster::Version;

use super::{DoctorSetup, finding};

/// Tokens go to the API server and to the registry themselves: whoever sets up a proxy for a pod
/// means the outside.
#[tokio::test]
async fn proxy_environment_variables_are_ignored() {
    let mut setup = DoctorSetup::open(Version::V4).await;
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        // Nothing listens there: what is sent that way fails.
        setup = setup.set(name, "http://127.0.0.1:1");
    }
    let (_, json) = setup.json().await;
    for (id, what) in [
        ("discovery", "discovered"),
        ("version", "version-four"),
        ("user", "token-accepted"),
        ("registry", "registry-answers"),
        ("oci-pull", "oci-pull-works"),
    ] {
        finding(&json, id, what);
    }
}
