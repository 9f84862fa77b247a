## Layout of every page

product = Image Registry
navigation = Main
breadcrumb = Breadcrumb
skip-to-content = Skip to content
images = Image streams
projects = Projects
home = Home
imports = Imports
administration = Administration
actions = Actions
activity = Activity
history = History
compare = Compare
settings = Settings
tab-access = Access
doctor-problems = Problems
doctor-notes = Notes
doctor-passed = { $count ->
    [one] { $count } check passed
   *[other] { $count } checks passed
}
doctor-report = Report and command line
doctor-copy = Copy report
doctor-report-hint = All results as text, for a support case. Check the addresses and names before you share it.
delete-user-title = Delete user { $user }?
delete-group-title = Delete group { $group }?
edit-user-title = Edit user { $user }
leave-group-title = Remove { $user } from { $group }
delete = Delete
edit = Edit
health-unknown = Diagnostics: not checked yet
health-good = Diagnostics: no problems found
health-warning = Diagnostics: there are warnings
health-failure = Diagnostics: checks failed
search-suggestions = Search results
shortcuts = Keyboard shortcuts
shortcut-search = Search
shortcut-rows = Next and previous row of a list
shortcut-help = Show this help
close = Close
busy = Please wait…
field-required = Enter a value.
preferences = Preferences
language = Language
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
signed-in-as = Signed in as { $name }
sign-out = Sign out
request-id = Request

## Common words

not-set = not set
yes = yes
unknown = unknown
unreadable = unreadable
selected = { $count } selected
selected-not-shown = { $count } selected, { $hidden } not shown
select-all-shown = Select all shown
select-none = Clear selection
filter-failed = The list could not be refreshed. Your selection is kept. Try again, or continue with the selection.
copy = Copy
copy-this = Copy { $text }
copied = Copied
copy-failed = The browser did not allow the copy
show-all = Show { $count } characters
value-truncated = The value is truncated here. The raw JSON contains all of it.
count-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}

## Times

# When to retry.
retry-after-moment = in a moment
retry-after-minutes = { $count ->
    [one] in a minute
   *[other] in { $count } minutes
}
retry-after-hour = in an hour
ago-moments = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
ago-months = { $count ->
    [one] { $count } month ago
   *[other] { $count } months ago
}
ago-years = { $count ->
    [one] { $count } year ago
   *[other] { $count } years ago
}

## Live updates

live-streams = { $count ->
    [one] { $count } image stream has changed: { $names }
   *[other] { $count } image streams have changed: { $names }
}
live-tags = { $count ->
    [one] { $count } tag has changed: { $names }
   *[other] { $count } tags have changed: { $names }
}
live-stream = This image stream has changed.
live-stream-deleted = This image stream was deleted.
live-tag-moved = This tag now points to another image, or was removed.
live-maybe-outdated = This page might no longer be up to date.
live-show = Show

## Pagers

pages = Pages
page-range = { $first }–{ $last } of { $total }
previous-page = Previous
next-page = Next

## Signing in and out, errors

sign-in = Sign in
sign-in-explanation = This console shows the projects and images that your OpenShift account can view. You sign in at the cluster's OAuth server. The console never receives your password.
sign-in-unreachable = The OAuth server cannot be reached
sign-in-unreachable-advice = The console is running. Try again in a moment. If the problem persists, contact the cluster administrator.
sign-in-unreachable-since = The API server has not responded since { $since }.
sign-in-anyway = Sign in anyway
sign-in-again = Sign in again
session-ends = Your session ends in { $left }, at { $time } UTC
session-renew = Sign in again
session-renew-hint = You return to this page. A form that you have begun must be filled in again.
sign-in-first = You are not signed in. The sign-in page opens automatically.
sign-in-new-tab = Sign in from a new tab
sign-in-to-form = Sign in here and fill in the form again
signed-out = You are signed out
signed-out-revoked = Your access token has been revoked.
signed-out-not-revoked = Your access token could not be revoked
signed-out-not-revoked-advice = The console has deleted its copy, but the token stays valid in the cluster until it expires. A cluster administrator can delete it.
signed-out-kube-admin = You still have a session as kube:admin at the OAuth server
signed-out-kube-admin-text = For up to one hour, a new sign-in from this browser uses kube:admin without a password. End this session at the OAuth server as well.
signed-out-kube-admin-not-now = The OAuth server is not available, so the session might not end. Try again in a moment, or close the browser.
signed-out-kube-admin-end = End the session
signed-out-kube-admin-ended = The session of kube:admin at the OAuth server has ended as well.
signed-out-shared-computer = On a shared computer, also close the browser. The cluster's sign-in page might still have a session for you.
signed-out-provider-ended = You are signed out at the identity provider as well. On a shared computer, also close the browser.
try-again = Try again
back-to = Back to { $name }

## Error pages

error-wrong-host-title = This console has a different address
error-wrong-host-text = The request was sent to a host name that this console does not serve. Nothing was changed.
error-no-host-text = The request does not name its host, or names it ambiguously. Nothing was changed.
error-wrong-host-hint = Open { $url } instead. If this address is wrong, the administrator of the console must set COCKPIT_KUBE_URL to the address of its route.
error-foreign-form-title = This form was not accepted
error-foreign-form-text = The form was not sent from a page of your current session. Nothing was changed.
error-foreign-form-hint = Go back, reload the page, and try again. If you signed in again after you opened the page, reloading it is enough.
stale-form-title = Review what will be sent
stale-form-text = You signed in again after this page was opened. Nothing has been changed yet.
stale-form-hint = To make the change, send the form.
signed-out-form-title = You were signed out
signed-out-form-text = Nothing was changed. Sign in, then send this again.
signed-out-form-uncertain-text = The API server rejected your token while the change was being made, so part of it might be done. Sign in and check the page before you send this again.
signed-out-form-hint = This page keeps what you typed. Sign in from a new tab, come back here, and send it again.
signed-out-form-lost-hint = After you sign in, you return to the page with the form.
resend-heading = Your input
resend-address = Address
resend-more = { $count ->
    [one] { $count } more field is not shown. It is also sent.
   *[other] { $count } more fields are not shown. They are also sent.
}
resend-uncertain = The change might already be made. Send this again only if it was not.
resend-look = Open the page in a new tab
resend-again = Send again
resend-now = Send
error-not-a-form-title = This is not a form
error-not-a-form-text = This address accepts only forms (application/x-www-form-urlencoded). Nothing was changed.
error-not-a-form-hint = Use the form on the page. Changes under /api/v1 take JSON.
error-too-large-title = The request is too large
error-too-large-text = The request is larger than the limit of this console.
error-too-large-hint = Send less data in each request.
error-headers-title = The request's headers are too large
error-headers-text = The console accepts { $kib } KiB of headers, and no more than 100 headers. The rest of the request was not read, and nothing was changed.
error-headers-hint = In a browser, delete the cookies of this site and open the page again.
error-wrong-method-title = Method not allowed
error-wrong-method-text = This address does not accept this method. Nothing was changed.
error-wrong-method-hint = In a browser, use a link of the console. Under /api/v1, the header Allow names the methods.
error-sign-in-title = Sign in first
error-sign-in-text = You are not signed in, or the cluster no longer accepts your token.
error-sign-in-hint = Sign in again, or send a valid token in the Authorization header.
error-forbidden-title = You don't have access
error-forbidden-text = You don't have permission to view this page.
error-forbidden-page = Only cluster administrators can view this page.
error-forbidden-project = There is no project with this name that you can view. OpenShift does not reveal whether it exists.
error-forbidden-object = You can't view { $name }, or it doesn't exist.
error-forbidden-hint = If the name is correct, ask a project administrator for a role, such as registry-viewer.
error-not-found-title = Not found
error-not-found-page = There is no page at this address.
error-not-found-project = This project does not exist.
error-not-found-project-named = The project { $name } does not exist.
error-not-found-stream-named = The image stream { $name } does not exist.
error-not-found-image-named = The image { $name } does not exist.
error-not-found-stream = This project has no image stream with this name.
error-not-found-image = This image stream has no such tag or digest.
error-not-found-digest = This image stream has no image with this digest. Neither the API server nor the image registry has it.
error-not-found-digest-hint = An image index can list an image that is not in this registry: it was pushed or copied for some of its platforms only, or the image was pruned. Push it again with all its platforms, for example with skopeo copy --all.
error-not-found-hint = It might have been deleted.
error-not-found-page-hint = Check the address, or open a page from the navigation.
error-invalid-title = Bad request
error-invalid-text = Part of the request is not valid.
error-invalid-hint = Open the page from a link in the console.
error-unreachable-title = The cluster does not respond
error-unreachable-api-server = The API server cannot be reached. You are still signed in.
error-unreachable-oauth = The cluster's OAuth server cannot be reached.
error-unreachable-oidc = The identity provider cannot be reached.
error-unreachable-registry = The image registry cannot be reached.
error-unreachable-hint = Try again in a moment. If the problem persists, look for the request ID below in the log of the console.
error-untrusted-title = A certificate is not trusted
error-untrusted-authority = { $upstream } presented a certificate that is not signed by a certificate authority (CA) that this console trusts. Nothing was sent.
error-untrusted-time = { $upstream } presented a certificate that has expired or is not yet valid. Nothing was sent.
error-untrusted-host = { $upstream } presented a certificate for a different name. Nothing was sent.
error-untrusted-issuer-missing = { $upstream } presented a certificate from an issuer that this console does not trust, and did not send the issuer's certificate. Nothing was sent.
error-untrusted-no-names = { $upstream } presented a certificate without a host name: it has no subjectAltName. Nothing was sent.
error-untrusted-old-version = { $upstream } presented a certificate of version 1 or 2, which cannot contain a host name in subjectAltName. Nothing was sent.
error-untrusted-weak-key = { $upstream } presented a certificate with an RSA key shorter than 2048 bits. Nothing was sent.
error-untrusted-weak-signature = { $upstream } presented a certificate that is signed with SHA-1 or MD5. Nothing was sent.
error-untrusted-authority-as-server = { $upstream } presented a CA certificate (CA:TRUE) as its server certificate. Nothing was sent.
error-untrusted-not-for-servers = { $upstream } presented a certificate that is not valid for servers (extended key usage). Nothing was sent.
error-untrusted-other = No secure connection to this server could be established: { $upstream }. Nothing was sent.
error-untrusted-hint = An administrator of the console should compare the certificate with { $setting }, which sets the certificate authorities that the console trusts.
error-no-secure-connection-title = No secure connection
error-no-secure-connection-hint = An administrator of the console should check the address of this server, and the logs of the server and of any proxy in front of it.
tls-alert = { $upstream } ended the TLS handshake with the alert “{ $alert }”: { $reason } Nothing was sent.
tls-alert-protocol-version = the server supports neither TLS 1.2 nor TLS 1.3.
tls-alert-nothing-in-common = the server and this console have no protocol, cipher, or certificate type in common.
tls-alert-client-certificate = the server requires a client certificate, and this console has none.
tls-alert-unknown-name = the server does not serve the host name in the request.
tls-alert-refused = the server does not allow this console to connect.
tls-alert-server-failed = the server had an internal error.
tls-alert-other = the server did not accept the data that this console sent.
error-untrusted-issuer-hint = An administrator should configure the server to send its intermediate certificates, or add the missing certificate to { $setting }. The command "registry-console doctor" names the certificate.
error-untrusted-new-hint = An administrator should install a new certificate on the server. { $setting } does not need to change. The command "registry-console doctor" shows how to create one.
error-too-late-title = The request timed out
error-too-late-text = The cluster did not respond within the time limit of a page. You are still signed in.
error-too-late-hint = Try again in a moment, or reduce the request: for example, one project instead of all.
error-busy-title = The cluster is busy
error-busy-text = The API server is limiting requests. You are still signed in.
error-overload-title = Too many requests at once
error-overload-user = You have more requests in progress than this console allows. This request changed nothing.
error-overload-user-hint = Wait until your other pages or scripts are done, and try again.
error-overload-sign-ins = Many users are signing in. Your sign-in has not failed: it is waiting.
error-overload-sign-ins-hint = This page tries again automatically every three seconds. You can also reload it.
error-overload-tokens = Many unknown tokens are being verified. This request changed nothing.
error-overload-tokens-hint = Try again in a few seconds.
error-no-memory-title = The console is busy
error-no-memory-text = The console is processing as many requests and responses as its memory allows.
error-no-memory-hint = Try again in a few seconds. If you sent a form, first check whether the change was made. If this happens often, increase the memory limit of the console's pods, or the number of replicas.
error-unavailable-title = Temporarily unavailable
error-unavailable-text = The API server cannot currently serve { $api }. You are still signed in.
error-unavailable-proxy = A proxy or load balancer returned { $status } instead of the API server. You are still signed in.
error-unavailable-roles = The API server has just started and has not loaded its roles yet, so it rejects every request. You are still signed in.
error-server-failed-title = The API server failed
error-server-failed-text = The API server returned an internal error. You are still signed in.
error-server-says = { " " }Message: “{ $message }”
error-not-served-title = This cluster does not have this API
error-not-served-text = This API server does not serve { $api }.
error-not-served-hint = A cluster administrator can see which APIs are missing on the Diagnostics page of the console.
error-users-not-served-hint = On a cluster with an external identity provider this is as it should be: its users and groups are those of the provider, and you can type their names where access is granted. Otherwise, a cluster administrator can see which APIs are missing on the Diagnostics page of the console.
api-images = image streams (image.openshift.io)
api-projects = projects (project.openshift.io)
api-users = users and groups (user.openshift.io)
error-retry = Try again { $when }.
error-retry-soon = Try again in a moment. During a cluster upgrade, this can take some minutes.
error-unexpected-title = Unexpected response from the cluster
error-unexpected-text = This console could not read the response.
error-unexpected-hint = Try again. If the problem persists, look for the request ID below in the log of the console.
error-internal-title = Something went wrong
error-internal-text = The console could not create this page. The error is in the console, not in your request.
error-internal-hint = Try again. If it happens again, report it with the request ID below.
sign-in-error-title = Sign-in failed
sign-in-error-bad-callback = This response does not belong to a sign-in of this browser, or it arrived too late or a second time.
sign-in-error-again-hint = Sign in again. No data is lost.
sign-in-error-missing-state = The OAuth server redirected the browser without the state of a sign-in (the address has no state parameter).
sign-in-error-missing-state-denied = The OAuth server reports that access was denied. The response has no state, so the sign-in did not continue.
sign-in-error-missing-state-scope = The OAuth server reports that the requested scope is not granted. The response has no state.
sign-in-error-missing-state-error = The OAuth server reports an error. The response has no state, so the sign-in did not continue.
sign-in-error-cookie-missing = The browser did not send the cookie of this sign-in.
sign-in-error-cookie-hint = Allow cookies for this site (a private window or an extension can block them), then sign in again in the same browser.
sign-in-error-other-tab = Another tab of this browser started a sign-in at the same time.
sign-in-error-expired = This sign-in took longer than ten minutes and has expired.
sign-in-error-already-used = This sign-in was already completed. Its address can be used only once.
sign-in-error-not-a-navigation = A sign-in starts only when a browser tab opens this address, not when a script or another page loads it.
sign-in-error-not-a-navigation-hint = Open the console in a separate tab.
sign-in-error-access-denied = The cluster did not grant the console access on your behalf.
sign-in-error-oidc-access-denied = The identity provider did not sign you in: you canceled, or it denied access.
sign-in-error-scope-refused = The cluster does not grant the scope that this console requests.
sign-in-error-scope-hint = An administrator should check scopeRestrictions of the OAuthClient. The console requests user:full.
sign-in-error-wrong-secret = The OAuth server rejected the console's own client, { $client }. The most common cause is a wrong client secret. The OAuth server returns the same error for an authorization code that was already used.
sign-in-error-secret-hint = Sign in again. If the problem persists, an administrator should compare { $setting } with the secret of the OAuthClient.
sign-in-error-code-refused = The authorization code from the OAuth server has expired or belongs to another request.
sign-in-error-request-refused = The OAuth server did not accept the request.
sign-in-error-redirect-hint = An administrator should compare redirectURIs of the OAuthClient with COCKPIT_KUBE_URL. The address of the console must be one of them.
sign-in-error-oauth-answer = The OAuth server returned a response that this console cannot use.
sign-in-error-unreachable-hint = Try again in a moment. If the problem persists, look for the request ID below in the log of the console.
sign-in-error-token-refused = The token from your browser does not belong to this cluster.
sign-in-error-user-unknown = You signed in to the cluster, but the API server did not return your user name.
sign-in-error-user-unknown-busy = You signed in to the cluster, but the API server is busy and did not return your user name.
sign-in-error-user-unknown-proxy = You signed in to the cluster, but a proxy or load balancer returned { $status } instead of the API server, which has your user name.
sign-in-error-user-unknown-roles = You signed in to the cluster, but the API server has just started and has not loaded its roles yet, so it rejects every request.
sign-in-error-user-unknown-failed = You signed in to the cluster, but the API server failed to return your user name.
sign-in-error-user-unknown-api = You signed in to the cluster, but this API server does not serve users (user.openshift.io).
sign-in-error-user-unknown-unreachable = You signed in to the cluster, but the API server, which has your user name, could not be reached.
sign-in-error-oauth-busy = The OAuth server is busy and did not complete the sign-in.
sign-in-error-busy-hint = Sign in again { $when }.
sign-in-error-user-unknown-now = The API server cannot currently return your user name (user.openshift.io).
sign-in-error-user-unknown-now-hint = Sign in again in a moment. During a cluster upgrade, this can take some minutes.
sign-in-error-token-too-large = The token of your account is too long for this console.
sign-in-error-admin-hint = Contact the administrator of the console.
oidc-error-unreachable = The identity provider at { $issuer } cannot be reached.
oidc-error-late = The identity provider at { $issuer } did not respond in time.
oidc-error-server = The identity provider at { $issuer } returned { $status }.
oidc-error-busy = The identity provider is busy and did not complete the sign-in.
oidc-error-unavailable = The identity provider reports that it cannot sign users in at the moment.
oidc-error-not-a-provider = There is no usable discovery document of an OIDC provider at { $issuer }.
oidc-error-wrong-issuer = The discovery document at { $issuer } names another issuer.
oidc-error-compare-hint = An administrator should compare OIDC_ISSUER_URL with the issuer in the discovery document. Both must be the same, letter by letter, including a slash at the end.
oidc-error-no-keys = The signing keys of the identity provider at { $issuer } cannot be read.
oidc-error-client = The identity provider does not accept the client of this console, { $client }, or its secret.
oidc-error-client-hint = An administrator should compare OIDC_CLIENT_ID and OIDC_CLIENT_SECRET with the client at the provider.
oidc-error-grant = The code from the identity provider has expired or was already used.
oidc-error-request = The identity provider did not accept the request of this console.
oidc-error-request-hint = An administrator should check that the client at the provider allows the authorization code flow, and that the address of the console with /oauth/callback is one of its redirect URIs.
oidc-error-scope = The identity provider does not grant the scopes that this console requests.
oidc-error-scope-hint = An administrator should compare OIDC_SCOPES with the scopes that the client at the provider may request.
oidc-error-interaction = The identity provider needs something from you that it did not ask for.
oidc-error-consent = The consent to what this console requests was refused, or is missing at the identity provider.
oidc-error-consent-hint = Sign in again and accept the request. If the identity provider does not ask, its administrator should grant the consent for the client { $client }.
oidc-error-response = The identity provider returned a response that this console cannot use.
oidc-error-no-id-token = The identity provider returned no ID token.
oidc-error-unknown = The identity provider reports an error.
oidc-error-token-issuer = The ID token is from another issuer than the identity provider.
oidc-error-token-audience = The ID token was issued for another client than this console.
oidc-error-token-time = The ID token has already expired, or was issued in the future: the clocks of the console and of the identity provider differ.
oidc-error-token-time-hint = An administrator should check the time of both.
oidc-error-token-nonce = The ID token belongs to another sign-in.
oidc-error-token-signature = The signature of the ID token was not made with a key of the identity provider.
oidc-error-token-algorithm = The ID token is not signed with a public key, or with one of a kind that this console does not accept.
oidc-error-token-algorithm-hint = An administrator should set the signature of ID tokens at the provider to RS256, PS256 or ES256.
oidc-error-token-malformed = The ID token cannot be read.
oidc-error-token-refused = The identity provider signed you in, but the API server of the cluster does not accept its token.
oidc-error-token-refused-hint = An administrator should compare the configuration of the API server with this console: the issuer URL must be { $issuer }, and { $client } must be one of its audiences.
oidc-error-too-large = The ID token of your account is too large for this console.
oidc-error-too-large-hint = An administrator of the identity provider should limit the groups in the ID token: only those that the cluster uses, as with "groups assigned to the application" in Entra ID or a group filter in Keycloak.
oidc-error-show-authentication = Show which issuers and audiences the API server accepts:
oidc-error-show-discovery = Send the same request as the console; the answer must contain the issuer and the keys:
signed-out-not-revocable = The token of this session cannot be revoked
signed-out-not-revocable-text = The console no longer has it. A copy of it, as from the page Your token, works until it expires.
signed-out-provider = You may still be signed in at the identity provider
signed-out-provider-text = On a shared computer, sign out there as well.
signed-out-provider-end = Sign out at the identity provider
# The OAuth server would refuse every sign-in: its reason, and the remediation.
preflight-redirect-uri-title = The OAuth server does not redirect users to this address
preflight-redirect-uri-text = No one can sign in until the address of this console is registered as a redirect URI of its OAuth client. The console checked the OAuth server before redirecting you, because the OAuth server would show only a line of JSON.
preflight-client-missing-title = The cluster has no OAuth client with this name
preflight-client-missing-text = No one can sign in until the OAuth client exists and has the address of this console as a redirect URI. The console checked the OAuth server before redirecting you, because the OAuth server would show only a line of JSON.
preflight-redirect-uri-sent = Redirect URI sent
preflight-own-address = This console's own address
preflight-configured = Set by COCKPIT_KUBE_URL.
preflight-from-host = From the Host header of your browser: COCKPIT_KUBE_URL is not set.
preflight-oauth-client = OAuth client
oauth-fault-unreachable = The OAuth server cannot be reached
oauth-fault-late = The OAuth server did not respond in time
oauth-fault-untrusted = The certificate of the OAuth server is not trusted
oauth-fault-not-secure = No secure connection to the OAuth server
oauth-fault-error = The OAuth server returns an error
oauth-fault-busy = The OAuth server is busy
oauth-fault-answer = The server at this address is not an OAuth server
oauth-fault-text = The console checked the OAuth server before redirecting you. No one can sign in until it works. Users who are signed in can continue.
oauth-fault-late-text = The console checked the OAuth server before redirecting you, and waited for 4 seconds. The OAuth server might only be slow: try again, or select “Sign in anyway” and wait there.
oauth-fault-error-text = The OAuth server, or the router in front of it, returned HTTP { $status }. No one can sign in until it works. Users who are signed in can continue.
oauth-fault-busy-text = The console checked the OAuth server before redirecting you. The OAuth server is limiting requests. Users who are signed in can continue.
oauth-fault-advice = Try again in a moment. If the problem persists, contact a cluster administrator.
oauth-fault-server = OAuth server
oauth-fault-discovered = From the discovery document of the API server.
oauth-fault-configured = Set by OPENSHIFT_OAUTH_PROVIDER_URL: the API server names no OAuth server.
oauth-fault-curl = Check the response of the OAuth server. The expected status is 200:
oauth-fault-operator = On OpenShift 4, check the status of the cluster operator:
oauth-fault-pods = On OpenShift 4, check whether its pods are running:
no-oauth-title = This cluster has no OAuth server
no-oauth-text = The API server names no OAuth server, and there is none at { $address }. Users therefore sign in to this cluster through an external identity provider (OpenID Connect), as on most hosted control planes since OpenShift 4.19, and on other clusters since 4.20 where it is configured.
no-oauth-console = Users can sign in to this console through that provider if it is configured: set OIDC_ISSUER_URL and OIDC_CLIENT_ID, and unset OPENSHIFT_OAUTH_PROVIDER_URL. Until then, programs can use the JSON pages under /api/v1 with a bearer token that the API server accepts.
no-oauth-provider = If the cluster has an OAuth server, set OPENSHIFT_OAUTH_PROVIDER_URL to its address. { $address } was tried. If the API server has just started, try again in a moment.
no-oauth-type = Check how users sign in to the cluster. OIDC is an external identity provider. IntegratedOAuth, or no output, is the OAuth server of OpenShift:
no-oauth-oidc = Register the console at the provider as a client, with the redirect URI of this console, and add the client to the audiences of the cluster's Authentication. Then configure the provider here. Replace the client ID if it is another one:
no-oauth-bearer = Use the JSON pages with a token, for example that of a service account. It can view what the service account can view:
no-flow-title = No one can sign in: the console has no client secret
no-flow-text = OAUTH_IMPLICIT_FLOW is off, so the console accepts no token in the address of a page. The alternative, the authorization code flow, requires the secret of the OAuth client: OPENSHIFT_OAUTH_CLIENT_SECRET or OPENSHIFT_OAUTH_CLIENT_SECRET_FILE.
remediation-title = How a cluster administrator can fix this
remediation-route = Check the host of the route. If the console is not deployed in the project default, replace the project in this and the other commands:
remediation-show-redirect-uris = Check the registered redirect URIs. Users can sign in at these addresses:
remediation-add-redirect-uri = If the address of this console is correct, add it to the registered ones:
remediation-own-address = If the address of this console is wrong, set it to that of the route:
remediation-show-client = Check whether the OAuth client exists:
remediation-set-redirect-uris = If it exists, set its redirect URIs:
remediation-create-client = If it does not exist, create it:
remediation-create-client-with-secret = If it does not exist, create it. Type the secret that the console reads from { $setting } (it is not displayed), and press Enter:
remediation-find-client-secret = Find the Secret that contains the console's client secret:
remediation-patch-client-secret = Set the client's secret to the one that the console reads from { $setting }: type it (it is not displayed), and press Enter:
remediation-copy-client-secret = Copy the client secret into a Secret in the console's project (it is not displayed):
remediation-mount-client-secret = Mount the Secret in the console:
remediation-set-client-secret-file = Set the path of the file in the console's environment:
implicit-callback-wait = Please wait: the console is reading the response of the OAuth server…
implicit-callback-needs-script-title = Sign-in requires JavaScript here
implicit-callback-needs-script-text = You signed in at the OAuth server, but only a script can read its response, because this console does not have the secret of its OAuth client. Allow scripts for this site and sign in again. An administrator can set OPENSHIFT_OAUTH_CLIENT_SECRET. Sign-in then works without JavaScript, and is safer.
implicit-callback-history-warning = The address of this page contained your access token. Your browser might have saved it in its history, where other programs on this computer can read it. Sign out when you are done, which revokes the token. An administrator can set OPENSHIFT_OAUTH_CLIENT_SECRET, after which addresses no longer contain tokens.

