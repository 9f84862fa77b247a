//! What the demo prints when it serves.

use url::Url;

use openshift_standin::{OAUTH_CLIENT_ID, Standin};

/// Where everything is, who can sign in, and how to push.
pub(super) fn print_instructions(demo: &Standin, public: &Url, is_issuer_foreign: bool) {
    let registry = demo.urls().registry.trim_start_matches("https://");
    println!("Console:  {}", public.as_str().trim_end_matches('/'));
    println!(
        "          The certificates are the demo's own: the browser asks once for the console and once for the sign-in page."
    );
    if is_issuer_foreign {
        println!(
            "          Redirect URI: {0}oauth/callback, and after logout {0}oauth/callback/signed-out",
            public.as_str()
        );
        println!(
            "Users:    those of the issuer; admin, developer, viewer and outsider have rights"
        );
    } else {
        println!("Users:    admin, developer, viewer, outsider (each one's password is the name)");
    }
    if let Some(issuer) = demo.issuer() {
        println!("Issuer:   {}", issuer.url());
    }
    println!("API:      {}", demo.urls().api_server);
    println!("Registry: {registry}");
    // The token is not known outside this process and is valid only as long.
    let token = match demo.issuer() {
        Some(issuer) => issuer.issue_id_token("developer"),
        None => demo.cluster().issue_token(
            "developer",
            OAUTH_CLIENT_ID,
            &["user:full".to_owned()],
            public.as_str(),
        ),
    };
    println!(
        "          Push as developer, for example a copy of an image that is there, and see the tag appear in its image stream:"
    );
    println!(
        "          printf %s {token} | skopeo login --tls-verify=false -u developer --password-stdin {registry}"
    );
    println!(
        "          skopeo copy --src-tls-verify=false --dest-tls-verify=false docker://{registry}/shop/cart:latest docker://{registry}/shop/cart:pushed"
    );
    println!("Stop with Ctrl-C. Nothing is kept.");
}