## Image streams and images

created = Created
fact-created = Created { $when }
stream-failing = { $count ->
    [one] { $count } tag could not be imported
   *[other] { $count } tags could not be imported
}
stream-repository-failed = The last import of the repository failed
stream-failing-hint = The list below shows the reason for each tag.
stream-location = Repository
stream-public = External repository
stream-no-public = The cluster has no public host name for the registry
stream-internal = Internal repository
stream-tracks-repository = Imports all tags from
stream-local-lookup = Local lookup
pull-and-push = Pull and push
pull = Pull
push = Push
pull-nothing = There is no image to pull yet.
pull-inside-only = This name works only inside the cluster. REGISTRY_HOST sets the external host name of the registry.
tags = Tags
tag = Tag
count-tags = { $count ->
    [one] { $count } tag
   *[other] { $count } tags
}
tags-none = No tags yet
tags-none-hint = Tags appear here when an image is pushed or imported.
filter-tags = Tag or digest
count-tags-of = { $count } of { $all ->
    [one] { $all } tag
   *[other] { $all } tags
}
nothing-found-tags = No match for “{ $text }” in the names and digests of { $count ->
    [one] { $count } tag.
   *[other] { $count } tags.
}
tags-unreadable = { $count ->
    [one] { $count } tag is not shown: its name is not valid.
   *[other] { $count } tags are not shown: their names are not valid.
}
source = Source
digest = Digest
size = Size
size-by-platform = varies by platform
size-all-platforms = all platforms
size-at-least = at least { $size }
size-at-least-explanation = The manifest does not contain the size of every part.
last-update = Last updated
none = none
never = never
in-brackets = ({ $text })
current = Current
import-failed = Import failed
import-advice-authentication = The registry requires a sign-in, or does not allow this user to pull the image. Add a pull secret for the registry to the project, then import again. Imports use every pull secret of their project.
import-advice-pull-secret = Replace the name of the secret, the user, and the password (HOST is the registry). Then import again.
import-advice-not-found = The registry does not have this image. Check the name of the repository and the tag. Some registries also return this error when a sign-in is required.
import-advice-certificate = The cluster does not trust the certificate of the registry. A cluster administrator can add the certificate authority (on OpenShift 4 through additionalTrustedCA of image.config.openshift.io/cluster). For a registry without a valid certificate, the import policy can be set to insecure.
import-advice-without-tls = The registry uses HTTP without TLS. If this is intended, set the import policy to insecure.
import-advice-unreachable = The API server cannot reach the registry. Check the host name and the port. If they are correct, a cluster administrator should check DNS, the firewall, and the proxy between the cluster and the registry.
import-advice-not-allowed = The cluster allows imports only from certain registries. A cluster administrator must add this one to allowedRegistriesForImport.
import-advice-rate-limit = The pull rate limit of the registry is reached. Wait, or add a pull secret to the project: registries allow more pulls for signed-in users.
history-more = { $count ->
    [one] { $count } older entry is not shown here.
   *[other] { $count } older entries are not shown here.
}
history-pages = Show full history
tag-history = { $count ->
    [one] History of { $tag }: { $count } image
   *[other] History of { $tag }: { $count } images, newest first
}
presence-only-stream = Not in the registry
presence-only-stream-meaning = The image stream refers to an image, but the registry does not list this tag. Pulling it might fail.
presence-only-registry = Only in the registry
presence-only-registry-meaning = The registry has this tag, but the image stream does not. The cluster cannot use it until it is pushed or imported again.
presence-unresolved-meaning = The tag is defined, but it has no image: none was pushed, or no import has succeeded.
attachments = Signatures, attestations, and SBOMs
attachments-explanation = Objects in this image stream that refer to this image
attachments-of = Signatures, attestations, and SBOMs of { $tag }: { $count }
attachment-signature = Signature
attachment-attestation = Attestations
attachment-sbom = Software bill of materials
attachment-referrers = Referrers index
attachment-of-earlier = of an earlier image of this tag
attachment-without-image = no tag of this image stream points to its image,
presence-reference = Reference only
presence-reference-meaning = The tag only refers to an image in another registry, which the cluster never imports.
absent-reference = This tag is a reference only
absent-reference-text = The tag refers to an image in another registry (reference: true). The cluster never imports that image. Clients pull it from its source.
absent-import-failed = The image could not be imported
absent-import-failed-text = The tag imports its image from another registry, and the last import failed. The reason is shown below.
absent-not-imported = The image has not been imported yet
absent-not-imported-text = The tag imports its image from another registry. No import has finished yet. A new import usually takes a few seconds.
absent-source-empty = The source of this tag has no image
absent-source-empty-text = The tag tracks another tag or image of this cluster, which does not exist, has no image, or cannot be read.
absent-nothing-pushed = No image was pushed to this tag
absent-nothing-pushed-text = The image stream defines the tag without a source to import from. Push an image to it.
absent-deleted = The image of this tag has been deleted
absent-deleted-text = The image stream still refers to the image, but the cluster no longer has it, usually because it was pruned. Pulling this tag fails until the tag has another image.
absent-deleted-digest-text = The history of a tag still refers to the image, but the cluster no longer has it, usually because it was pruned. It can no longer be pulled.
absent-only-registry = This tag exists only in the registry
absent-only-registry-text = The registry lists the tag, but its manifest cannot be read, and the image stream does not have the tag. Push the image again.
absent-tracked = Tracked tag
absent-what-to-do = Next steps
absent-pull-source = Pull the image from its source
absent-import-instead = Import the image instead of only referring to it
absent-push = Push an image to this tag
absent-describe = Show the image stream on the API server
absent-point-elsewhere = Change source…
stream-import-reference = This tag only refers to an image in another registry (reference: true), so there is nothing to import.
source-pushed = pushed
source-external = tracks image
source-tag = tracks tag
source-image = set to image
source-pushed-since-image = pushed since; was set to image
source-pushed-since-external = pushed since; was tracking image
source-unknown = unknown source
source-scheduled = Scheduled
source-scheduled-meaning = The cluster imports it periodically.
source-insecure = Insecure
source-insecure-meaning = The cluster can import it without verifying the TLS certificate.
source-reference = Reference only
source-reference-meaning = The cluster never imports it, but refers to the other registry.
source-local = Through this registry
source-local-meaning = Clients pull it through this registry, which pulls it from the other registry (referencePolicy: Local).
import-mode = Import mode for multi-platform images
import-mode-preserve = All platforms
import-mode-preserve-meaning = An import keeps the image index and the images of all its platforms (importMode: PreserveOriginal).
import-mode-preserve-hint = The image index and the image of each platform (PreserveOriginal). A single-platform image is imported unchanged.
import-mode-legacy = One platform
import-mode-legacy-meaning = Of a multi-platform image, an import keeps only the platform that the cluster runs on (importMode: Legacy).
import-mode-legacy-hint = Only the image of the platform that the cluster runs on (Legacy). Pods on other platforms cannot run it.
import-platforms = { $count ->
    [one] { $count } platform:{ " " }
   *[other] { $count } platforms:{ " " }
}
import-one-platform = for one platform:{ " " }
import-mode-drops = An import keeps only one platform: “One platform” (Legacy) is selected below.
image-facts = Details
on-this-page = On this page
image-incomplete = Part of this image could not be read
image-object = Image object in the cluster
image-disagrees = The image stream and the registry differ
image-disagrees-hint = The image of this tag in the registry differs from that in the image stream. This page shows the image of the image stream. The registry has
image-pushed = Pushed
fact-pushed = Pushed { $when }
image-built = Built
fact-built = Built { $when }
author = Author
size-compressed = Compressed size
platform = Platform
platforms = Platforms
platforms-explanation = Clients pull the image for their own platform
platform-attestation = attestation
platform-attestation-of = for
platform-artifact = artifact
platform-index = index
platform-blob = not a manifest
platform-not-said = not specified
platform-missing = not in this registry
platform-missing-meaning = The image index lists it, but the image registry does not have it, so clients of this platform cannot pull. It was not pushed, or was pruned.
platforms-unread = The size and date of { $count } more were not read. Open their pages to see them.
index-content = Content of the image index
media-type = Media type
kind-image = Image
kind-schema1 = Image, schema 1
kind-index = Image index
kind-artifact = Artifact
kind-artifact-index = Artifact index
kind-build-cache = BuildKit build cache
kind-empty-index = Empty index
artifact-type = Artifact type
no-pull-artifact-index = This index lists no container image, so there is nothing to pull and run. The page of each artifact shows how to pull it.
no-pull-build-cache = This is a build cache for BuildKit (--cache-from). There is nothing to pull and run.
no-pull-empty-index = This index lists nothing, so there is nothing to pull.
artifact = Content
artifact-kind = Type
file = File
no-name = no name
unnamed-file = Unnamed
artifact-subject = Subject
artifact-pull = This is not a container image: docker and podman cannot run it. Pull it with the tool for this type of artifact.
artifact-kind-helm = Helm chart
artifact-kind-cosign = Signature (cosign)
artifact-kind-notation = Signature (Notation)
artifact-kind-sbom = Software bill of materials
artifact-kind-attestation = Attestation
artifact-kind-wasm = WebAssembly module
artifact-kind-singularity = Singularity image
artifact-kind-tekton = Tekton bundle
artifact-kind-unknown = not specified
image-container = Configuration
entrypoint = Entrypoint
command = Command
run-as = Runs as user
working-dir = Working directory
ports = Ports
volumes = Volumes
stop-signal = Stop signal
healthcheck = Health check
on-build = On build
shell = Shell
environment = Environment
show-more = Show { $count } more
show-fewer = Show fewer
and-more = and { $count } more
and-more-inline = { " " }and { $count } more
values-truncated = { $count ->
    [one] { $count } long value is truncated here. The raw document contains all of it.
   *[other] { $count } long values are truncated here. The raw document contains all of them.
}
labels = Labels
annotations = Annotations
build-history = Build history
step = Step
layer = Layer
count-steps = { $count ->
    [one] { $count } step
   *[other] { $count } steps
}
build-history-mismatch = History steps with a layer: { $steps }. Layers: { $layers }. They cannot be matched.
build-history-too-many = There are too many steps or layers to match them.
build-history-no-layer = no layer
layers = Layers
layer-format = Format
layer-uncompressed = not compressed
layer-encrypted = encrypted
layer-empty = empty
layer-foreign = not stored here
layer-foreign-meaning = A foreign layer: clients pull it from the addresses in the manifest. The size of the image does not include it.
count-layers = { $count ->
    [one] { $count } layer
   *[other] { $count } layers
}
image-names = Tags pointing to this image
artifact-names = Tags pointing to this artifact
image-names-explanation = In all image streams that you can view
image-name-points-here = Current
image-name-current = yes
image-name-since = Since
image-no-names = No tag that you can view points to this image now or did so before.
image-name-former = no
raw-manifest = Manifest
raw-config = Config
raw-document-truncated = The document is truncated here. This command prints all of it:

## Missing sections

upstream-api-server = The API server
upstream-oauth = The OAuth server
upstream-oidc = The identity provider
upstream-registry = The image registry
upstream-storage = The object storage of the registry
missing-not-allowed = You don't have permission to view this. { $upstream } denied the request. Ask a project administrator for a role that includes it.
missing-not-there = { $upstream } does not have this. It might have been deleted.
missing-unreachable = { $upstream } cannot be reached. Try again in a moment. If the problem persists, contact the cluster administrator.
missing-untrusted = { $upstream } presented a certificate that this console does not trust. The administrator of the console should compare it with { $setting }.
missing-no-secure-connection = No secure connection to this server could be established: { $upstream }. An administrator of the console should check its address: the server might not use TLS.
missing-untrusted-reason = { $reason } { $advice }
missing-late = { $upstream } did not respond within the time limit of this page. Reload the page.
missing-api-server-unreachable-for-registry = { $upstream } could not reach the API server to check your permission. Try again in a moment. If the problem persists, contact the cluster administrator.
missing-in-storage = { $upstream } stores this in object storage, which the console could not read.
# The object storage that the registry redirects to: its host, and one of the reasons below.
storage-trouble = The registry stores its blobs in object storage at { $host }. The console could not read it: { $reason }
storage-trouble-nowhere = The registry redirects to object storage for its blobs. The console could not read it: { $reason }
storage-off = REGISTRY_BLOB_REDIRECTS is off, so the console does not follow redirects of the registry.
storage-no-address = the redirect has no valid address. Contact the administrator of the registry.
storage-not-https = the address does not begin with https. Contact the administrator of the registry.
storage-forbidden-address = the address is a loopback or link-local address, and the console does not follow redirects to those. Contact the administrator of the registry.
storage-redirected-again = it redirects again, and the console follows only one redirect. Contact the administrator of the registry.
storage-refused = it returned { $status }. The clock of the registry might be wrong, or its credentials for the storage.
storage-digest-mismatch = the content does not match the digest, so it is not shown.
storage-unknown-authority = its certificate is signed by a certificate authority that the console does not trust. Set REGISTRY_BLOB_CA_FILE to a file with that authority.
storage-untrusted = its certificate has expired, is for a different name, or cannot be verified.
storage-no-secure-connection = no secure connection could be established: the server at this address might not use TLS.
storage-tls-alert = it ended the TLS handshake with the alert “{ $alert }”: { $reason }
storage-unreachable = it cannot be reached from the console's pod. Allow connections to it (firewall, egress network policy), or set REGISTRY_BLOB_REDIRECTS to off.
storage-late = it did not respond in time. Reload the page.
storage-too-large = the content is larger than the limit of the console.
missing-busy = { $upstream } is limiting requests. Try again { $when }: reload the page.
missing-unavailable = { $upstream } is temporarily unavailable. Reload the page { $when }.
missing-proxy = A proxy or load balancer returned { $status } instead of this server: { $upstream }. Reload the page { $when }.
missing-roles-not-loaded = { $upstream } has just started and has not loaded its roles yet. Reload the page in a moment.
missing-failed = { $upstream } returned an internal error ({ $status }). Reload the page. If the problem persists, check its log.
missing-not-served = { $upstream } does not serve this API.
stale-title = As of { $when }: the API server is not available
stale-text = This page shows the last data that the console received. Later pushes and changes are missing, and you cannot make changes until the API server responds again.
missing-too-large = { $upstream } sent a response that is larger than the limit of this console. Use a command-line client instead.
missing-digest-mismatch = { $upstream } sent content that does not match the digest, so it is not shown. Contact the cluster administrator.
missing-unreadable = { $upstream } sent a response that this console could not read. Reload the page. If the problem persists, check the log of the console.

## Lists of projects, image streams and tags

image-stream = Image stream
image-streams = Image streams
streams = Image streams
newest-tags = Newest tags
tag-count = Tags
no-image-yet = no image yet
of-stream = in { $name }
of-project = in project { $name }
more-tags = + { $count } more
imports-failed = { $count ->
    [one] { $count } failing import
   *[other] { $count } failing imports
}
count-projects = { $count ->
    [one] { $count } project
   *[other] { $count } projects
}
project-failing-streams = { $count ->
    [one] { $count } image stream with failed imports
   *[other] { $count } image streams with failed imports
}
count-streams = { $count ->
    [one] { $count } image stream
   *[other] { $count } image streams
}
count-streams-of = { $count } of { $all ->
    [one] { $all } image stream
   *[other] { $all } image streams
}
filter-images = Name, project, or tag
filter-projects = Name or description
clear-filter = Clear filter
nothing-found = No results found
nothing-found-images = No match for “{ $text }” in the names, projects, and tags of { $count ->
    [one] { $count } image stream.
   *[other] { $count } image streams.
}
nothing-found-projects = No match for “{ $text }” in the names and descriptions of your projects.
search-all-projects = Search all projects
projects-not-listed = { $count ->
    [one] The image streams of { $count } project are not shown: they could not be listed.
   *[other] The image streams of { $count } projects are not shown: they could not be listed.
}
objects-unreadable = { $count ->
    [one] { $count } image stream is not shown: the API server returned invalid data for it.
   *[other] { $count } image streams are not shown: the API server returned invalid data for them.
}
access-unknown = { $count ->
    [one] The access policy of { $count } project is not known.
   *[other] The access policy of { $count } projects is not known.
} { $reason }
access-not-visible = not visible
streams-unknown = { $count ->
    [one] The image streams of { $count } project could not be counted.
   *[other] The image streams of { $count } projects could not be counted.
} { $reason }

## Overview and first steps

your-projects = Your projects
all-projects = All projects
all-projects-count = All { $count ->
    [one] { $count } project
   *[other] { $count } projects
}
no-project-title = No projects
no-project-explanation = A project groups image streams and the people who can use them. You are not a member of a project yet.
no-project-start = Create a project with oc, then reload this page:
no-project-ask-administrator = If you don't have permission to create a project, ask an administrator to create one, or to give you a role in an existing project.
no-stream-explanation = The first push of an image creates its image stream.
how-to-push = How to push
connect = Connect
connect-push = Push an image
connect-pull = Pull an image
no-registry = This cluster has no integrated image registry
no-registry-hint = Image streams can still refer to images in other registries, and clients pull them from there. To push images, a cluster administrator must enable the integrated registry.
no-registry-how = How to enable it
no-registry-enable = Enable the integrated registry: OpenShift { $version }
no-registry-storage-4 = The first command shows the current state. Removed, or no output, means that there is no registry. The registry starts only if storage is configured in spec.storage of the same object, for example object storage or a persistent volume claim. Configure the storage first. To check that the registry is ready, run oc get clusteroperator image-registry.
no-registry-storage-3 = Without a volume, the registry stores its images in its pod and loses them when the pod ends. Mount persistent storage at /registry before you push.
registry-host-unknown = The address of the registry is not configured
may-not-push = You don't have permission to push to this project. Ask a project administrator for the role registry-editor.

## Projects and their members

project = Project
about-project = Project details
display-name = Display name
description = Description
requester = Requester
phase = Status
phase-active = Active
phase-terminating = Terminating
phase-unknown = Unknown status
access = Access
access-private = Private
access-private-meaning = Only members of the project can pull its images.
access-shared = Shared
access-shared-meaning = Every signed-in user of the cluster can pull its images.
access-anonymous = Anonymous
access-anonymous-meaning = Anyone can pull its images without signing in.
access-only-anonymous = Anonymous only
access-only-anonymous-meaning = Anyone can pull its images without signing in. A signed-in client needs a role in the project to pull; otherwise the registry denies the pull.
members = Members
member = Name
member-kind = Kind
no-members = No one has a role in this project.
system-members = { $count ->
    [one] { $count } service account or system group
   *[other] { $count } service accounts and system groups
}
subject-user = User
subject-group = Group
subject-service-account = Service account
group-authenticated = Every signed-in user
group-by-oauth = Every user who signed in through OAuth
group-unauthenticated = Every client that is not signed in
role-gives-admin = Full access
role-gives-push = Can push and pull
role-gives-pull = Can pull
role-gives-see = Can view images, but not pull them
role-binding = Role binding
build-history-unreadable = Part of the history or of the layers cannot be read, so they cannot be matched.

## Forms
cancel = Cancel
undo = Undo
server-says = Message from the cluster:{ " " }
in-a-terminal = CLI equivalent
command-hidden = This command cannot be shown: a value in it contains invisible characters, or characters that a terminal interprets ({ $characters }).
will-be-removed = This will be removed
will-be-kept = This will be kept
refused-not-allowed = You don't have permission to do this
refused-not-allowed-hint = Nothing was changed. Ask a project administrator.
delete-not-permitted = You don't have permission to delete this. Ask a project administrator for the role admin.
refused-over-quota = Quota exceeded
refused-over-quota-hint = Nothing was changed. Your permissions are sufficient, but the project has reached its quota. Delete what is no longer needed, or ask a cluster administrator to raise the quota. Administrators of the project can see it, but not change it.
refused-quota-unknown = The quota is not computed yet
refused-quota-unknown-hint = Nothing was changed. The project has a quota, and the cluster has not computed its usage yet. Send the form again in a moment. If the problem persists, contact a cluster administrator.
refused-over-limit = Limit of the project exceeded
refused-over-limit-hint = Nothing was changed. Your permissions are sufficient, but a limit range of the project does not allow more. Delete what is no longer needed, or ask a cluster administrator to raise the limit. Administrators of the project can see it, but not change it.
refused-webhook = An admission webhook denied the change
refused-webhook-hint = Nothing was changed. The admission webhook was added to this cluster. Its message contains the reason. For details, contact a cluster administrator.
refused-policy = An admission policy denied the change
refused-policy-hint = Nothing was changed. The ValidatingAdmissionPolicy was added to this cluster. Its message contains the reason. For details, contact a cluster administrator.
refused-webhook-failed = An admission webhook does not respond
refused-webhook-failed-hint = Nothing was changed. The cluster calls this admission webhook before each such change, and it did not respond. Send the form again in a moment. If the problem persists, contact a cluster administrator.
refused-see-quota = Show the quota and its usage:
refused-exists = The name is already in use
refused-exists-hint = Nothing was changed. Choose another name, or open the existing object.
refused-stale = Someone else changed this first
refused-stale-hint = It was changed after you opened this page. The page now shows the current state. Review it and send the form again.
refused-contended = This image stream changes too often
refused-contended-hint = Nothing was changed. Pushes, imports, or other users changed the image stream during each attempt. Send the form again in a moment.
refused-not-begun = The time limit was reached first
refused-not-begun-hint = Nothing was changed. Send the form again for the remaining items.
refused-not-there = It no longer exists
refused-not-there-hint = It was deleted or moved.
refused-invalid = The cluster does not accept this
refused-invalid-hint = Nothing was changed. Correct the marked fields and send the form again.
refused-not-reached = The cluster cannot be reached
refused-not-reached-hint = Nothing was changed. Your input is still here: send the form again in a moment.
refused-uncertain = The connection to the cluster was lost
refused-uncertain-hint = The change might already be made. Check first, and send the form again only if it was not.
refused-too-long = The response of the cluster is too large
refused-too-long-hint = It exceeds the limit of 8 MiB. The change might already be made: check the image stream. If there are many tags, import a few at a time.
refused-busy = The cluster is busy
refused-busy-hint = Nothing was changed. Send the form again { $when }.
refused-proxy = A proxy returned { $status }
refused-proxy-hint = The response came from a proxy or load balancer in front of the cluster. The change might already be made. Your input is still here: check first, and send the form again only if the change is missing.
refused-unavailable = The API server is temporarily unavailable
refused-unavailable-hint = Nothing was changed. Your input is still here: send the form again { $when }.
refused-not-served = This API server does not serve an API that the change needs
refused-not-served-hint = Nothing was changed. A cluster administrator can see which APIs are missing on the Diagnostics page of the console.

## Removing a tag
remove-tag-title = Remove tag { $tag } from { $stream }
remove-tag-removes = The tag { $tag }, with its history of { $history ->
    [one] { $history } entry
   *[other] { $history } entries
}.
remove-tag-follower = The tag { $tag } tracks it. It keeps its image and is no longer updated.
remove-tag-keeps-image = The image
remove-tag-last-name = It stays in the history of another tag, and can still be pulled by digest.
remove-tag-keeps-data = Its data stays in the registry until an administrator prunes it.
remove-tag-keeps-stream = The image stream and its other tags
remove-tag-leaves = No other tag of this image stream refers to this image, so it can no longer be pulled from this image stream.
remove-tag-leaves-restorable = No other tag of this image stream refers to this image, so it can no longer be pulled from this image stream. Undo sets the tag to its source again, which might have another image by then.
remove-tag-history-leaves = { $count ->
    [one] { $count } earlier image in its history can no longer be pulled from this image stream: no other tag refers to it.
   *[other] { $count } earlier images in its history can no longer be pulled from this image stream: no other tag refers to them.
}
remove-tag-keeps-others = { $count ->
    [one] It keeps { $count } other tag:
   *[other] It keeps { $count } other tags:
}
tag-removed = The tag { $tag } was removed from { $stream }.
tag-restored = The tag { $tag } was restored.
tag-restored-image = It is set to image { $digest } and has a new history.
tag-restored-source = It is set to { $source } again, has the current image of that source, and has a new history.
tag-restored-without-annotations = Its annotations were not restored.
tag-not-restored = The tag { $tag } could not be restored: { $said }

## Members, roles and access
members-more = and { $count } more. To list all of them, run oc get rolebindings.
member-add = Add member
member-role = Role
member-admin = Admin
member-push = Editor
member-pull = Viewer
member-name-hint = A user or group, for example dev. A service account of another project is project:name.
member-name-missing = Enter a name.
member-name-invalid = This is not a valid name for this kind of member. User names contain only letters, digits, and - @ . _ :
member-role-missing = Select a role.
member-added = { $name } now has the role { $role }.
member-added-not-checked = { $name } now has the role { $role }. You don't have permission to check whether this name exists.
unknown-user = The user “{ $name }” does not exist yet
unknown-group = The group “{ $name }” does not exist
unknown-service-account = The service account “{ $name }” does not exist
unknown-member-hint = Nothing has been changed yet. Check the spelling. If it is correct, send the form again. The role takes effect when the name exists: for a user, at the first sign-in.
member-removed = { $name } no longer has the role { $role }.
remove-member = Remove
remove-member-title = Remove role { $role } of { $name } in { $project }
remove-own-role = This is you
remove-own-role-hint = You might lose your permissions here, and cannot restore them yourself.
remove-own-role-confirm = I want to remove my own role.
change-role = Change role
change-role-of = Role of { $name }
change-role-title = Change role of { $name } in { $project } to { $to }
role-replacement = New role
role-others-unknown = Other roles of this member are not known: the role bindings of the project could not be read.
member-changed = { $name } now has the role { $to } instead of { $role }.
remove-own-group = You are a member of this group
remove-last-admin = This is the last administrator of this project
remove-last-admin-hint = No other user or group has a role that allows changes to the project's members. Only a cluster administrator can add such a role again.
remove-last-admin-confirm = I understand that no member of this project will be able to change its members.
remove-unconfirmed = Select this checkbox to continue.
role-unfinished = { $name } now has both roles
role-unfinished-hint = The new role was added. The old role was not removed, or its removal is not confirmed. Send the form below to finish. You can safely send it twice.
role-finish = Remove { $role }
pullers = Cross-project pull access
pullers-explanation = Pods in these projects can pull every image in this project.
puller-grant = Allow pull
puller-added = The project { $project } can now pull.
puller-added-not-checked = The project { $project } can now pull. You don't have permission to check whether it exists.
unknown-project = The project “{ $name }” does not exist
unknown-puller-hint = Nothing has been changed yet. Check the spelling. If the project will be created later, send the form again.
puller-invalid = Enter another project: lowercase letters, digits, and hyphens.
access-choose = Select an access policy.
access-changed = The access policy of { $project } is now: { $policy }.
access-anonymous-warning = Anyone who can reach the registry can pull its images without signing in. If the registry is exposed, this includes users outside your organization.
access-anonymous-confirm = I understand that anyone can pull all images of this project without signing in.
access-anonymous-sure-when = Required only for “Anonymous”.
access-anonymous-unconfirmed = Select this checkbox to allow everyone to pull, or select another policy.
access-other-roles-open = Everyone also has these roles here
access-by-cluster = A cluster role also grants access to this project
access-by-cluster-hint = The access policy does not change that. Ask a cluster administrator.
access-only-anonymous-now = Only system:unauthenticated has a role
access-add-signed-in = Allow signed-in users to pull as well
access-set-in-terminal = Set “{ $policy }” with oc
## Creating, editing and deleting projects
new-project = New project
new-project-explanation = A project groups image streams and the people who can use them. You become its administrator.
new-project-name = Name
new-project-name-rule = 2 to 63 characters: lowercase letters, digits, and hyphens; starts and ends with a letter or digit. It cannot be changed later.
new-project-name-taken = The project { $project } already exists. You might not have permission to view it. Choose another name.
display-name-hint = Shown next to the name. Optional.
create-project = Create project
project-created = The project { $project } was created. You are its administrator.
edit-project = Edit project
save-project = Save
project-edited = The project { $project } was saved.
project-stale-hint = The project was changed after you opened this page, and your changes were not saved. Compare them with the current state. If you send the form again, your changes replace it.
project-there-now = Current state
delete-project = Delete project
delete-project-offer = Delete project…
delete-project-title = Delete project { $project }?
cannot-be-undone = This cannot be undone.
delete-project-removes = The project and everything in it
delete-project-members = { $count ->
    [0] No roles: the project has no members
    [one] The roles of { $count } user, group, or service account
   *[other] The roles of { $count } users, groups, and service accounts
}
delete-project-members-unknown = The roles of its members (number unknown).
delete-project-more = { $count ->
    [one] and { $count } more image stream
   *[other] and { $count } more image streams
}
delete-project-not-permitted = You don't have permission to delete this project. Ask a project administrator for the role admin.
delete-project-workloads = Deleted
delete-project-workloads-meaning = { $count ->
    [one] { $count } workload of this project is deleted with it, and so are its pods.
   *[other] { $count } workloads of this project are deleted with it, and so are their pods.
}
delete-project-users = In other projects
delete-project-no-workloads = No workload that you can view uses its images.
delete-project-unread-streams = { $count ->
    [one] What uses { $count } image stream of this project is not known.
   *[other] What uses { $count } image streams of this project is not known.
}
delete-project-confirm = Type { $project } to confirm
delete-project-mistyped = This does not match the name of the project, { $project }. Nothing was deleted.
project-deleted = The project { $project } is being deleted. Lists might show it for a moment.
## Who may pull and push
access-of-project = Permissions apply to all image streams in { $project }.
access-you-pull = You can pull.
access-you-no-pull = You cannot pull. Ask a project administrator for the role registry-viewer.
access-you-push = You can push.
access-you-no-push = You cannot push. Ask a project administrator for the role registry-editor.
access-cannot-review = You don't have permission to view who else can pull and push. Ask a project administrator for the role admin.
access-only-own = You don't have permission to check the access of others. Ask a project administrator for the role admin.
access-nobody-yet = No user, group, or service account has this name yet. A role that is added now takes effect when the name exists.
access-no-name = This name is not valid
access-no-name-hint = Names contain no slashes, percent signs, or invisible characters. Write a service account of another project as project:name.
access-can-pull = Can pull
access-can-push = Can push
access-only-anonymous-verdict = Images here can be pulled without signing in, but a signed-in client needs a role to pull.
access-grant-pull = Grant pull access with oc
access-grant-push = Grant push access with oc
access-groups-unknown = You don't have permission to view the groups of the cluster, so permissions from groups of this user might be missing here.
access-more = and { $count } more. The commands below list all of them.
access-subjects = Members with access ({ $count })
access-system-subjects = Service accounts and system groups
access-others = Access from outside the project
access-no-members = No member of the project can pull or push.
access-through = Source
access-through-unlisted-role = Cluster role binding or custom role
access-possible-groups = Members of these groups have access:{ " " }
## Tagging and rolling back
tag-as = Tag as…
tag-as-stream-hint = The image stream is created if it does not exist.
tag-not-permitted = You don't have permission to set tags here. Ask a project administrator for the role registry-editor.
tag-add = Add tag
tag-image = Tag image
tag-move = Move tag
tag-follow = Track { $tag }: update this tag whenever { $tag } changes
tag-follow-same-stream = A tag can track only tags of the same image stream. Clear the checkbox, or use the same image stream.
tag-name-rule = Letters, digits, periods, hyphens, and underscores; no more than 128 characters; does not start with a period or hyphen.
tag-name-missing = Enter a tag.
tag-name-hyphen = The tag can't start with a hyphen.
tag-name-period = The tag can't start with a period.
stream-name-rule = Lowercase letters and digits, separated by single periods, hyphens, or underscores.
stream-name-missing = Enter an image stream.
stream-name-separators = Separate letters and digits by a single period, hyphen, or underscore.
project-name-missing = Enter a project.
name-missing = Enter a name.
name-short = The name must have at least { $least } characters.
name-parts = Each part between periods must start and end with a lowercase letter or a digit.
user-name-ends = The name must start with a letter, a digit, a period, or an underscore, and can't end with a space or “-,=@”.
name-uppercase = The name can't contain uppercase letters.
name-space = The name can't contain spaces.
name-character = The name can't contain “{ $character }”.
name-ends = The name must start and end with a lowercase letter or a digit.
name-length = The name has { $count } characters. It can have no more than { $most }.
tag-taken = This tag already exists
tag-taken-at = It points to
tag-taken-at-nothing = It has no image yet.
tag-taken-hint = Nothing has been changed yet. To move the tag, send the form again. Its current image remains in its history.
tag-pointed = { $tag } now points to image { $digest }.
tag-pointed-already = { $tag } already points to this image.
tag-rolled-back = { $tag } was rolled back to { $digest }.
roll-back = Roll back
roll-back-now = Current
roll-back-then = After rollback
roll-back-sentence = The tag { $tag } will point to { $image }. The current image remains in its history.
roll-back-image = image { $digest }
roll-back-image-of = image { $digest } of { $when }
roll-back-source = The tag will stop tracking its source
roll-back-source-hint = It keeps the earlier image until its source is changed.
differs = Differences
differs-unknown = The differences are not known: the cluster no longer has both images.
differs-variable = Variable
differs-label = Label
remove-tag-link = Remove tag…
roll-back-link = Roll back…

## Adding a tag
new-tag = Add tag
new-tag-link = Add tag…
new-tag-title = Add a tag to { $stream }
new-tag-name = Tag
new-tag-source = Source
new-tag-source-local = Image in this registry
new-tag-source-local-hint = Points the tag to an image that is already here.
new-tag-source-external = Image in another registry
new-tag-source-external-hint = Imports the image now.
new-tag-local-image = Image
new-tag-local-image-hint = For example: app:1.0, project/app:1.0, or with a digest, project/app@sha256:…
new-tag-image-missing = Enter an image.
new-tag-follow = Track this tag: update the new tag whenever it changes (tags of this image stream only)
new-tag-external-image = Image
new-tag-external-image-hint = For example: docker.io/library/nginx:1.27
new-tag-scheduled = Import periodically (scheduled)
new-tag-policy = Reference policy
new-tag-policy-source = Source – pull from the original registry
new-tag-policy-source-hint = Clients need access to that registry.
new-tag-policy-local = Local – pull through this registry
new-tag-policy-local-hint = Clients need access only to this registry.
new-tag-preview = Preview
new-tag-plan-unfinished = Enter a tag and an image to see what will happen.
new-tag-plan-point = { $tag } will point to { $image }.
new-tag-plan-track = { $tag } will track { $image } and be updated with it.
new-tag-plan-import = { $tag } will be imported from { $image }.
new-tag-plan-schedule = { $tag } will be imported from { $image }, now and periodically.
new-tag-plan-exists = A tag with this name exists: you will be asked before it is moved.
new-tag-no-such-image = This image does not exist, or you don't have permission to view it.
new-tag-source-required = Select a source for the tag.
new-tag-local-image-invalid = This does not name an image in this registry. Enter the image stream with a tag or a digest, for example app:1.0.
new-tag-external-image-invalid = This is not a valid image name. Enter the registry, the repository, and the tag, for example docker.io/library/nginx:1.27.
new-tag-external-image-is-local = This is an image in this registry. Select “Image in this registry” above.
new-tag-imported = { $tag } was imported from { $from } and points to { $digest }.
new-tag-follows = { $tag } tracks { $from }.
new-tag-import-failed = { $tag } now tracks { $from }, but its image could not be imported: { $said }

## Removing many tags
remove-tags-title = Remove { $count ->
    [one] { $count } tag
   *[other] { $count } tags
} from { $stream }
remove-tags-preview = Review selected tags…
remove-tags-removes = { $count ->
    [one] { $count } tag with its history
   *[other] { $count } tags with their histories
}
remove-tags-keeps = { $tags ->
    [one] { $tags } tag
   *[other] { $tags } tags
} and { $images ->
    [one] { $images } image
   *[other] { $images } images
} of this image stream
tags-removed = { $count ->
    [one] { $count } tag was removed from { $stream }.
   *[other] { $count } tags were removed from { $stream }.
}
tags-removed-unknown = { $count ->
    [one] { $count } tag might have been removed.
   *[other] { $count } tags might have been removed.
}
tags-restored-unknown = { $count ->
    [one] { $count } tag might have been restored.
   *[other] { $count } tags might have been restored.
}
tags-nothing-changed = Nothing was changed.
tags-unknown-hint = The response of the cluster was incomplete. Check the list of tags.
tags-not-removed = { $count ->
    [one] { $count } tag was not removed.
   *[other] { $count } tags were not removed.
}
tags-restored = { $count ->
    [one] { $count } tag of { $stream } was restored.
   *[other] { $count } tags of { $stream } were restored.
}
tags-not-restored = { $count ->
    [one] { $count } tag could not be restored.
   *[other] { $count } tags could not be restored.
}
tags-back-to-stream = Back to image stream
tag-moved-since = It points to another image since you opened the page. Review it before you remove it.
tag-name-in-use = A new tag with this name exists.
tag-image-missing = The image stream no longer has its image.
remove-tags-none-chosen = Select at least one tag.
remove-tags-too-many = You can remove no more than { $most } tags at a time. Clear some of the checkboxes, and remove those tags later.
remove-tags-change = Change selection
remove-tags-all-missing = All of these tags are already removed.
remove-tags-choose = Select tags
remove-tags-missing = Already removed
remove-tags-last-tag-of-image = remains in the history of a tag
remove-tags-leaves = can no longer be pulled from this image stream
tags-not-restorable = { $count ->
    [one] { $count } tag cannot be restored, because no other tag refers to its image.
   *[other] { $count } tags cannot be restored, because no other tag refers to their images.
}
remove-tags-stays-under = remains under{ " " }

## Creating, editing and deleting image streams
stream-new = New image stream
stream-new-not-permitted = You don't have permission to create image streams in any project. Ask a project administrator for the role registry-editor.
stream-edit = Edit
stream-edit-title = Edit image stream { $stream }
stream-edit-not-permitted = You don't have permission to change this image stream. Ask a project administrator for the role registry-editor.
stream-import = Import now
stream-import-title = Import { $what } now
stream-import-explanation = The cluster checks every source again and imports new images. Unchanged tags keep their images.
import-not-permitted = You don't have permission to import images here. Ask a project administrator for the role registry-editor.
import-last = Last import
stream-import-all-of = All tags
stream-delete-link = Delete image stream…
stream-delete = Delete image stream
stream-delete-title = Delete image stream { $stream }?
stream-delete-tags = { $count ->
    [0] It has no tags.
    [one] Its { $count } tag, with its history:
   *[other] Its { $count } tags, with their histories:
}
stream-delete-images = { $count ->
    [0] No image is affected.
    [one] { $count } image can no longer be pulled from this image stream.
   *[other] { $count } images can no longer be pulled from this image stream.
}
stream-delete-keeps = Images that other image streams have too can still be pulled there. The data of all images stays in the registry until an administrator prunes it.
stream-create = Create
stream-save = Save
stream-preview = Check source
stream-source = Image source
stream-source-none = Push only
stream-source-none-hint = Images are pushed. Nothing is imported.
stream-source-all = All tags of a remote repository
stream-source-all-hint = Each import also adds new tags of the repository.
stream-source-tags = Selected tags
stream-source-tags-hint = Choose the source and the import policy of each tag.
stream-repository = Remote repository
stream-repository-hint = For example: registry.example.com/team/app, without a tag.
stream-insecure = Skip TLS verification (insecure)
stream-tags = Tags to track
stream-tags-hint = One repository and its tags on a line: registry.example.com/team/app 1.0, 2.0. Or one tag on a line with its own source, and optionally the words scheduled, insecure, local, and reference: 1.0 registry.example.com/team/app:1.0 scheduled
stream-tags-modes-hint = One repository and its tags on a line: registry.example.com/team/app 1.0, 2.0. Or one tag on a line with its own source, and optionally the words scheduled, insecure, local, reference, and PreserveOriginal or Legacy: 1.0 registry.example.com/team/app:1.0 scheduled
stream-invalid-project = There is no project with this name.
stream-invalid-repository = This is not a valid repository name. It contains lowercase letters, digits, periods, hyphens, and slashes, and can start with a registry host.
stream-repository-missing = Enter the repository to import from.
stream-repository-tagged = Remove the tag or digest: { $repository }. Select the tags to import separately.
stream-repository-scheme = Remove the part before the host, such as https://.
stream-repository-blank = A repository name contains no spaces.
stream-tags-none = List at least one tag.
stream-tags-name = “{ $text }”: { $fault }
stream-tags-source = “{ $text }” is not a valid image name. Use the form registry.example.com/team/app:1.0.
stream-tags-word = “{ $text }” is not allowed after a source. The allowed words are: scheduled, insecure, local, reference.
stream-tags-twice = The tag “{ $text }” is listed twice.
stream-tags-no-source = “{ $text }” has no source. Enter the remote repository, or write the source after the tag.
stream-invalid-source = Select the image source.
stream-stale-hint = The image stream was changed after you opened this page, and your changes were not saved. Compare them with the current state. If you send the form again, your changes replace it.
stream-untracked-tags = { $count ->
    [one] { $count } tag will stop tracking its source
   *[other] { $count } tags will stop tracking their sources
}
stream-untracked-tags-hint = They keep their images and are no longer updated. A tag without an image is removed. Nothing has been changed yet: to make the change, send the form again.
stream-untracked-tags-save = Save and stop tracking
stream-created = The image stream { $stream } was created.
stream-mode-not-imported = { $done } Its repository was not imported with the selected import mode: { $said }
stream-changed = The image stream { $stream } was saved.
stream-deleted = The image stream { $stream } was deleted.
stream-preview-title = Tags in the source
stream-preview-empty = There is nothing to import.
stream-whole-repository = Repository
stream-result-found = Found
stream-result-imported = Imported
stream-result-failed = Failed
stream-result-not-looked-at = Available; not checked
stream-result-no-source = No tag here is imported from another registry.
## A project without its access policy
project-unfinished = { $project } was created without its access policy
project-unfinished-hint = The project exists. Its access policy was not set, or this is not confirmed. Send the form below to finish. You can safely send it twice.
project-unfinished-done = The project { $project } exists, and you are its administrator.
steps-completed = Completed
steps-remaining = Remaining
project-finish = Set access policy

## Search

search = Search
search-box = Search images, tags, and digests
search-found = Search results
search-count = { $count ->
    [one] { $count } result
   *[other] { $count } results
}
search-images = Images by digest
search-all = Show all
search-all-kinds = Show all kinds
search-similar-title = No exact match. Similar names:
search-nothing = No match for “{ $text }” in the names, digests, and labels that you can view.
search-nothing-digest = Search finds the digests of manifests. The digests of configs and layers are shown only on the page of an image.
search-nothing-docker-id = This is an image ID of Docker: the digest of the image's config, not of its manifest. Neither the API server nor the registry can find an image by it. Search for the image that the container specifies instead.
search-nothing-in-stream = No tag of the image stream points to this image or has pointed to it. It might be the image of a single platform.
search-open-by-digest = Open the image by its digest
search-former-tag = formerly:{ " " }
## Users and groups
users = Users
user = User
groups = Groups
group = Group
identity = Identity
identity-add = Add identity
identities = Identities
full-name = Full name
about-user = User details
filter-users = Name, identity, or group
filter-groups = Name or member
filter-members = Member name
count-users = { $count ->
    [one] { $count } user
   *[other] { $count } users
}
count-groups = { $count ->
    [one] { $count } group
   *[other] { $count } groups
}
nothing-found-users = No match for “{ $text }” in the names, identities, and groups of users.
nothing-found-groups = No match for “{ $text }” in the names and members of groups.
no-group-title = No groups
no-group-explanation = Use a group to give several users the same roles.
group-synced-short = From directory
group-synced = This group is synchronized from a directory (LDAP)
group-synced-hint = Changes made here are overwritten by the next synchronization (oc adm groups sync).
group-empty = This group has no members.
no-groups-of-user = Not a member of a group.
no-roles = No roles in projects that you can view.
identities-none = None: no one can sign in as this user.
roles-in-projects = Roles in projects
role-through = Source
role-direct = Direct
role-give = Add to project
role-given = { $name } now has the role { $role } in { $project }.
group-join = Add to group
group-missing = Enter a group name.
group-joined = Added to group { $group }: { $user }.
group-left = Removed from group { $group }: { $user }.
group-add-hint = The names of users, who need not exist yet.
user-name = User name
user-name-add = Add user name
group-members-hint = Optional. The names of users, who need not exist yet.
new-user = New user
new-user-explanation = Users are created when they first sign in. Create a user in advance to assign roles, or if the identity provider does not allow new users.
create-user = Create user
user-created = The user { $user } was created.
user-changed = The user { $user } was saved.
identities-hint = Optional. The user's names at identity providers, as provider:name. Each identity is created in the cluster and mapped to this user only.
identity-invalid = { $identity } is not a valid identity. Use the form provider:name.
identity-taken = The identity { $identity } is mapped to another user.
new-user-name-rule = Only letters, digits, spaces, and - , = @ . _ : are allowed; starts and ends with a letter or digit.
new-user-name-taken = The name { $name } is already in use.
new-group = New group
create-group = Create group
group-created = The group { $group } was created.
group-deleted = The group { $group } was deleted.
user-deleted = The user { $user } was deleted.
delete-user = Delete user
delete-user-removes = The user { $user } and all of their tokens
delete-user-group = Membership in group{ " " }
delete-user-role = Role in{ " " }
delete-user-keeps = Projects, image streams, and images that the user created.
delete-keeps-unmanaged-role = This role binding, which the console does not manage, still contains the name:{ " " }
delete-user-identities = While the cluster still has an identity of a deleted user, no one can sign in with it. After the identity is deleted, a new sign-in creates a new user if the identity provider allows it.
delete-user-forget = Also delete the identities
delete-own-user-hint = This ends your session, and you might not be able to sign in again.
delete-own-user-confirm = I want to delete my own user.
delete-own-user-unconfirmed = Select this checkbox to delete your own user.
delete-group = Delete group
delete-group-removes = { $count ->
    [0] The group. It has no members.
    [one] The group. Its { $count } member loses the roles that come only from the group.
   *[other] The group. Its { $count } members lose the roles that come only from the group.
}
delete-group-role = Role of the group in{ " " }
delete-group-keeps = The users, and their roles from other groups and direct role bindings.
leave-group = Remove from group
leave-group-removes = { $user } will be removed from the group { $group }.
leave-group-role = Role from the group in{ " " }
leave-group-keeps = Roles from other groups and direct role bindings.
users-and-groups-not-permitted = You don't have permission to do this. Ask a cluster administrator for the role cluster-admin.
users-and-groups-change-not-allowed-hint = Nothing was changed. This requires a cluster role. Ask a cluster administrator.
users-and-groups-change-unfinished = Some of the steps are completed, as listed below. Send the form again to continue. Completed steps are not repeated.
step-create-user = Create user { $user }
step-save-user = Save full name of { $user }
step-attach-identity = Map identity { $identity } to { $user }
step-detach-identity = Remove identity { $identity } from { $user }
step-leave-group = Remove { $user } from group { $group }
step-lose-role = Remove { $name } from role { $role } in { $project }
step-delete-identity = Delete identity { $identity }
step-delete-user = Delete user { $user }
step-delete-group = Delete group { $group }
no-such-user = The user “{ $name }” does not exist.
no-such-group = The group “{ $name }” does not exist.
no-such-user-or-group-hint = Check the name. Roles and groups can contain names that do not exist in the cluster yet.
error-forbidden-users = You need permission to read the users of the cluster to view this page.
error-forbidden-groups = You need permission to read the groups of the cluster to view this page.
error-forbidden-users-and-groups-hint = You don't need this permission to assign roles in your own projects: use the page of the project. Otherwise, ask a cluster administrator.
## Connecting a registry client, and credentials

connect-all = Connection options
connect-host-unknown = The console has no external host name for the registry, so the commands contain REGISTRY instead. A cluster administrator must expose the registry and set its host name in the console.
connect-expose = Expose the registry: OpenShift { $version }
connect-expose-administrators-only = for administrators
connect-token = Your token
connect-token-explanation = The commands with oc take the token from oc. If you don't have oc, show the token and paste it.
connect-token-oc = This console does not show tokens. The commands with oc take yours from oc, and this command prints it.
token-show = Show token
token-title = Your token
token-is-you = Anyone with this token can act as you
token-is-you-hint = Paste it only into a program that you trust. For machines, create a service account token in a project.
token-works-until = Expires
token-ends-with = It expires earlier if you sign out of this console, or if the cluster has an inactivity timeout for tokens.
token-ends-oidc = It comes from the identity provider and lasts only for a short time. Signing out does not revoke it. This page shows a newer one when the console has renewed it; for a longer time, use a service account token.
time-remaining = { $left } left
connect-sign-in-oc = Sign in with oc
connect-oc-login = The command oc whoami -t needs a login with oc. Get the login command from { $page }, or from Copy login command in the user menu of the OpenShift web console.
connect-oc-login-page = the OAuth server
connect-oc-login-unknown = The command oc whoami -t needs a login with oc. Get the login command from Copy login command in the user menu of the OpenShift web console.
connect-sign-in-oc-registry = Sign in with Podman, Skopeo, and Buildah at once (oc 4)
connect-sign-in-oc-registry-note = This command takes the token from oc, checks it at the registry, and writes it to the file that these clients read. If this machine does not trust the registry's certificate, add --skip-check: the token is then written without a check. For Docker, add --to="$HOME/.docker/config.json".
connect-sign-in-paste = Sign in with a token: paste it and press Enter (bash, zsh)
connect-copy = Copy from another registry
connect-sign-out = Sign out of the registry
connect-helm = The registry of OpenShift 4 stores charts. The registry of OpenShift 3 rejects them.
connect-kubernetes = Kubernetes: pull secrets
connect-kubernetes-explanation = Your own token expires with your session, and pods could no longer pull. Create a service account token in the project, download it as a pull secret, and apply it where the pods run. The secret in the file is named after the service account, for example ci-pull. Replace registry-login below with that name.
connect-secret-file = Create the secret from the file
connect-secret = Create the secret with a token that you paste
connect-pull-secret-link = Use it for every pod of a namespace
connect-pull-secret-pod = Or use it in a single pod
connect-credentials = Machines and CI
connect-credentials-explanation = Use a service account token for CI and other machines. It can access only this project's images.
connect-credentials-choose-project = Select a project in step 3 to create one.
connect-credentials-not-allowed = You don't have permission to create tokens in this project. Ask a project administrator for the role admin.
connect-trust = Trust the registry's certificate
connect-trust-explanation = If a client reports "x509: certificate signed by unknown authority", install this CA certificate.
trust-file = Write this to { $path }:
trust-docker-note = Docker uses it immediately. The directory has the name of the registry, with its port if it has one.
trust-podman-note = Use the second command for rootless Podman.
trust-containerd-note = In /etc/containerd/config.toml, config_path of the registry must be /etc/containerd/certs.d. Containerd reads the files there at each pull.
trust-crio-note = For a single node. CRI-O uses it immediately.
trust-openshift-note = All nodes, builds, and imports will trust it. The first command prints the name of the current ConfigMap. If it prints nothing, run the second and third commands. If it prints a name, run only the last command, with that name in place of CONFIGMAP: a different ConfigMap would remove the certificate authorities that other registries need.
trust-system-note = Programs read it when they start: restart Docker or containerd.
trust-macos-note = Docker Desktop reads the keychain when it starts: the second command restarts it.
trust-windows-note = Run one of the commands as an administrator. Then restart Docker Desktop from its menu.
credentials = Credentials
credentials-of-project = Service account tokens of { $project }
credentials-empty = No tokens yet
credentials-empty-hint = Create one for a machine that pulls or pushes images of this project.
credentials-back = Back to tokens
credential-name = Name
credential-name-rule = The name of the service account, for example ci. Lowercase letters, digits, hyphens, and periods; no more than 63 characters; starts and ends with a letter or digit.
credential-name-taken = The service account { $name } already exists. If it is in the list, finish or revoke it there. Otherwise choose another name.
credential-right = Permissions
credential-right-required = Select the permissions.
credential-right-pull = Pull images of this project
credential-right-push = Pull, and push to existing image streams
credential-right-create = Pull and push, and create image streams
credential-lifetime = Expires
credential-lifetime-required = Select when the token expires.
credential-lifetime-unlimited = Never – until revoked
credential-lifetime-unlimited-hint = For unattended machines whose token cannot be renewed.
credential-lifetime-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
credential-lifetime-days-hint = Create a new token before this one expires. The cluster can set an earlier expiration.
credential-finish = Finish
credential-show-token = Show token
credential-new-token = New token
credential-revoke = Revoke
credential-without-right = unfinished: no permissions yet
credential-create = Create token
credential-not-allowed = You don't have permission to create or revoke tokens. Ask a project administrator for the role admin.
credential-created-title = Token for service account { $name }
credential-created-copy-now = Copy the token now
credential-created-copy-now-hint = This page is shown only once. If you lose the token, show it again from the list, or revoke it.
credential-created-copy-now-hint-expiring = This page is shown only once, and the token cannot be shown again. If you lose it, create a new token from the list. The lost token is valid until it expires or the service account is revoked.
credential-created-unlimited = Valid until it is revoked. It does not expire.
credential-created-user = User name
credential-created-token = Password (token)
credential-created-docker-config = Configuration file
credential-created-docker-config-explanation = The content of ~/.docker/config.json, or of the file in REGISTRY_AUTH_FILE.
credential-created-pull-secret = Kubernetes
credential-created-pull-secret-explanation = A pull secret. Apply it in the namespace of the pods that pull.
download-file = Download { $file }
download-csv = Download as CSV
credential-unfinished-title = Token of { $name } is unfinished
credential-unfinished-hint = Some of its steps are completed, or this is not confirmed. Finish it (you can safely do this twice), or revoke it.
credential-unfinished-no-expiring-tokens = This cluster issues no tokens that expire. Revoke this one, and create one that never expires.
credential-step-account = Service account { $name }
credential-step-role = Role { $role }
credential-step-token = Token
revoke-credential-title = Revoke tokens of { $name } in { $project }
revoke-credential-removes-account = The service account with its tokens. Machines that use it can no longer sign in after two minutes at most.
revoke-credential-account-missing = The service account is already deleted. Roles of the project still contain its name.
revoke-credential-removes-role = Role
revoke-credential-keeps = Images that it pushed, and other service accounts. Pull secrets that were created from the token are not deleted, but no longer work.
credential-revoked-role-remains = The token is revoked: no one can sign in with it. A role of the project still contains its name. Select the button again to remove it. For { $name }, nothing else is changed.
credential-revoked = The tokens of { $name } were revoked.
time-remaining-moments = less than a minute
time-remaining-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
time-remaining-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
time-remaining-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
authority-known = The registry's certificate is issued by this certificate authority:{ " " }
authority-wrong-name = This is not sufficient: the registry's certificate is for a different name than the one in the commands.
authority-expired = This is not sufficient: a certificate of the registry has expired.
authority-public = Most machines need no change. The registry's certificate is issued by a certificate authority that this machine trusts by default:{ " " }
authority-none = There is no CA certificate to download
authority-unknown = No certificate authority of this console issued the registry's certificate
authority-unknown-hint = The console does not offer a CA certificate that it cannot verify. Ask the cluster administrator for the CA certificate. If they set REGISTRY_CA_FILE to a file with it, this page offers it.
authority-only-itself = The registry's certificate is self-signed
authority-only-itself-hint = It is not offered as a CA certificate. Ask the cluster administrator for a certificate that is signed by a certificate authority.
authority-shown = Certificate that the registry presented, not verified:
authority-not-seen = The registry's certificate could not be read
authority-no-tls = The server at this address does not use TLS.
authority-tls-alert = The server at this address ended the TLS handshake with the alert “{ $alert }”.
authority-no-name = The console cannot resolve the host name of the registry.
authority-no-connection = The console cannot connect to this address.
authority-late = The registry did not respond in time.
authority-no-host = The console has no external host name for the registry (REGISTRY_HOST), so it cannot find the issuer of its certificate.
authority-fetch = Download and verify it
authority-compare = The first command does not verify the console's own certificate, which curl might not trust. The second command therefore checks the file: it prints the fingerprint above, or deletes the file. If it prints nothing, do not use the file.
## The doctor
doctor = Diagnostics
doctor-link-text = Diagnostics
doctor-intro = Checks of the console, sign-in, the API server, and the registry. Results that are the same for all users are cached for up to 30 seconds.
doctor-all-good = No problems found.
doctor-failures = { $count ->
    [one] { $count } check failed
   *[other] { $count } checks failed
}
doctor-warnings = { $count ->
    [one] { $count } warning
   *[other] { $count } warnings
}
doctor-impact = Impact
doctor-remediation = How to fix
doctor-details = Details
doctor-terminal = CLI equivalent, in a terminal of the console's pod or anywhere with its environment variables:
doctor-configuration-wrong = A setting is not valid.
doctor-address-configured = The address of the console is configured.
doctor-address-from-host = The console takes its address from the Host header of browsers.
doctor-address-unknown = The address of the console is not configured (COCKPIT_KUBE_URL). Only browsers send it.
doctor-address-plain = Users reach the console without TLS.
doctor-redirect-registered = The OAuth client exists, and sign-ins can return to this address.
doctor-client-missing = There is no OAuth client with this name, or it has no redirect URIs.
doctor-redirect-not-registered = The OAuth client exists, but sign-ins cannot return to this address: none of its redirect URIs matches.
doctor-sign-in-not-tried = The OAuth server's response does not show whether a sign-in can start.
doctor-secret-not-tried = The client secret can be checked only when a user signs in.
doctor-secret-worked = The client secret was correct when you signed in.
doctor-flow-code = Users sign in with the authorization code flow and PKCE.
doctor-flow-implicit = Users sign in with the implicit flow, as with the old console. The token is part of a page address, and Chromium saves that address in its history database on disk. The authorization code flow is safer. OAUTH_IMPLICIT_FLOW=off disables the implicit flow.
doctor-flow-disabled = No one can sign in: OAUTH_IMPLICIT_FLOW is off, and the console does not have the secret of its OAuth client, which the authorization code flow needs.
doctor-uris-cover = A registered redirect URI matches this address.
doctor-uris-wide = A registered redirect URI matches this address, but it covers more than the path that sign-ins return to. With a narrower URI, fewer pages could receive a code or token.
doctor-uris-lack = No registered redirect URI matches this address.
doctor-uris-not-allowed = You don't have permission to read the OAuth client, so its redirect URIs are not shown.
doctor-route-fits = A route has this host.
doctor-route-lacks = No route has the console's host.
doctor-route-not-allowed = You don't have permission to read routes, so they are not shown.
doctor-discovered = The API server provides the address of the OAuth server.
doctor-discovery-missing = The API server does not provide the address of the OAuth server. The configured address is used.
doctor-no-oauth-server = The cluster has no OAuth server: users sign in through an external identity provider (OpenID Connect), which is not configured here. Set OIDC_ISSUER_URL and OIDC_CLIENT_ID, and unset OPENSHIFT_OAUTH_PROVIDER_URL. Until then no one can sign in, and programs can use /api/v1 with a bearer token.
doctor-discovery-unreadable = The API server's data about the OAuth server is not valid.
doctor-discovery-plain = The API server names an OAuth server without TLS. Such an address is not used.
doctor-oidc-discovered = The OIDC provider describes itself, and its issuer is the configured one.
doctor-oidc-unreadable = The OIDC provider has no valid discovery document below OIDC_ISSUER_URL.
doctor-oidc-issuer-differs = The issuer in the provider's discovery document is not OIDC_ISSUER_URL. Both must be the same text, with or without a slash at the end, and the same as in the cluster's Authentication.
doctor-oidc-no-code-flow = The OIDC provider does not support the authorization code flow.
doctor-oidc-pkce-missing = The OIDC provider does not support PKCE with S256.
doctor-oidc-keys-usable = The OIDC provider publishes keys with which ID tokens can be verified.
doctor-oidc-keys-missing = The OIDC provider publishes no key with which ID tokens can be verified.
doctor-oidc-client-not-tried = Only a sign-in shows whether the OIDC provider knows the client and this redirect URI.
doctor-oidc-client-worked = The client, its secret and its redirect URI were correct when you signed in.
doctor-pkce-missing = The OAuth server does not support PKCE with S256.
doctor-tls-trusted = The certificate of { $who } is trusted.
doctor-tls-expires-soon = The certificate of { $who } is trusted, but expires within 30 days.
doctor-tls-anybody = The certificate of { $who } is not verified (KUBERNETES_INSECURE).
doctor-tls-unknown-authority = The certificate of { $who } is not issued by a certificate authority that the console trusts.
doctor-tls-authority-renewed = The console trusts an older certificate authority of the same name: the certificate authority of { $who } was renewed.
doctor-tls-expired = A certificate of { $who } has expired.
doctor-tls-not-yet-valid = A certificate of { $who } is not yet valid.
doctor-tls-wrong-name = The certificate of { $who } is for different names.
doctor-tls-unusable = The certificate of { $who } is not usable.
doctor-tls-issuer-missing = The certificate of { $who } was issued by a certificate authority whose own certificate is missing: the server does not send it, and the console does not trust it. Either an intermediate certificate is missing on the server, or the certificate authority is missing in the setting.
doctor-tls-no-names = The certificate of { $who } has no host name: it has no subjectAltName, and the common name is not used.
doctor-tls-old-version = The certificate of { $who } is of version 1 (or 2), which cannot contain a host name in subjectAltName. Version 3 is required.
doctor-tls-weak-key = The RSA key of the certificate of { $who } is shorter than 2048 bits.
doctor-tls-weak-signature = A certificate of { $who } is signed with SHA-1 or MD5, which can be forged. SHA-256 is required.
doctor-tls-authority-as-server = The certificate of { $who } is a CA certificate (CA:TRUE). It is trusted only if the setting contains this exact certificate.
doctor-tls-not-for-servers = The certificate of { $who } is not valid for servers: its extended key usage does not include serverAuth.
doctor-tls-plain = The connection to { $who } does not use TLS.
doctor-tls-own-authority = The certificate of { $who } is issued by a certificate authority that machines do not trust by default.
doctor-no-such-name = The host name of { $who } cannot be resolved.
doctor-no-connection = { $who } does not accept connections.
doctor-no-tls = { $who } does not use TLS at this address.
doctor-tls-alert = { $who } ended the TLS handshake with an alert and presented no certificate.
doctor-old-tls = { $who } uses TLS, but not TLS 1.2 or later with a cipher suite that the console accepts.
doctor-late = { $who } did not respond in time.
doctor-not-reached = { $who } could not be reached.
doctor-clock-right = The clocks of the console and of { $who } are in sync.
doctor-clock-off = The clocks of the console and of { $who } differ by more than a minute.
doctor-clock-far-off = The clocks of the console and of { $who } differ by more than five minutes.
doctor-clock-unknown = { $who } did not send its time.
doctor-registry-answers = The registry responds and requires a token.
doctor-registry-is-none = The server at the address of { $who } is not a registry.
doctor-registry-foreign = The registry at the address of { $who } is not the integrated registry of OpenShift.
doctor-registry-absent = The cluster has no integrated registry: image streams have no repository in one (status.dockerImageRepository), and there is no registry at REGISTRY_URL.
doctor-registry-alone = The registry responds, but cannot reach the API server to check permissions.
doctor-public-host-unset = The external host name of the registry is not configured (REGISTRY_HOST).
doctor-public-host-serves = The registry responds at its public address.
doctor-token-accepted = The API server accepts your token.
doctor-user-api-missing = The API server does not serve user.openshift.io, so the user of this token is not known. This is the case on clusters with an external identity provider.
doctor-token-refused = The API server rejects the token.
doctor-token-not-given = Nothing was checked as a user: there is no token.
doctor-token-on-command-line = The token is visible in the list of processes, where others can read it. Use --token-file instead (- is standard input).
doctor-registry-accepts = The registry accepts the same token as the API server.
doctor-oci-pull-works = An OCI client can pull from the registry at its public address with your token.
doctor-oci-pull-not-tried = Pulling with an OCI client from the registry's public address was not checked: there is no image that you can pull, or no integrated registry with a verified certificate at that address.
doctor-oci-pull-denied = The registry denies access to an OCI client at its public address, although your token can pull the image. A proxy in front of the registry might remove the Authorization header, or the registry cannot review tokens.
doctor-oci-pull-not-found = The registry at its public address does not have an image that the API server lists. REGISTRY_HOST might be the registry of another cluster, or the registry has lost the image.
doctor-oci-pull-failed = An OCI client cannot pull from the registry at its public address.
doctor-blobs-in-registry = The registry serves its blobs directly.
doctor-blobs-in-storage = The registry redirects to object storage for its blobs, and the console can read them.
doctor-blobs-not-tried = It is not known whether the registry redirects to object storage: there is no image to check that you can view.
doctor-storage-off = The registry redirects to object storage for its blobs, and REGISTRY_BLOB_REDIRECTS is off. Images are shown without configuration and history.
doctor-storage-unknown-authority = The registry redirects to object storage for its blobs. The storage's certificate is signed by a certificate authority that the console does not trust. Set REGISTRY_BLOB_CA_FILE to a file with that authority.
doctor-storage-untrusted = The registry redirects to object storage for its blobs. The storage's certificate has expired, is for a different name, or cannot be verified.
doctor-storage-not-secure = The registry redirects to object storage for its blobs. No secure connection to the storage could be established.
doctor-storage-unreachable = The registry redirects to object storage for its blobs. The console cannot reach the storage. Allow the connection, or set REGISTRY_BLOB_REDIRECTS to off.
doctor-storage-refused = The registry redirects to object storage for its blobs. The console cannot read them.
doctor-registry-refuses = The registry rejects a token that the API server accepts.
doctor-account-absent = The console has no service account token, so it cannot keep an index.
doctor-account-may-index = The console's service account can list and watch image streams.
doctor-account-may-not-index = The console's service account cannot list and watch image streams. Only an index needs this.
doctor-account-refused = The API server rejects the token of the console's service account.
doctor-apis-served = The API server serves all APIs that the console needs.
doctor-api-unavailable = The API server cannot currently serve an API that the console needs.
doctor-api-not-served = The API server does not serve an API that the console needs.
doctor-index-ready = The index of image streams is up to date.
doctor-index-starting = The index of image streams is being loaded.
doctor-index-stale = The index of image streams is not up to date. It is shown, with its age, only while the API server is not available.
doctor-workloads-indexed = The workloads in the index are up to date.
doctor-workloads-starting = The workloads in the index are being loaded.
doctor-workloads-not-indexed = Workloads of some kinds are not in the index. What uses an image is read from the API server instead, with each user's own token.
doctor-sizes-indexed = The sizes of all images are in the index.
doctor-sizes-behind = The sizes of images are being read into the index. Pages about space read what is missing with each user's own token.
doctor-sizes-incomplete = The sizes of some image streams are not in the index: they do not fit into its memory, or the API server cannot send them. Pages about space read them with each user's own token.
doctor-sizes-not-served = INDEX_SIZES has no effect: this version of OpenShift does not serve imagestreams/layers (3.11 and 4 do). Pages about space read the sizes with each user's own token.
doctor-sizes-not-read = The sizes of images cannot be read into the index at present. Pages about space read them with each user's own token.
doctor-storage-configured = The registry's configuration says where it stores images.
doctor-storage-temporary = The registry stores images in a directory of its pod (emptyDir): all of them are lost when the pod is replaced. Configure a volume claim or object storage.
doctor-certificate-good = The console's own certificate is valid, and matches its address if the address is known.
doctor-certificate-made = The console created its own certificate at startup. Browsers do not trust it, and each restart creates a new one.
doctor-certificate-of-service = The console's own certificate is that of its Service, issued by the cluster's service CA. It is suitable for a re-encrypt route, but browsers do not trust it through a passthrough route.
doctor-certificate-expires-soon = The console's own certificate expires within 30 days.
doctor-certificate-other-name = The console's own certificate is for a different name than its address.
doctor-certificate-expired = The console's own certificate has expired.
doctor-certificate-not-yet-valid = The console's own certificate is not yet valid.
doctor-certificate-unusable = The console's own certificate is not usable. A running console continues with the last usable certificate.
doctor-index-off = There is no index of image streams (INDEX is off or not set).
doctor-index-token-missing = There is no index of image streams: INDEX is auto, and there is no service account token.
doctor-index-elsewhere = An index of image streams is configured. See its state on the page /doctor of the running console, or in the metric registry_console_index_state.
doctor-version-three = The cluster is OpenShift 3.
doctor-version-four = The cluster is OpenShift 4 or later.
doctor-version-unknown = The API server did not return the OpenShift version.
doctor-key-shared = The session key comes from the configuration, so restarts and replicas share it.
doctor-key-own = The session key was created when the console started.
doctor-impact-start = The console does not start.
doctor-impact-everything = No one can sign in or view anything.
doctor-impact-sign-in = No one can sign in from a browser.
doctor-impact-images = Pages of images lack the data that only the registry has.
doctor-impact-api = Pages and changes that need this API do not work. Without user.openshift.io, no one can sign in.
doctor-impact-pull-and-push = Images cannot be pulled or pushed from outside the cluster.
doctor-impact-commands = Commands on the pages contain REGISTRY instead of the host.
doctor-impact-secrecy = An attacker on the network can read or take tokens.
doctor-impact-sessions = Each restart signs out all users. With several replicas, users are signed out again and again.
doctor-impact-index = Long lists are loaded again for each page.
doctor-impact-soon = After that, connections fail.
doctor-impact-browsers = Browsers show a warning or block the page, unless a route presents its own certificate. A re-encrypt route might reject the console.
doctor-impact-browsers-soon = After that, browsers block the page, unless a route presents its own certificate.
doctor-impact-skew = Sessions, tokens, and certificates might be treated as expired or not yet valid.
doctor-impact-own-certificates = Add this certificate authority to docker and podman before you sign in.
doctor-impact-certainty = There might be a problem that was not checked.
doctor-impact-own-look = Nothing could be checked as this user. The checks of the servers are not affected.
doctor-impact-own-images = This user cannot view the data that only the registry has, and cannot pull or push.
doctor-fact-address = Address
doctor-fact-setting = Setting
doctor-fact-client = OAuth client
doctor-fact-redirect-uri = Redirect URI sent
doctor-fact-registered = Registered redirect URI
doctor-fact-route = Route
doctor-fact-issuer = Issuer
doctor-fact-authorize = Sign-in address
doctor-fact-token = Token address
doctor-fact-pkce = PKCE methods
doctor-fact-certificate = Certificate
doctor-fact-issued = Issued by
doctor-fact-names = Names
doctor-fact-valid-from = Valid from
doctor-fact-valid-until = Valid until
doctor-fact-fingerprint = SHA-256
doctor-fact-sent-along = Sent with it
doctor-fact-vouched-by = Trusted through
doctor-fact-system = Machines trust
doctor-fact-reached = Reached at
doctor-fact-own-clock = Console's clock
doctor-fact-their-clock = Server's clock
doctor-fact-off = Difference
doctor-fact-challenge = Requires
doctor-fact-storage = Object storage
doctor-fact-realm = Tokens from
doctor-fact-user = User
doctor-fact-kubernetes = Kubernetes
doctor-fact-problem = Problem
doctor-fact-project = Project
doctor-fact-api-group = API group
doctor-fact-account = Account
doctor-fact-image = Image
doctor-fact-digest = Digest
doctor-fact-since = Since
doctor-fact-images = Images in memory
doctor-fact-waiting-streams = Image streams that wait
doctor-fact-unread-streams = Image streams that are not read
doctor-fact-storage-type = Storage
doctor-fact-storage-name = Name of the storage
doctor-fact-storage-size = Size of the volume claim
doctor-state-ok = OK
doctor-state-note = Note
doctor-state-unknown = Unknown
doctor-state-warning = Warning
doctor-state-failure = Failure
doctor-component-console = Console
doctor-component-sign-in = Sign-in
doctor-component-api-server = API server
doctor-component-registry = Registry (internal)
doctor-component-public-registry = Registry (external)
doctor-component-user = You
doctor-component-in-sentence-console = the console
doctor-component-in-sentence-oauth = the OAuth server
doctor-component-in-sentence-oidc = the OIDC provider
doctor-component-in-sentence-api-server = the API server
doctor-component-in-sentence-registry = the registry
doctor-component-in-sentence-public-registry = REGISTRY_HOST
doctor-component-in-sentence-user = the server

## Pages of an image stream

page-size = Entries per page
page-size-unit = per page
stream-image-count = { $count ->
    [one] { $count } image
   *[other] { $count } images
}
stream-images-of-history = { $count ->
    [one] { $count } image, current or earlier
   *[other] { $count } images, current and earlier
}
of-one-tag = of { $tag }
pull-client = Client
pull-by = Identify the image by
pull-by-digest-meaning = A digest always pulls the same image.
pull-command = Pull command
pull-show = Show command
stream-copy-pull = Copy pull
stream-copy-pull-digest = Copy pull command by digest
timeline = Timeline of the tags
timeline-other-tags = other tags
timeline-changes = { $count ->
    [one] { $count } change
   *[other] { $count } changes
}
timeline-last = last { $when }
timeline-moved-back = moved back to an earlier image
timeline-older = { $count ->
    [one] { $count } older change
   *[other] { $count } older changes
}
stream-select-two-tags = Select two tags to compare
stream-remove-selected = Remove…
stream-tag-actions = Actions for { $tag }
history-compare = Compare with previous
stream-same-image = Same image as{ " " }
history-of-all = All tags
history-times-in-utc = Times are in UTC
history-open-tag = Open tag { $tag }
history-none = No tag has pointed to an image yet
history-pushed = pushed
history-imported = imported
history-moved = moved to existing image
history-moved-back = moved back to earlier image
stream-local-lookup-on = Enabled
stream-local-lookup-off = Disabled
stream-public-meaning = For clients outside the cluster.
stream-internal-meaning = For pods and builds in the cluster.
stream-local-lookup-meaning = Pods in this project can use { $stream } instead of the full pull spec (lookupPolicy.local).
stream-tracks-meaning = The cluster imports every tag of this repository.
stream-imported-tags = Imported tags
stream-imported-meaning = Tags that track an image in another registry.
stream-scheduled-tags = { $count } of them on a schedule
stream-edit-sources = Edit sources
stream-edit-texts = Edit annotations and labels
stream-edit-lookup = Edit local lookup
stream-texts = Annotations and labels
stream-imports-nothing = Nothing is imported: images are pushed to this image stream.
stream-labels-meaning = To find image streams by label, search for key=value.
stream-delete-meaning = This deletes all tags of the image stream. Its images can no longer be pulled from it.
access-check = Check access
access-manage = Manage project access
compare-title = Compare { $from } with { $to } · { $stream }
compare-title-none = Compare images of { $stream }
compare-from = From
compare-to = To
compare-tag-now = { $tag } (now)
compare-tag-then = { $tag } ({ $when })
compare-name-hint = A tag, a digest, or project/stream:tag for another image stream.
compare-absent = There is no image of this name.
compare-no-tag = The image stream { $stream } has no tag { $tag }.
compare-no-image-yet = The tag { $tag } of { $stream } has no image: it was never imported, or its imports fail.
compare-no-tag-or-image = The image stream { $stream } has no tag { $tag }, or the tag has no image.
compare-no-image = The image stream { $stream } has no image { $digest }.
compare-name-invalid = This does not name an image. Enter a tag, a digest, or project/stream:tag.
compare-with = Compare with…
compare-with-previous = Compare with previous image
compare-swap = Swap
compare-too-many = { $count } tags were selected
compare-too-many-text = Two images can be compared at a time. These are the first two.
compare-one-image = Nothing to compare yet
compare-one-image-text = The tags of this image stream have pointed to fewer than two different images. You can still compare with an image of another image stream: enter its name above.
compare-choose = Enter two images to compare.
compare-same = Both names refer to the same image
compare-same-text = The digests are equal, so the content is identical.
compare-not-images = These cannot be compared in detail
compare-not-images-text = Only images have layers and a configuration. At least one of the two is an artifact, such as a Helm chart or a signature.
compare-no-platform = The images have no platform in common
compare-no-platform-text = Select a platform of the image index above to compare it anyway.
compare-platform-digest = Digest for this platform
compare-no-differences = No differences
compare-no-differences-text = Layers, configuration, and build steps are the same. Only the manifest or data that this page does not compare differs.
compare-size-same = Same size
compare-size-unknown = Unknown
compare-layers-shared = { $count } shared
compare-layers-changed = { $removed } removed, { $added } added
compare-layers-common = In both images
compare-layers-only = Only in { $image }
compare-layers-picture = Layers of { $from } and { $to }: { $common } shared, { $removed } only in { $from }, { $added } only in { $to }
compare-no-layers = Neither image has layers.
compare-setting = Setting
compare-same-values = { $count ->
    [0] No value is the same
    [one] { $count } value is the same
   *[other] { $count } values are the same
}
compare-same-steps = { $count ->
    [0] No step is the same
    [one] { $count } step is the same
   *[other] { $count } steps are the same
}
count-differences = { $count ->
    [0] No differences
    [one] { $count } difference
   *[other] { $count } differences
}
differs-os-version = OS version
differs-annotation = Annotation
layer-number = Layer { $number }
layer-files = Layer files
layers-picture = { $count ->
    [one] Size of { $count } layer
   *[other] Sizes of { $count } layers, in the order in which they are applied
}
count-platforms = { $count ->
    [one] { $count } platform
   *[other] { $count } platforms
}
count-attestations = { $count ->
    [one] { $count } attestation
   *[other] { $count } attestations
}
chart-name = Chart
chart-version = Chart version
chart-app-version = App version
config-sets-nothing = The image sets no command, user, port, or volume.
roll-back-of = Roll back { $tag }
tag-as-of = Tag { $image } as…
tag-as-check = Preview
tag-as-new = { $tag } does not exist yet
tag-as-new-text = It will be created.
access-to = Access to { $project }
access-policy = Access policy
access-current = Current
access-policy-save = Save policy
access-own = Your access
access-only-administrators = You don't have permission to view and change access. Ask a project administrator for the role admin.
access-view-only = You don't have permission to change access. Ask a project administrator for the role admin.
access-check-explanation = Find out whether a user, group, or service account can pull and push, and through which role.
access-check-now = Check
access-cannot-pull-short = Cannot pull
access-cannot-push-short = Cannot push
access-grant-viewer = Add as viewer
access-grant-editor = Add as editor
cli-commands = CLI equivalent
member-add-now = Add
role-save = Save
role-remove = Remove role
role-unmanaged-custom = Custom role of this project. Change it with oc.
role-unmanaged-system = Role of the cluster. Change it with oc.
role-unmanaged-cluster = Not a registry role. Change it with oc or in the OpenShift console.
role-unmanaged = Change it with oc
puller-remove = Remove pull access
puller-remove-title = Remove pull access of { $other } to { $project }
connect-step-sign-in = Sign in
connect-step-push-pull = Push and pull
connect-client = Client
connect-trust-nothing = Nothing to do.
connect-trust-install = Install it for
connect-trust-on = Trust the certificate: { $system }
connect-system-podman = Podman on Linux
connect-system-docker = Docker on Linux
connect-system-mac = macOS
connect-system-windows = Windows
connect-oc-uses-podman = oc does not push or pull images itself. After oc registry login, use Podman, Skopeo, or Buildah.
connect-show-commands = Show commands
connect-other-systems = Other systems
connect-other-systems-list = Kubernetes, containerd, CRI-O, Buildah, Helm, Linux certificate stores
token-explanation = You need the token only for clients without oc.
secret-show = Reveal
secret-hide = Hide
service-account-tokens = Service account tokens
credential-each-token = { $count ->
    [one] Each token is valid for { $count } day
   *[other] Each token is valid for { $count } days
}
credential-never-expires = Never
credential-use-with = Sign in with it
## Home, activity and lists

to-home = Go to Home
today = Today
yesterday = Yesterday
totals = Totals
in-projects = in { $count ->
    [one] { $count } project
   *[other] { $count } projects
}
pushes-month = Pushes, last 30 days
pushes-today = { $count } today, without imports
pushes-figures = { $total } in total, { $today } today, without imports
pushes-chart = Pushes per day in the last 30 days: { $total } in total, at most { $most } on one day, { $today } today
tags-in-streams = in all image streams
failing-imports = Failing imports
failing-imports-note = tags whose last import failed
failing-imports-none = All imports succeeded
all-imports = All imports
what-changed = What changed
activity-range = Period
since-yesterday = Since yesterday
last-days = { $count } days
activity-title = Activity of { $project }
event-pushed = pushed
event-imported = imported
event-moved = moved
event-new-tag = new tag
event-import-failed = import failed
event-other-tags = { $count ->
    [one] and 1 more tag
   *[other] and { $count } more tags
}
changed-to = changed to
more-changes = { $count ->
    [one] { $count } more change. By project:{ " " }
   *[other] { $count } more changes. By project:{ " " }
}
nothing-changed = No changes
nothing-changed-hint = No tag was pushed, imported, or moved in this period, and no import failed.
times-in-utc = Times are in UTC.
registry-host = Registry:{ " " }
home-connect-client = Connect a client
state-filter = State
used-by-filter = Usage
state-all = All
state-all-meaning = All image streams
state-failing = Failing
state-failing-meaning = Image streams with a tag whose last import failed
state-importing = With imports
state-importing-meaning = Image streams with a tag that is imported from another registry
state-empty = No images
state-empty-meaning = Image streams without images
stream-pushed = Pushed
stream-reference-only = Reference only
stream-tracking-only = Other image streams
import-state-pending = Not imported yet
tags-unit = { $count ->
    [one] tag
   *[other] tags
}
streams-unit = { $count ->
    [one] image stream
   *[other] image streams
}
no-stream-in-filter = None of { $count ->
    [one] { $count } image stream matches
   *[other] { $count } image streams match
} the filter.
no-stream-title = No image streams
page-number = Page
page-go = Go
system-projects-show = Show { $count ->
    [one] { $count } system project
   *[other] { $count } system projects
}
system-projects-hide = Hide { $count ->
    [one] { $count } system project
   *[other] { $count } system projects
}
project-settings-title = Settings of { $project }
project-texts = Display name and description
project-texts-not-permitted = You don't have permission to change the display name and the description. Ask a project administrator for the role admin.
project-name = Name
delete-project-warning = Deletes the project with all its image streams, and the permissions of its members. This cannot be undone.
filter-project-images = Name or tag
## Imports
import-state-failing = Failing
import-state-never = Not imported
import-state-stale = Stale
import-state-importing = Importing
import-state-ok = Imported
import-state-failing-meaning = The last import failed
import-state-never-meaning = No image was imported yet, and no failure is known
import-state-stale-meaning = The tag may differ from its source
import-state-importing-meaning = The cluster is importing the image
import-state-ok-meaning = The last import succeeded
import-failure-login = Sign-in required
import-failure-not-found = Image not found
import-failure-certificate = Certificate not trusted
import-failure-without-tls = Registry without TLS
import-failure-unreachable = Registry unreachable
import-failure-not-allowed = Registry not allowed
import-failure-rate-limit = Rate limit reached
import-failure-internal = Internal error of the API server
import-side-permissions = your permissions
import-side-api-server = API server
import-side-stream = image stream
import-side-cluster = cluster configuration
import-side-pull-secret = pull secret of the project
import-side-source = source of the tag
import-side-network = network between the cluster and the registry
import-side-registry = source registry
imports-explanation = Tags that track images of other registries, in all projects that you can view
imports-summary = { $count ->
    [one] { $count } import
   *[other] { $count } imports
}
imports-summary-of = { $count } of { $all ->
    [one] { $all } import
   *[other] { $all } imports
}
imports-filter = Image stream, tag, or source
imports-registry = Registry
imports-registries = Registries
imports-all-registries = All registries
imports-more-registries = { $count ->
    [one] { $count } more registry. Use the filter to select it.
   *[other] { $count } more registries. Use the filter to select one.
}
imports-invalid-source = Invalid source
imports-state = State
imports-any-state = All
imports-count-failing = { $count } failing
imports-count-never = { $count } not imported
imports-count-stale = { $count } stale
imports-count-importing = { $count } importing
imports-count-ok = { $count } imported
imports-tag = Image stream tag
imports-imported = Last imported
imports-failing-since = Failing since
imports-policy = Import policy
imports-once = Once
imports-once-meaning = The image is imported once, and again on “Import now”.
imports-all-tags = all tags
imports-overridden = An image was pushed to the tag since
imports-stale-reason = Imported more than 30 days ago, not scheduled
imports-retry-shown = { $count ->
    [one] Import { $count } tag on this page
   *[other] Import all { $count } on this page
}
imports-retry-host = Import all { $count }
imports-none = Nothing is imported
imports-none-hint = No image stream that you can view tracks an image of another registry.
imports-none-match = { $count ->
    [one] The one import does not match the filter.
   *[other] None of the { $count } imports matches the filter.
}
imports-results = Import results
imports-results-summary = { $imported } imported, { $failed } failed
imports-results-failed = The table shows the reason for each failed import, what it concerns, and what to do.
imports-results-none = No import was started
imports-not-attempted = { $count ->
    [one] { $count } import was not started yet
   *[other] { $count } imports were not started yet
}
imports-not-attempted-hint = The time limit of this page was reached first. Nothing is lost: continue with the remaining imports.
imports-continue = { $count ->
    [one] Continue with { $count } import
   *[other] Continue with { $count } imports
}
imports-left-out = { $count ->
    [one] { $count } more import is not in this job
   *[other] { $count } more imports are not in this job
}
imports-left-out-hint = One job imports no more than { $most } tags. Go back to the list to import the others.
imports-outcome = Result
imports-reason = Details
imports-refused = Refused
imports-retry = Retry
imports-retry-failed = Retry { $count } failed
imports-back = Back to imports
form-error-prefix = Error:{ " " }
form-errors = { $count ->
    [one] Correct this field
   *[other] Correct these { $count } fields
}
form-required = Required
stream-row = Source of the tag
stream-row-tag = Tags
stream-row-source = Image or repository
stream-row-scheduled = Import periodically
stream-row-reference = Reference only
stream-row-add = Add row
stream-row-remove = Remove
stream-annotation-add = Add annotation
stream-label-add = Add label
stream-text-name = Name
stream-text-value = Value
stream-text-name-missing = Enter a name.
stream-text-own-field = This annotation has a field of its own above.
stream-text-twice = “{ $name }” is listed twice.
stream-row-tag-missing = Enter a tag.
stream-row-source-missing = Enter the image or repository to import from.
stream-row-source-tagged = For several tags, enter the repository without a tag or digest.
stream-rows-hint = Each row tracks a tag in another registry. If the source has no tag, it is a repository: list one or more of its tags, separated by spaces or commas.
stream-rows-too-many = The form shows no more than { $count } rows. Leave the list here: it is saved as it is.
stream-paste = List of tags
stream-paste-many = Add many tags as text
stream-paste-add = Add to the rows
import-mode-short = Import mode
stream-import-failed-hint = The table shows the reason for each failed import and what to do.
stream-delete-name = Type { $stream } to confirm
stream-delete-name-wrong = This is not the name of the image stream. Type { $stream }.
## Cleanup and jobs
cleanup = Clean up
cleanup-title = Clean up { $stream }
cleanup-rules = Rules
cleanup-rules-hint = A tag must meet every rule that is set. Tags that workloads use are not selected. Nothing is removed before you review the selection.
cleanup-keep = Keep the newest (tags)
cleanup-keep-hint = How many to keep of the tags whose name matches
cleanup-days = Older than (days)
cleanup-days-hint = Not updated for longer than this
cleanup-pattern = Name matches
cleanup-pattern-hint = * stands for any characters and ? for one, as in pr-*
cleanup-number = Enter a whole number from 1 to { $most }.
cleanup-rules-link = Link to these rules
cleanup-copy-rules-link = Copy link
cleanup-frees = Removing these tags frees, once the registry has been pruned,
cleanup-frees-nothing = Removing these tags frees no space: other tags or image streams have the same layers.
cleanup-freed-unknown = The console could not find out how much space these tags take.
cleanup-no-rule = Set at least one rule.
cleanup-select-by-rules = Select matching tags
cleanup-dry-run = Dry run: { $tags ->
    [one] { $tags } tag
   *[other] { $tags } tags
} would be removed and { $images ->
    [one] { $images } image
   *[other] { $images } images
} would leave the image stream, while { $staying-tags ->
    [one] { $staying-tags } tag
   *[other] { $staying-tags } tags
} and { $staying-images ->
    [one] { $staying-images } image
   *[other] { $staying-images } images
} would stay.
cleanup-dry-run-none = Dry run: no tag meets these rules.
cleanup-protected = { $count ->
    [one] { $count } tag is protected because another tag tracks it.
   *[other] { $count } tags are protected because other tags track them.
}
cleanup-left-out = Up to { $most } tags can be removed at a time, so { $count ->
    [one] { $count } tag is not selected yet.
   *[other] { $count } tags are not selected yet.
}
cleanup-select-tag = Select { $tag }
select-invert = Invert shown
cleanup-rule = Rules
cleanup-rule-selected = Meets the rules
cleanup-rule-selected-attachment = Attached to an image that is removed
cleanup-rule-other-name = Kept: name does not match
cleanup-rule-newest = Kept: { $count ->
    [one] the newest
   *[other] one of the newest { $count }
}
cleanup-rule-recent = Kept: updated in the last { $count ->
    [one] day
   *[other] { $count } days
}
cleanup-rule-no-date = Kept: has no image yet
cleanup-rule-tracked = Kept: { $tag } tracks it
cleanup-rule-attachment = Kept: attached to an image
cleanup-image = Image
cleanup-result = Result
remove-tag-question = Remove tag { $tag }?
remove-tag-name = Remove tag { $tag }
remove-tag-step = Remove
remove-tags-not-permitted = You don't have permission to remove tags here. Ask a project administrator for the role registry-editor.
remove-tags-button = Review { $count ->
    [one] { $count } tag…
   *[other] { $count } tags…
}
remove-tags-review = Review
remove-tags-sure = Remove { $count ->
    [one] { $count } tag
   *[other] { $count } tags
}
remove-tags-releases = { $count ->
    [one] { $count } image, which can no longer be pulled from this image stream: no remaining tag refers to it.
   *[other] { $count } images, which can no longer be pulled from this image stream: no remaining tag refers to them.
}
remove-tags-releases-earlier = { $count ->
    [one] { $count } of them is an earlier image in a history.
   *[other] { $count } of them are earlier images in the histories.
}
remove-tags-follower = { $tag } tracks { $tracks }. It keeps its image and is no longer updated.
remove-tags-keeps-data = The data of all images in the registry, until it is pruned
remove-tags-result-title = Remove tags from { $stream }
restore-tags-result-title = Restore tags of { $stream }
tags-all-restorable = { $count ->
    [one] Undo can restore this tag.
   *[other] Undo can restore all of these tags.
}
tags-none-restorable = { $count ->
    [one] The tag cannot be restored, because no other tag refers to its image.
   *[other] The tags cannot be restored, because no other tag refers to their images.
}
tags-restorable = { $count ->
    [one] Undo can restore { $count } tag.
   *[other] Undo can restore { $count } tags.
}
tag-not-restorable = It cannot be restored, because no other tag refers to its image.
tags-not-tried = { $count ->
    [one] { $count } tag was left unchanged.
   *[other] { $count } tags were left unchanged.
}
tags-not-removed-review = Review the remaining tags
tags-refused-more = { $count ->
    [one] { $count } more refused tag is not listed.
   *[other] { $count } more refused tags are not listed.
}
tag-refused-reason = { $reason }: { $detail }
job = Job
job-removing-title = Removing { $count ->
    [one] { $count } tag
   *[other] { $count } tags
} from { $stream }
job-restoring-title = Restoring { $count ->
    [one] { $count } tag
   *[other] { $count } tags
} of { $stream }
job-restore-title = Restore { $count ->
    [one] { $count } tag
   *[other] { $count } tags
} of { $stream }
job-progress-removed = Removed { $done } of { $total } tags
job-progress-restored = Restored { $done } of { $total } tags
job-refused-so-far = { $count ->
    [one] { $count } tag was refused so far.
   *[other] { $count } tags were refused so far.
}
job-refreshes = This page refreshes every { $seconds } seconds. You can leave it, and the job continues.
job-refresh = Refresh
job-started = Started
job-stopped-signed-out = The job stopped because your session ended.
job-stopped-time-limit = The job stopped because it reached its time limit of 10 minutes.
job-stopped-refused = The job stopped because several tags in a row were refused.
job-stopped-failed = The job stopped because of an unexpected error.
job-unknown-title = Unknown job
job-unknown = This console does not know this job. Open the image stream to see its state.
job-unknown-hint = Only the user who started a job can see it. Jobs are forgotten 30 minutes after they end, and when the console restarts.
job-open-stream = Open image stream
job-importing-title = Importing { $count ->
    [one] { $count } tag
   *[other] { $count } tags
}
job-progress-imported = { $done } of { $total } imports finished
job-imports-failed-so-far = { $count ->
    [one] { $count } import failed so far.
   *[other] { $count } imports failed so far.
}
job-unknown-imports = This console does not know this job. Open the list of imports to see their state.
imports-not-allowed = { $count ->
    [one] { $count } more import is in a project where you don't have permission to import.
   *[other] { $count } more imports are in projects where you don't have permission to import.
}
imports-running = { $count ->
    [one] { $count } import is running: { $done } finished
   *[other] { $count } imports are running: { $done } finished
}
imports-running-open = Show results
imports-retry-all = Import all { $count }
imports-policy-default = Only one platform of a multi-platform image is kept, unless the import policy shows otherwise.
imports-reference-only = Tags that only refer to another registry (reference only) are never imported, so they are not listed.
filter = Filter
cleanup-link = Clean up…
count-history-entries = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
delete-user-link = Delete user…
delete-group-link = Delete group…
times = Times
times-relative = Relative
times-exact = Exact (UTC)
to-image = to { $image }
search-for = You can search for
search-for-names = Names
search-for-tag = Image or tag
search-for-digest = Digest
search-for-pull-spec = Command or pull spec
search-for-label = Label
search-note = Names are matched by words in any order. The first digits of a digest are enough.
search-key = Press { $key } on any page to search.
search-recent = Recently updated
search-browse = Browse image streams
search-match = Match
search-match-similar = Similar name
search-results-for = Search results for “{ $text }”
group-add-users = Add users
cleanup-review-by-rules = Review matching tags…
quota-and-limits = Quota and limits
quota-details = Details
quota-figures = { $used } of { $max }
quota-of = quota { $name }
quota-not-computed = { $max }, usage not computed yet
quota-used-here = { $count } of them in this project
quota-near = Near the limit
quota-full = Limit reached
quota-tags = Tags
quota-images = Images
quota-image-size = Image size
quota-no-new-stream = Another image stream would be refused, also one that a push creates.
quota-who = Administrators of the project can see its quotas and limits. Only a cluster administrator can change them.
quota-streams = Image streams closest to the limit
quota-other-streams = { $count ->
    [one] { $count } other image stream uses less.
   *[other] { $count } other image streams use less.
  }
quota-not-permitted = You don't have permission to view quotas and limits. Ask a project administrator for the role view.
quota-some-not-permitted = You don't have permission to view some quotas or limits. Ask a project administrator for the role view.
limit-image-size = Maximum image size
limit-image-size-meaning = Larger images are refused when they are pushed.
limit-stream-tags = Tags per image stream
limit-stream-tags-meaning = Each different source of a tag counts once. Tags that were only pushed do not count.
limit-stream-images = Images per image stream
limit-stream-images-meaning = Each different image in the history of the tags counts once.
expected-quota = The project has reached its quota of image streams
expected-tag-limit = The image stream has reached its limit of tags
expected-image-limit = The image stream has reached its limit of images
expected-cause = { $object }: { $figures }. The API server is likely to refuse one more. Remove what is no longer needed, or ask a cluster administrator to raise it.
push-max-image-size = Images larger than { $size } are refused.
exceeded-quota = { $object }, { $resource }: { $used } of { $max } used, { $requested } more requested.
exceeded-limit = { $resource }: { $requested } requested, at most { $max } allowed (LimitRange of the project).
import-advice-over-limit = A quota or limit of the project does not allow this. Remove tags or images that are no longer needed, or ask a cluster administrator to raise the limit. Administrators of the project can see it in the settings of the project.
import-failure-over-limit = Quota or limit exceeded

## What uses an image
used-by = Used by
pushed-by = Pushed by{ " " }
used-by-outputs = Builds that push to it
used-by-title = Workloads that use { $image }
used-by-workloads = { $count ->
    [one] { $count } workload
   *[other] { $count } workloads
}
used-by-projects = { $count ->
    [one] in { $count } project
   *[other] in { $count } projects
}
used-by-figures = { $workloads } { $projects }
used-by-pods = { $count ->
    [one] { $count } running pod
   *[other] { $count } running pods
}
used-by-tracking-tags = { $count ->
    [one] Tracked by { $count } tag
   *[other] Tracked by { $count } tags
}
used-by-nothing = Not used by any workload that you can view
used-by-nothing-found = No use was found, but not everything could be searched
used-by-more = { $count ->
    [one] { $count } more workload is not shown
   *[other] { $count } more workloads are not shown
}
usage-searched = { $count ->
    [one] Pods, workloads, and builds of { $count } project were searched. Workloads in projects that you can't view might still use it.
   *[other] Pods, workloads, and builds of { $count } projects were searched. Workloads in projects that you can't view might still use it.
}
usage-searched-cluster = Pods, workloads, and builds of all projects were searched.
usage-incomplete = Workloads that could not be read might still use it.
usage-not-permitted = You don't have permission to list workloads
usage-of-image-not-permitted = You don't have permission to list workloads, so this page can't show what uses the image. Ask a project administrator for the role view.
usage-projects-not-permitted = { $count ->
    [one] Workloads of { $count } project are not included: you don't have permission to list them.
   *[other] Workloads of { $count } projects are not included: you don't have permission to list them.
}
usage-projects-missing = { $count ->
    [one] Not all workloads of { $count } project could be read.
   *[other] Not all workloads of { $count } projects could be read.
}
usage-kinds-missing = Not searched in any project: { $kinds }.
usage-wait = Show workloads
usage-loading = Workloads are still being read
usage-loading-hint = It is not known yet what is in use.
usage-retry = Retry
usage-filter-not-permitted = It is not known what is in use. Ask a project administrator for the role view.
usage-unreadable = { $count ->
    [one] { $count } workload is not included: the API server returned it in a form that the console cannot read.
   *[other] { $count } workloads are not included: the API server returned them in a form that the console cannot read.
}
usage-list-scope = Workloads in projects that you can't view are not included.
workload = Workload
workloads = Workloads
use-init-container = init container
use-pods = Pods
use-paused = Paused
use-trigger = trigger
use-part = Container or build input
use-image = Image
use-running-pods = Running pods
use-in-use-since = In use since
use-base-image = Base image
use-copied-image = Copied files
use-output-image = Build output
use-suspended = Suspended
use-no-running-pods = No pods
use-trigger-meaning = A change of this tag starts a new rollout
use-trigger-build-meaning = A change of this tag starts a build
use-trigger-paused = trigger (paused)
use-trigger-paused-meaning = A change of this tag does nothing while the trigger is paused
use-by-tag = by tag
use-by-tag-meaning = Pods that start later run the image that the tag points to by then
use-by-digest = by digest
use-by-digest-meaning = Pods always run this image
use-earlier-revision = earlier revision
use-earlier-revision-meaning = A rollback of the workload would start this image again
use-building = Build in progress
use-pod-count = { $count ->
    [one] { $count } pod
   *[other] { $count } pods
}
use-filter = Filter by use
in-use = In use
in-use-meaning = Used by at least one workload that you can view
not-in-use = Not in use
not-in-use-meaning = Not used by any workload that you can view
no-use-found = No use found
use-filter-unknown = The console could not find out which tags workloads use, so all tags are listed.
tracking-tags-of-stream = Tags tracking this image stream
tracking-tags-of-tag = Tags tracking this tag
tracking-tags-of-image = Tags tracking this image
tracking-tags-unknown = Tracking tags in image streams that you can't view are not included.
tracking-tags-effect = They are updated whenever the tag that they track changes.
tracking-tag = tracks { $tag }
same-image-elsewhere = The same image from other repositories
same-image-elsewhere-meaning = These workloads run an image with the same digest but pull it from another repository. They do not depend on this image stream.

## What a change of tags affects
impact = What this affects
impact-none = Nothing that you can view uses it.
impact-unknown = Unknown: not all workloads could be read, so something might use it.
impact-broken = Will fail to pull
impact-broken-meaning = Pods that run now keep running. New pods and builds cannot pull the image.
impact-redeploys = Redeployed
impact-redeploys-meaning = A trigger starts a new rollout.
impact-rebuilds = Rebuilt
impact-rebuilds-meaning = A trigger starts a build.
impact-paused = Paused
impact-paused-meaning = There is a trigger, but it or the workload is paused. Nothing happens until it is resumed.
impact-next-start = At the next start
impact-next-start-meaning = There is no trigger. Pods and builds that start later use the new image.
impact-running = Running now
impact-running-meaning = These pods keep running the current image until they are replaced.
impact-earlier-revisions = Cannot be rolled back
impact-earlier-revisions-meaning = They keep working. A rollback to an earlier revision cannot pull its image.
impact-kept = Keep working
impact-kept-meaning = The image stays in the history of { $tags }, so it can still be pulled by digest.
impact-pushing = Push to this tag
impact-pushing-again = The next build creates the tag again.
impact-pushing-overwrites = The next build points the tag to another image, and so overwrites this change.
impact-pushing-fails = Cannot push
impact-pushing-fails-meaning = Builds cannot start until the image stream exists again.
impact-also-running = { $count ->
    [one] runs it now: { $count } pod
   *[other] runs it now: { $count } pods
}
impact-also-paused = has a paused trigger
impact-also-earlier-revision = an earlier revision uses it
impact-also-pushes = pushes to the tag
impact-tracking-tags = Tags that track this tag:{ " " }
impact-tracking-tags-of-stream = Tags that track this image stream:{ " " }

## Workloads of a project
workloads-none = No workloads
workloads-none-hint = Deployments, jobs, pods, and builds of this project are listed here, with the images that they use.
workloads-none-in-state = No workload in this state
workloads-not-permitted = You don't have permission to list the workloads of this project. Ask a project administrator for the role view.
workload-state-all = All workloads
workload-since = Running since
workload-container = container { $name }
workload-init-container = init container { $name }
workload-state-outdated = Newer image available
workload-state-outdated-meaning = The tag points to another image than the one that is running
workload-state-unpullable = Cannot be pulled
workload-state-unpullable-meaning = Pods that start later cannot pull their image
workload-pods-of = { $count } of { $all ->
    [one] { $all } pod
   *[other] { $all } pods
}
workload-outdated = Running { $running }; the tag is at { $newer }.
workload-outdated-start = Starts { $running }; the tag is at { $newer }.
workload-no-stream = The image stream no longer exists, so the image cannot be pulled.
workload-no-tag = The tag no longer exists or has no image, so the image cannot be pulled.
workload-no-image = The image is no longer in the image stream, so it cannot be pulled.
workload-pull-not-allowed = The service account of the workload does not have permission to pull from the project { $project }.
cleanup-rule-used = Kept: in use
cleanup-rule-use-unknown = Kept: not known whether it is in use
cleanup-unused = All tags not in use
cleanup-tracked-by = tracked by{ " " }
cleanup-used = { $count ->
    [one] { $count } of the matching tags is kept because workloads use it.
   *[other] { $count } of the matching tags are kept because workloads use them.
}
cleanup-usage-unknown = The console could not find out which tags workloads use, so the rules do not take it into account.

## Space and pruning
space = Space
space-stored = in image streams, each layer counted once
space-own-project = Only in this project
space-history-project = Only in this project and in no tag any more
space-shared-project = Shared with other projects
space-own-stream = Only in this image stream
space-history-stream = Only in this image stream and in no tag any more
space-shared-stream = Shared with other image streams
size-at-most = at most { $size }
size-about = about { $size }
space-imported = + up to { $size } imported
space-imported-meaning = The registry stores the layers of imported images only after they have been pulled through it.
space-compared-cluster = Compared with the images of all projects of the cluster.
space-compared-visible = As far as you can see: compared with { $count ->
    [0] no other project
    [one] { $count } other project
   *[other] { $count } other projects
}. Projects that you can't view might share layers, so “only here” is at most what is shown.
space-unread = At least: { $count ->
    [one] { $count } image is not read
   *[other] { $count } images are not read
}.
space-unread-because = At least: { $count ->
    [one] { $count } image is not read
   *[other] { $count } images are not read
}. { $reason }
space-malformed = { $count ->
    [one] { $count } image stream could not be read and is not included.
   *[other] { $count } image streams could not be read and are not included.
}
space-projects-unread = { $count ->
    [one] The images of { $count } more project are not all read, so it might share more layers. Reload the page to read on.
   *[other] The images of { $count } more projects are not all read, so they might share more layers. Reload the page to read on.
}
space-own-all = In tags
space-history-all = In no tag any more
space-covers-cluster = The images of all projects of the cluster.
space-covers-visible = As far as you can see: the images of { $count ->
    [one] { $count } project
   *[other] { $count } projects
}. Other projects can have some of the same layers.
space-projects-read = { $read } of { $count ->
    [one] { $count } project
   *[other] { $count } projects
} read: the sizes are at least what is shown.
space-projects-unlisted = Your projects could not be listed in time.
space-load-rest = Load the rest
space-biggest-streams = Biggest image streams
space-biggest-streams-meaning = By what only they have
space-biggest-tags = Biggest tags
space-unused = Image streams that nothing uses
space-unused-meaning = No workload that you can view uses them, and nothing was pushed to them for { $count } days.
space-unused-since = Nothing pushed for
space-unused-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
space-unused-none = There are none.
space-unused-unknown = Not known: not all images and workloads that you can view were read.
space-last-push = Last push
space-none-hint-all = The image streams that you can view have no images yet.
storage = Storage of the registry
storage-s3 = S3 object storage, bucket
storage-gcs = Google Cloud Storage, bucket
storage-azure = Azure Blob Storage, container
storage-swift = OpenStack Swift, container
storage-ibmcos = IBM Cloud Object Storage, bucket
storage-oss = Alibaba Cloud OSS, bucket
storage-claim = volume claim
storage-empty-dir = a directory of its pod (emptyDir)
storage-host-path = a directory of the node (hostPath)
storage-nfs = NFS server
storage-other = another kind of storage
storage-lost = The registry stores images only in its pod
storage-lost-hint = Its storage is an emptyDir volume: all images are lost when the pod is replaced. Give the registry a volume claim or object storage.
space-total = Total
space-own = Only here
space-history = Untagged
space-images = Images
space-current = Current image
space-own-image = Only this image
space-parts = Parts
space-saved = Saved
space-saved-meaning = By what the registry saves because it stores them once
space-sizes-read = Sizes read
space-sizes-read-meaning = When the API server last sent the oldest of these sizes. The layers of an image never change; an image that was deleted since may still be counted.
space-shared-image = Also in other images
space-of-stream = Space of the image stream
space-own-tag = Only this tag
space-total-tag = With history
space-tags-meaning = “Only this tag” is what no other tag that you can view has.
space-biggest-layers = Biggest layers
space-shared-layers = Layers in several image streams
space-shares-with = Shares layers with
space-untagged = Images without a tag
space-untagged-meaning = They are in the history of a tag that points to another image now.
space-last-tag = In the history of
space-none = No images
space-none-hint = The image streams of this project have no images yet.
space-none-stream = This image stream has no images yet.
prune-plan = Prune plan
prune-plan-link = Plan pruning
prune-plan-of-project = Prune plan of the project
prune-parameters = Parameters
prune-revisions = Revisions to keep
prune-revisions-hint = --keep-tag-revisions
prune-revisions-invalid = Enter a whole number from 0 to { $most }. The plan uses { $used }.
prune-age = Keep younger than
prune-age-hint = --keep-younger-than, for example 60m, 24h, or 168h
prune-age-invalid = Enter a time such as 60m, 24h, or 168h. The plan uses { $used }.
prune-update = Update plan
prune-would-be-freed = would be freed
prune-removed-of = { $removed } of { $count ->
    [one] { $count } image
   *[other] { $count } images
} would be removed
prune-fact-tags = Deleting tags alone frees nothing: the layers stay until the pruner has run.
prune-fact-console = This console never prunes. A cluster administrator does, or the cluster by itself.
prune-fact-cluster = The pruner works on the whole cluster. This plan covers only what you can view.
prune-fact-role = Pruning needs the cluster role system:image-pruner.
prune-uses-unknown = Not all workloads could be read: this plan might list images that are in use.
prune-savings = What the parameters change
prune-savings-revisions = Revisions to keep
prune-savings-age = Keep { $age }
prune-revision-count = { $count ->
    [one] { $count } revision
   *[other] { $count } revisions
}
prune-revision-number = revision { $number }
prune-run = How to prune
prune-dry-run = Show what would be removed. Nothing is removed:
prune-now = Prune:
prune-use-ended = { " " }(ended, but it still counts)
prune-invalid-skipped = The pruner leaves out image references of workloads that are not valid: what they are meant to name is not kept.
prune-invalid-stop = If any workload of the cluster has an image reference that is not valid, oc lists these workloads and removes nothing. Correct or delete them: the first releases of this version have no option to ignore them.
prune-invalid-ignorable = If any workload of the cluster has an image reference that is not valid, oc lists these workloads and removes nothing. Correct them, or have them ignored: then the pruner may remove images that they are meant to use.
prune-ignoring-invalid = Prune all the same:
prune-patch = Set the same for the pruner that OpenShift 4 runs every day:
prune-job = OpenShift 3: prune every night
prune-job-meaning = A service account with the cluster role, and a job. Replace IMAGE with an image that contains oc of the version of the cluster.
prune-none = Nothing to prune
prune-none-hint = No images have been pushed or imported yet.
prune-none-here = No images
prune-kept = Kept
prune-would-be-removed = Would be removed
prune-kept-young-stream = Kept: the image stream { $stream } is younger than { $age }
prune-kept-young-tag = Kept: pushed to { $tag } less than { $age } ago
prune-kept-revision = Kept: revision { $number } of { $tag }
prune-kept-within-limit = Kept: within the size limit of the project
prune-kept-used-tag = Kept: { $tag } is named by{ " " }
prune-kept-used-image = Kept: named by{ " " }
prune-kept-index = Kept: part of the index { $digest }
prune-kept-imported = Kept: imported
prune-kept-young-image = Kept: younger than { $age }

## Problems of the API
api-invalid-value = Part of the request is not valid. Nothing was changed.
api-invalid-value-hint = The member “errors” names each value that is not valid.
api-invalid-parameter = The request has no parameter “{ $name }”, or its value is not valid.
api-invalid-digest = This is not a digest, such as sha256: and 64 hexadecimal digits.
api-invalid-kind = The kind must be user, group, or service-account.
api-invalid-json = The body is not valid JSON: line { $line }, column { $column }. Nothing was changed.
api-invalid-json-hint = Send one JSON object.
api-not-json = The body must be JSON (Content-Type: application/json). Nothing was changed.
api-not-json-hint = Send the header Content-Type with the value application/json.
api-bearer-needed = This request needs a bearer token. A session cookie is not accepted for changes. Nothing was changed.
api-bearer-needed-hint = Send an OpenShift token in the header Authorization.
api-unknown-format = This list has no form “{ $format }”.
api-unknown-format-hint = The parameter “format” can be json, and csv for lists. Without it, the answer is JSON.
api-invalid-query = The request has a value of the parameter “{ $name }” that it cannot have. { $reason }
api-invalid-query-hint = The member “errors” names each parameter whose value is not accepted. Without a parameter, its default is used.
api-not-accepted = “{ $value }” is not accepted. Accepted values: { $accepted }
api-text-pattern = text that matches { $pattern }
api-stale-tag = The tag is not what the request expects. Nothing was changed.
api-stale-tag-hint = Read the tag again, and decide whether to change it. The member “current_digest” is the image that it points to.
api-in-use = Workloads are affected by this change. Nothing was changed.
api-in-use-hint = The member “workloads” names them. To make the change anyway, send force with the value true.
api-force-hint = To make the change anyway, send force with the value true.
api-loses-source = These tags would lose their source: { $tags }. Nothing was changed.
api-two-sources = Send either a repository or tags.
api-no-rule = Set at least one rule.
api-own-role = You would lose a role of your own, or one of your groups would. Nothing was changed.
api-last-administrator = The project would have no other administrator. Nothing was changed.
api-own-user = This is the user that the token belongs to. Nothing was changed.
api-steps-unfinished-hint = Some steps were made. Send the request again to continue: what was done is not repeated.
api-user-unfinished-hint = The user was created, but not with everything in the request. Change the user to continue.
api-unknown-name = The cluster does not know the name “{ $name }”. Nothing was changed.
## The API

api = API
api-intro = Programs read what the pages show as JSON and make the same changes, with the token of a user or a service account.
api-token-text = Any token works that the API server of the cluster accepts. A program gets one from oc, or uses that of its service account.
api-try = Try it
api-try-text = The token is passed on standard input, so that it is not in the list of processes.
api-document = OpenAPI document
api-document-text = All operations with their parameters, answers and errors, for tools and generated clients.
api-default = default { $value }
api-body = Body
api-answer = Answer
api-number-from = from { $min }
api-number-range = { $min } to { $max }
api-text-up-to = text, at most { $max } characters
api-no-contract = Forms and confirmations have a JSON form as well. It is not a part of this description and may change.
api-tag-overview = Overview
api-tag-image-streams = Image streams
api-tag-images = Images
api-tag-imports = Imports and jobs
api-tag-projects = Projects
api-tag-space = Space and pruning
api-tag-access = Access
api-tag-users = Users and groups
api-tag-registry = Registry and console
api-get-document = This description, as an OpenAPI document
api-get-overview = Counts, recent activity, failing imports and projects
api-search = Search in projects, image streams, tags and images
api-list-streams = List the image streams of all projects
api-list-project-streams = List the image streams of a project
api-get-stream = Get an image stream and its tags
api-list-history = List which images the tags of an image stream pointed to, newest first
api-get-stream-settings = Get repositories, imports, annotations and labels of an image stream
api-list-stream-uses = List the workloads that use an image stream
api-list-tag-uses = List the workloads that use a tag
api-list-image-uses = List the workloads that use an image
api-get-stream-space = Get the space of an image stream and of its tags
api-get-stream-access = Get who can pull from an image stream and push to it
api-get-tagged-image = Get the image that a tag points to
api-get-image = Get an image by its digest
api-compare-images = Compare two images
api-list-imports = List everything that is imported from other registries
api-get-job = Get the state of a job
api-list-projects = List projects
api-get-project = Get a project, its image streams, quotas and limits
api-get-project-settings = Get the display name, description, quotas and limits of a project
api-list-activity = List the changes of the tags of a project
api-list-workloads = List the workloads of a project and the images that they run
api-get-project-space = Get the space of a project and of its image streams
api-plan-project = Get what pruning would remove from a project
api-plan-stream = Get what pruning would remove from an image stream
api-plan = Get what pruning would remove from all projects
api-plan-removal = Get which tags of an image stream some rules select
api-get-access = Get the access policy, members and roles of a project
api-list-members = List the members of a project: the same as its access
api-get-space = Get the space of all projects, and the storage of the registry
api-list-credentials = List the credentials of a project
api-list-users = List users
api-get-user = Get a user, their groups and roles
api-list-groups = List groups
api-get-group = Get a group, its members and roles
api-get-connect = Get how to use the registry from outside of the cluster
api-get-findings = Get the findings of the doctor
api-path-project = The name of the project
api-path-stream = The name of the image stream
api-path-tag = The name of the tag
api-path-digest = The digest of the image
api-path-user = The name of the user
api-path-group = The name of the group
api-path-job = The ID of the job
api-query-text = Text to find
api-query-project-filter = The name of a project, or a part of it
api-query-stream-state = Only image streams with a failed import, with imported tags, or without images
api-query-use = Only what a workload uses (some), or what no workload uses that the user may list (none)
api-query-sort = What the list is sorted by
api-query-order = The order. The default depends on what the list is sorted by
api-query-page = The page. One past the end is the last one
api-query-per-page = Entries on a page
api-query-history = The tag whose history is included
api-query-history-tag = The tag whose history is listed. All tags by default
api-query-changed = How many days the activity reaches back, in UTC
api-query-subject = The name of a user, group or service account whose access is checked
api-query-subject-kind = The kind of that subject
api-query-compare-from = The first image: a tag, a digest, or an image of another image stream
api-query-compare-to = The second image
api-query-platform = The platform that is compared, such as linux/amd64
api-query-project = The name of a project
api-query-image-stream = The name of an image stream
api-query-host = The registry that the images are imported from
api-query-import-state = Only imports in this state
api-query-hit-kind = Only results of this kind
api-query-system = Whether the projects of the cluster itself are listed
api-query-workload-state = Only workloads that run another image than the tag points to, or one that can no longer be pulled
api-query-keep-tag-revisions = How many revisions of each tag stay
api-query-keep-younger-than = How young an image is that stays, such as 60m, 24h or 7d. The default is 60m
api-query-planned-images = Only images that would be removed, or only those that stay
api-query-unused-days = After how many days without a use an image stream is listed as unused
api-query-wait = Waits up to 8 seconds for all projects
api-query-keep = Keeps this many of the newest tags
api-query-days = Only tags that have not changed for more than this many days
api-query-pattern = Only tags whose name matches, with * for any characters
api-query-unused = Only tags that no workload uses
api-query-selected-tag = A tag that is selected, whatever the rules select

## Changes in the API
api-set-tag = Set a tag to an image
api-remove-tag = Remove a tag
api-remove-tags = Remove many tags, by a list or by rules
api-roll-back-tag = Point a tag to an image of its history
api-import-stream = Import tags of an image stream again
api-import-tag = Import a tag again
api-create-stream = Create an image stream
api-change-stream = Change an image stream
api-delete-stream = Delete an image stream
api-create-project = Create a project
api-change-project = Change the texts of a project
api-delete-project = Delete a project
api-set-access = Set the access policy of a project
api-add-member = Grant a role in a project
api-change-member = Replace a role by another one
api-remove-member = Remove a role
api-create-credential = Create a credential. The answer has its token, once
api-revoke-credential = Revoke a credential
api-create-user = Create a user with identities
api-change-user = Change the full name and the identities of a user
api-delete-user = Delete a user, and remove it from groups and projects
api-create-group = Create a group
api-delete-group = Delete a group, and remove it from projects
api-add-group-users = Add users to a group
api-remove-group-user = Remove a user from a group
api-path-credential = The name of a credential
api-query-format = The form of the answer
api-query-force = Make the change although it affects workloads, or could not be undone
api-query-dry-run = Nothing is changed. The answer says what would be
api-query-delete-identities = Delete the identities of the user as well
api-query-expected-digest = The image that the tag points to. Otherwise nothing is changed
api-query-role = A role of the registry, such as registry-viewer
api-query-member-kind = The kind of the member
api-query-member-name = The name of the member. A service account of another project is project:name
api-header-if-match = The digest of the image that the tag points to, in quotation marks, or * for any. Otherwise nothing is changed
api-header-if-none-match = With *, nothing is changed if the tag exists
