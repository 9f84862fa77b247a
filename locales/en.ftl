## Layout of every page

product = Image Registry
navigation = Main
breadcrumb = Breadcrumb
skip-to-content = Skip to content
overview = Overview
images = Images
projects = Projects
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
apply = Apply
selected = { $count } selected
selected-not-shown = { $count } selected, { $hidden } not shown
select-all-shown = Select all shown
select-none = Clear
filter-failed = The list could not be read again. Your selection is kept: try again, or go on with it.
copy = Copy
copy-this = Copy { $text }
copied = Copied
copy-failed = The browser did not allow copying
show-all = Show { $count } characters
value-truncated = The rest is left out here; the raw JSON has it.
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
live-tag-moved = This tag now points at another image, or was removed.
live-maybe-outdated = This page may no longer be up to date.
live-show = Show

## Pagers

pages = Pages
page-range = { $first }–{ $last } of { $total }
previous-page = Previous
next-page = Next

## Signing in and out, errors

sign-in = Sign in
sign-in-explanation = This console shows what your OpenShift account may see. You sign in with the cluster; the console never learns your password.
sign-in-unreachable = The cluster's login cannot be reached at the moment
sign-in-unreachable-advice = The console is running. Try again in a moment; if it stays so, tell whoever runs the cluster.
sign-in-unreachable-since = The OpenShift master has not answered since { $since }.
sign-in-anyway = Sign in anyway
sign-in-again = Sign in again
sign-in-first = You are not signed in. The sign-in opens by itself.
sign-in-new-tab = Sign in in a new tab
sign-in-to-form = Sign in here and fill in the form again
signed-out = You are signed out
signed-out-revoked = Your access token has been revoked at the cluster.
signed-out-not-revoked = Your access token could not be revoked
signed-out-not-revoked-advice = This console has forgotten it, but the cluster would still accept it until it expires. An administrator can delete it there.
signed-out-kube-admin = The OAuth server still remembers kube:admin
signed-out-kube-admin-text = For up to an hour, the next sign-in from this browser would be as kube:admin, without a password. End this session at the OAuth server as well.
signed-out-kube-admin-not-now = The OAuth server does not work just now, so the session may not end. Try again in a moment, or close the browser.
signed-out-kube-admin-end = End the session
signed-out-kube-admin-ended = The session of kube:admin at the OAuth server has ended, too.
signed-out-shared-computer = On a shared computer, close the browser as well: the cluster's own login page may still remember you.
try-again = Try again
to-overview = Go to the overview

## Error pages

error-wrong-host-title = This console lives at another address
error-wrong-host-text = It was asked for under a host name that it does not know. Nothing was done.
error-no-host-text = The request does not say, or not clearly, for which host it is meant. Nothing was done.
error-wrong-host-hint = Open { $url } instead. If that is wrong, whoever runs the console must set COCKPIT_KUBE_URL to the address of its route.
error-foreign-form-title = This form was not accepted
error-foreign-form-text = It did not come from a page of your present session, so nothing was done.
error-foreign-form-hint = Go back, reload the page and try again. If you have signed in again since, that is all that is needed.
stale-form-title = Check what will be sent
stale-form-text = You have signed in since this page was opened. Nothing has been changed yet.
stale-form-hint = If this is still what you want, send it.
signed-out-form-title = You were signed out
signed-out-form-text = Nothing was changed. Sign in, then send this again.
signed-out-form-uncertain-text = The API server refused your token while this was being carried out, so a part of it may have been done. Sign in and look at the page before you send this again.
signed-out-form-hint = This page keeps what you typed: sign in in a new tab, come back here, and send it again.
signed-out-form-lost-hint = After signing in, you come back to the page that has the form.
resend-heading = What you filled in
resend-address = Address
resend-more = { $count ->
    [one] One more field is not shown. It is sent as well.
   *[other] { $count } more fields are not shown. They are sent as well.
}
resend-uncertain = It is not certain whether anything was changed. Send this again only if it was not.
resend-look = Look at the page in a new tab
resend-again = Send again
resend-now = Send
error-not-a-form-title = This is not a form
error-not-a-form-text = This address accepts forms only (application/x-www-form-urlencoded). Nothing was done.
error-not-a-form-hint = Use the form of the page. The JSON API under /api/v1 is read-only.
error-too-large-title = That was too much
error-too-large-text = The request holds more than this console reads.
error-too-large-hint = Send less in one go.
error-headers-title = The request's headers are too large
error-headers-text = The console reads { $kib } KiB of headers, 100 of them at most. This request was not read any further, and nothing was done.
error-headers-hint = In a browser, remove the cookies of this site and open the page again.
error-wrong-method-title = Not possible here
error-wrong-method-text = This address exists, but it does not accept this method. Nothing was done.
error-wrong-method-hint = In a browser, go there by a link of the console. The JSON API under /api/v1 is read-only: use GET.
error-sign-in-title = Sign in first
error-sign-in-text = Nobody is signed in, or the cluster no longer accepts the token.
error-sign-in-hint = Sign in again, or send a valid token in the Authorization header.
error-forbidden-title = You may not see this
error-forbidden-text = The cluster says that you have no right to it.
error-forbidden-page = Only administrators of the cluster see this page.
error-forbidden-project = There is no project of this name that you may see. OpenShift does not say whether it exists.
error-forbidden-hint = Check the name. If it is right, ask an administrator of the project for a role in it, such as registry-viewer.
error-not-found-title = Not found
error-not-found-page = There is no page at this address.
error-not-found-project = There is no such project.
error-not-found-stream = There is no such image stream in this project.
error-not-found-image = There is no such tag or digest in this image stream.
error-not-found-digest = This image stream has no image with this digest: neither the API server nor the image registry knows it.
error-not-found-digest-hint = An index can list an image that is not here: it was pushed or copied for some of its platforms only, or the image was pruned since. Push it again with all its platforms, for example with skopeo copy --all.
error-not-found-hint = It may have been renamed or deleted. The list that it was in tells what is there now.
error-invalid-title = The request makes no sense
error-invalid-text = Something about it cannot be read.
error-invalid-hint = Go there by a link of the console.
error-unreachable-title = No answer from the cluster
error-unreachable-api-server = The OpenShift master could not be reached. You are still signed in.
error-unreachable-oauth = The cluster's OAuth server could not be reached.
error-unreachable-registry = The image registry could not be reached.
error-unreachable-hint = Try again in a moment. If it stays so, the log of the console has the cause under the request shown below.
error-untrusted-title = A certificate is not trusted
error-untrusted-authority = { $upstream } showed a certificate that no authority known to this console has signed. Nothing was sent there.
error-untrusted-time = { $upstream } showed a certificate that has expired or is not valid yet. Nothing was sent there.
error-untrusted-host = { $upstream } showed a certificate for another name. Nothing was sent there.
error-untrusted-issuer-missing = { $upstream } showed a certificate whose issuer this console does not know, and did not send the certificate of that issuer. Nothing was sent there.
error-untrusted-no-names = { $upstream } showed a certificate that names no host: it has no subjectAltName. Nothing was sent there.
error-untrusted-old-version = { $upstream } showed a certificate of version 1 or 2, which cannot name a host in subjectAltName. Nothing was sent there.
error-untrusted-weak-key = { $upstream } showed a certificate with an RSA key shorter than 2048 bits. Nothing was sent there.
error-untrusted-weak-signature = { $upstream } showed a certificate that is signed with SHA-1 or MD5. Nothing was sent there.
error-untrusted-authority-as-server = { $upstream } showed the certificate of an authority (CA:TRUE) as its own. Nothing was sent there.
error-untrusted-not-for-servers = { $upstream } showed a certificate that is not meant for servers (extended key usage). Nothing was sent there.
error-untrusted-other = No secure connection to this server came about: { $upstream }. Nothing was sent there.
error-untrusted-hint = An administrator of the console should compare the certificate with { $setting }, which holds the authorities that the console trusts.
error-no-secure-connection-title = No secure connection
error-no-secure-connection-hint = An administrator of the console should check the address of this server, and read the log of the server and of any proxy in front of it.
tls-alert = { $upstream } ended the TLS handshake with the alert “{ $alert }”: { $reason } Nothing was sent there.
tls-alert-protocol-version = it speaks neither TLS 1.2 nor TLS 1.3.
tls-alert-nothing-in-common = it has no protocol, cipher or certificate in common with this console.
tls-alert-client-certificate = it wants a client certificate, and this console has none.
tls-alert-unknown-name = it does not serve the host name that this console asked for.
tls-alert-refused = it does not let this console in.
tls-alert-server-failed = it failed itself.
tls-alert-other = it did not accept what this console sent.
error-untrusted-issuer-hint = An administrator should let the server send its intermediate certificates, or add the missing certificate to { $setting }. The command "registry-console doctor" names it.
error-untrusted-new-hint = An administrator should give the server a new certificate; { $setting } need not change. The command "registry-console doctor" says how to make one.
error-too-late-title = This took too long
error-too-late-text = The cluster did not answer within the time that a page may take. You are still signed in.
error-too-late-hint = Try again in a moment, or ask for less: one project instead of all.
error-busy-title = The cluster is busy
error-busy-text = It asks to be left alone for a moment. You are still signed in.
error-overload-title = Too many requests at once
error-overload-user = More requests of yours are under way than this console handles at once. Nothing was changed by this one.
error-overload-user-hint = Wait until the other pages or scripts are done, and try again.
error-overload-sign-ins = Very many people are signing in at this moment. Yours has not failed: it is only waiting.
error-overload-sign-ins-hint = This page tries again by itself every three seconds. You can also reload it.
error-overload-tokens = Very many unknown tokens are being checked at this moment. Nothing was changed by this request.
error-overload-tokens-hint = Try again in a few seconds.
error-no-memory-title = The console is busy
error-no-memory-text = It holds as many requests and answers as its memory allows.
error-no-memory-hint = Try again in a few seconds. If you sent a form, look first whether the change was made. If it happens often, the console's pods need a higher memory limit, or there should be more of them.
error-unavailable-title = Not available just now
error-unavailable-text = The API server cannot answer for { $api } just now. You are still signed in.
error-unavailable-proxy = A proxy or load balancer answered { $status } in place of the API server. You are still signed in.
error-unavailable-roles = The API server has just started and has not loaded its roles yet, so it refuses everything. You are still signed in.
error-server-failed-title = The API server failed
error-server-failed-text = The API server answered that it failed itself. You are still signed in.
error-server-says = { " " }It says: “{ $message }”
error-not-served-title = This cluster does not have this
error-not-served-text = This API server does not serve { $api }.
error-not-served-hint = An administrator of the cluster finds on the console's Doctor page which APIs are missing.
api-images = image streams (image.openshift.io)
api-projects = projects (project.openshift.io)
api-users = users and groups (user.openshift.io)
error-retry = Try again { $when }.
error-retry-soon = Try again in a moment. While the cluster is upgraded it can take some minutes.
error-unexpected-title = The cluster answered something unexpected
error-unexpected-text = This console could not make sense of the answer.
error-unexpected-hint = Try again. If it stays so, the log of the console has the cause under the request shown below.
error-internal-title = The console made a mistake
error-internal-text = This page could not be made. It is the console's own fault, not yours.
error-internal-hint = Try again. If it happens again, report it with the request shown below.
sign-in-error-title = Signing in did not work
sign-in-error-bad-callback = This is not the answer to a sign-in that this browser began, or it came too late or a second time.
sign-in-error-again-hint = Sign in again. Nothing is lost.
sign-in-error-missing-state = The OAuth server sent the browser back without naming a sign-in (there is no state in the address).
sign-in-error-missing-state-denied = The OAuth server reports that access was denied. It did not name the sign-in that this is about, so it was not continued.
sign-in-error-missing-state-scope = The OAuth server reports that it does not grant the scope that was requested. It did not name the sign-in that this is about.
sign-in-error-missing-state-error = The OAuth server reports an error. It did not name the sign-in that this is about, so it was not continued.
sign-in-error-cookie-missing = Your browser did not send the cookie that this sign-in began with.
sign-in-error-cookie-hint = Allow cookies for this site (a private window or an extension may block them), then sign in again in the same browser.
sign-in-error-other-tab = Another tab of this browser began to sign in at the same moment.
sign-in-error-expired = This sign-in took longer than ten minutes, so it is no longer accepted.
sign-in-error-already-used = This sign-in was completed before. Its address works only once.
sign-in-error-not-a-navigation = Signing in begins only when a browser tab opens this address, not when a script or another page loads it.
sign-in-error-not-a-navigation-hint = Open the console in a tab of its own.
sign-in-error-access-denied = The cluster did not grant the console access on your behalf.
sign-in-error-scope-refused = The cluster does not grant this console the scope that it asks for.
sign-in-error-scope-hint = An administrator should look at scopeRestrictions of the OAuthClient: the console asks for user:full.
sign-in-error-wrong-secret = The OAuth server refused the console itself, the client { $client }. Most often the client secret is wrong; it says the same of a code that was used before.
sign-in-error-secret-hint = Sign in again. If it stays so, an administrator should compare { $setting } with the secret of the OAuthClient.
sign-in-error-code-refused = The code that the OAuth server gave had expired or was meant for another request.
sign-in-error-request-refused = The OAuth server did not accept the request.
sign-in-error-redirect-hint = An administrator should compare redirectURIs of the OAuthClient with COCKPIT_KUBE_URL: the address of the console must be among them.
sign-in-error-oauth-answer = The OAuth server answered something that this console cannot use.
sign-in-error-unreachable-hint = Try again in a moment. If it stays so, the log of the console has the cause under the request shown below.
sign-in-error-token-refused = The token that your browser brought is none that this cluster knows.
sign-in-error-user-unknown = The cluster let you in, but the master did not say who you are.
sign-in-error-user-unknown-busy = The cluster let you in, but the API server is busy and did not say who you are.
sign-in-error-user-unknown-proxy = The cluster let you in, but a proxy or load balancer answered { $status } in place of the API server, which would have said who you are.
sign-in-error-user-unknown-roles = The cluster let you in, but the API server has just started and has not loaded its roles yet, so it refuses everything.
sign-in-error-user-unknown-failed = The cluster let you in, but the API server failed when it was asked who you are.
sign-in-error-user-unknown-api = The cluster let you in, but this API server does not serve users (user.openshift.io).
sign-in-error-user-unknown-unreachable = The cluster let you in, but the API server could not be reached to say who you are.
sign-in-error-oauth-busy = The OAuth server is busy and did not finish the sign-in.
sign-in-error-busy-hint = Sign in again { $when }.
sign-in-error-user-unknown-now = The API server cannot say just now who you are (user.openshift.io).
sign-in-error-user-unknown-now-hint = Sign in again in a moment. While the cluster is upgraded it can take some minutes.
sign-in-error-token-too-large = The token of your account is too long for this console to keep.
sign-in-error-admin-hint = Tell whoever runs the console.
# The OAuth server would refuse every sign-in: its reason, and the remediation.
preflight-redirect-uri-title = The OAuth server does not send people back to this address
preflight-redirect-uri-text = Nobody can sign in until the address that this console takes for its own is registered as a redirect URI of its OAuth client. The console has asked the OAuth server before sending you there, because all that you would find there is a line of JSON.
preflight-client-missing-title = The cluster has no OAuth client of this name
preflight-client-missing-text = Nobody can sign in until it is there, with the address of this console among its redirect URIs. The console has asked the OAuth server before sending you there, because all that you would find there is a line of JSON.
preflight-redirect-uri-sent = Redirect URI that was sent
preflight-own-address = This console’s own address
preflight-configured = COCKPIT_KUBE_URL says so.
preflight-from-host = Your browser asked for it (Host header): COCKPIT_KUBE_URL is not set.
preflight-oauth-client = OAuth client
oauth-fault-unreachable = The OAuth server cannot be reached
oauth-fault-late = The OAuth server did not answer in time
oauth-fault-untrusted = The certificate of the OAuth server is not trusted
oauth-fault-not-secure = No secure connection to the OAuth server
oauth-fault-error = The OAuth server answers with an error
oauth-fault-busy = The OAuth server is busy
oauth-fault-answer = What answers at this address is not an OAuth server
oauth-fault-text = The console checked the OAuth server before sending you there. Nobody can sign in until it works; people who are signed in can go on.
oauth-fault-late-text = The console checked the OAuth server before sending you there, and waited for 4 seconds. The OAuth server may only be slow: try again, or choose “Sign in anyway” and wait there.
oauth-fault-error-text = The OAuth server, or the router in front of it, answered HTTP { $status }. Nobody can sign in until it works; people who are signed in can go on.
oauth-fault-busy-text = The console checked the OAuth server before sending you there, and the OAuth server asks to be left alone for a while. People who are signed in can go on.
oauth-fault-advice = Try again in a moment. If it stays so, tell an administrator of the cluster.
oauth-fault-server = OAuth server
oauth-fault-discovered = The API server names it in its discovery document.
oauth-fault-configured = OPENSHIFT_OAUTH_PROVIDER_URL says so: the API server names none.
oauth-fault-curl = See what the OAuth server answers; a working one answers 200:
oauth-fault-operator = On OpenShift 4, see whether the cluster knows what is wrong with it:
oauth-fault-pods = On OpenShift 4, see whether its pods run:
no-oauth-title = This cluster has no OAuth server
no-oauth-text = The API server names no OAuth server, and none answers at { $address }. So people sign in to this cluster through an external identity provider (OpenID Connect), as on most hosted control planes since OpenShift 4.19 and on other clusters since 4.20 where it is configured.
no-oauth-console = This console can only sign people in through the OAuth server of OpenShift. On this cluster nobody can sign in to it yet. Programs can use its JSON pages under /api/v1 with a bearer token that the API server accepts.
no-oauth-provider = If the cluster does have an OAuth server, OPENSHIFT_OAUTH_PROVIDER_URL must be its address; { $address } was tried. If the API server has just started, try again in a moment.
no-oauth-type = See how people sign in to the cluster: OIDC stands for an external identity provider; IntegratedOAuth, or nothing, for the OAuth server of OpenShift:
no-oauth-bearer = Use the JSON pages with a token, for example that of a service account; it sees what the service account may see:
no-flow-title = Nobody can sign in: the console has no client secret
no-flow-text = OAUTH_IMPLICIT_FLOW is off, so the console takes no token from the address of a page. The other way to sign in, the code flow, needs the secret of the OAuth client: OPENSHIFT_OAUTH_CLIENT_SECRET or OPENSHIFT_OAUTH_CLIENT_SECRET_FILE.
remediation-title = What an administrator of the cluster can do
remediation-route = See which host the route has; if the console is not deployed in the project default, replace the project in this and the other commands:
remediation-show-redirect-uris = See which redirect URIs are registered; people can sign in at those addresses:
remediation-add-redirect-uri = If the address of this console is right, register it beside the others:
remediation-own-address = If the address of this console is wrong, tell it that of the route:
remediation-show-client = See whether the client is there:
remediation-set-redirect-uris = If it is, it lacks redirect URIs:
remediation-create-client = If it is not, create it:
remediation-create-client-with-secret = If it is not, create it; type the secret that the console has from { $setting }, which is not shown, and press Enter:
remediation-find-client-secret = Find the Secret from which the console has the client’s secret:
remediation-patch-client-secret = Give the client the secret that the console has from { $setting }: type it, which is not shown, and press Enter:
remediation-copy-client-secret = Copy the client’s secret into a Secret of the console’s project; it is not shown:
remediation-mount-client-secret = Mount the Secret into the console:
remediation-set-client-secret-file = Name the file in the console’s environment:
implicit-callback-wait = One moment: the console takes over what the OAuth server says …
implicit-callback-needs-script-title = Signing in needs JavaScript here
implicit-callback-needs-script-text = The OAuth server has let you in, but its answer can only be read by a script, because this console was not given the secret of its OAuth client. Allow scripts for this site and sign in again. An administrator can set OPENSHIFT_OAUTH_CLIENT_SECRET: then signing in works without JavaScript, and is safer.
implicit-callback-history-warning = The address of this page held your access token. Your browser may have written it to its history, where other programs of this computer can read it: sign out when you are done, which revokes the token. An administrator can set OPENSHIFT_OAUTH_CLIENT_SECRET, after which tokens no longer pass through addresses.

## Image streams and images

created = Created
stream-failing = { $count ->
    [one] { $count } tag could not be imported
   *[other] { $count } tags could not be imported
}
stream-repository-failed = The last import of the whole repository failed
stream-failing-hint = The list below says why, in the words of the cluster.
stream-location = Where it lives
stream-public = From outside the cluster
stream-no-public = The cluster names no public registry host
stream-internal = From inside the cluster
stream-tracks-repository = Follows all tags of
stream-local-lookup = Local lookup
stream-local-lookup-on = Pods of this project may name the image stream in place of a pull spec.
pull-and-push = Pull and push
pull = Pull
push = Push
pull-by-tag = Pull by tag
pull-by-digest = Pull by digest: always the same image
pull-nothing = There is nothing to pull yet.
pull-inside-only = This name works inside the cluster only. REGISTRY_HOST tells the console what the registry is called outside.
tags = Tags
tag = Tag
count-tags = { $count ->
    [one] { $count } tag
   *[other] { $count } tags
}
tags-none = No tags yet
tags-none-hint = A tag appears here as soon as an image is pushed or imported.
filter-tags = Tag or digest
count-tags-of = { $count } of { $all ->
    [one] { $all } tag
   *[other] { $all } tags
}
nothing-found-tags = Looked for “{ $text }” in the names and digests of { $count ->
    [one] { $count } tag.
   *[other] { $count } tags.
}
tags-unreadable = { $count ->
    [one] { $count } tag is left out: its name is not valid.
   *[other] { $count } tags are left out: their names are not valid.
}
source = Source
digest = Digest
size = Size
size-by-platform = by platform
size-at-least = at least { $size }
size-at-least-explanation = The manifest does not say how large all parts are.
architecture = Architecture
last-update = Last update
none = none
never = never
current = current
import-failed = Import failed
import-advice-authentication = The registry wants a sign-in, or does not let this user pull the image. Give the project a pull secret for the registry, then import again: imports use every pull secret of their project.
import-advice-pull-secret = Fill in a name for the secret, the user and the password (HOST: the registry). Then import again.
import-advice-not-found = The registry has no such image. Check the name of the repository and the tag. Some registries also say so where a sign-in is needed.
import-advice-certificate = The cluster does not trust the certificate of the registry. A cluster administrator can add the certificate authority (on OpenShift 4 through additionalTrustedCA of image.config.openshift.io/cluster). For a registry without a valid certificate, the import policy can be set to insecure.
import-advice-without-tls = The registry speaks HTTP without TLS. Set the import policy to insecure if that is how it is meant to be reached.
import-advice-unreachable = The API server cannot reach the registry. Check the host name and the port. If they are right, a cluster administrator has to look at DNS, firewall and proxy between the cluster and the registry.
import-advice-not-allowed = The cluster allows imports from certain registries only. A cluster administrator must add this one to allowedRegistriesForImport.
import-advice-rate-limit = The pull rate limit of the registry is used up. Wait a while, or give the project a pull secret: registries allow more to users who are signed in.
history-more = { $count ->
    [one] One older entry is not shown here.
   *[other] { $count } older entries are not shown here.
}
history-pages = Show the whole history
history-all-tags = Show all tags
tag-history = { $count ->
    [one] History of { $tag }: { $count } image
   *[other] History of { $tag }: { $count } images, newest first
}
presence-only-stream = not in the registry
presence-only-stream-meaning = The image stream names an image, but the registry does not list this tag. Pulling it may fail.
presence-only-registry = only in the registry
presence-only-registry-meaning = The registry holds this tag, but the image stream does not know it. The cluster cannot use it until it is pushed or imported again.
presence-unresolved-meaning = The tag is asked for, but no image has arrived: nothing was pushed, or the import has not succeeded.
attachments = Signatures, attestations, SBOMs
attachments-explanation = What this image stream holds about this image
attachments-of = Signatures, attestations and SBOMs of { $tag }: { $count }
attachment-signature = Signature
attachment-attestation = Attestations
attachment-sbom = Software bill of materials
attachment-referrers = Referrers index
attachment-of-earlier = of an earlier image of this tag
attachment-without-image = no tag of this image stream points at its image,
presence-reference = no image, by design
presence-reference-meaning = The tag only refers to an image of another registry. The cluster never imports it, so no image will appear here.
absent-reference = This tag has no image of its own, by design
absent-reference-text = It only refers to an image elsewhere (reference: true). The cluster never imports that image; whatever uses the tag pulls it from its source.
absent-import-failed = The image could not be imported
absent-import-failed-text = The tag is to get its image from another registry, and the last import failed. What the cluster says about it stands below.
absent-not-imported = The image has not been imported yet
absent-not-imported-text = The tag is to get its image from another registry. No import has finished so far; a new import usually takes a few seconds.
absent-source-empty = What this tag follows has no image
absent-source-empty-text = The tag gets its image from another tag or image of this cluster, which does not exist, has no image itself, or may not be read.
absent-nothing-pushed = Nothing was pushed to this tag
absent-nothing-pushed-text = The image stream defines the tag, but without a source to import from. It gets an image when one is pushed.
absent-deleted = The image of this tag has been deleted
absent-deleted-text = The image stream still names the image, but the cluster no longer has it: most often because it was pruned. Pulling this tag fails until it gets another image.
absent-deleted-digest-text = The history of a tag still names the image, but the cluster no longer has it: most often because it was pruned. It cannot be pulled any more.
absent-only-registry = Only the registry knows this tag
absent-only-registry-text = The registry lists the tag, but its manifest cannot be read, and the image stream does not know the tag. Push the image again.
absent-tracked = Tag that it follows
absent-what-to-do = What can be done
absent-pull-source = Pull the image from where it is
absent-import-instead = Let the cluster import the image in place of only referring to it
absent-push = Push an image to this tag
absent-describe = See what the API server knows about the image stream
absent-point-elsewhere = Point it elsewhere…
stream-import-reference = This tag only refers to an image of another registry (reference: true): by design there is nothing to import.
source-pushed = pushed
source-external = tracks image
source-tag = tracks tag
source-image = stays at image
source-pushed-since-image = pushed since; was set to image
source-pushed-since-external = pushed since; was set to track image
source-unknown = unknown source
source-scheduled = scheduled
source-scheduled-meaning = The cluster imports it again on a schedule.
source-insecure = insecure
source-insecure-meaning = The cluster may import it without verifying the TLS certificate.
source-reference = reference only
source-reference-meaning = The cluster never imports it, but refers to the other registry.
source-local = through this registry
source-local-meaning = Clients pull it through this registry, which fetches it from the other one (referencePolicy: Local).
import-mode = What is imported of an image for several platforms
import-mode-preserve = all platforms
import-mode-preserve-meaning = An import keeps the index and the images of all its platforms (importMode: PreserveOriginal).
import-mode-preserve-hint = The index and the image of each platform (PreserveOriginal). An image of one platform is imported as it is.
import-mode-legacy = one platform
import-mode-legacy-meaning = Of an image for several platforms, an import keeps the one that the cluster runs on (importMode: Legacy).
import-mode-legacy-hint = Only the image of the platform that the cluster runs on (Legacy). Pods on other platforms cannot run it.
import-platforms = { $count ->
    [one] { $count } platform:
   *[other] { $count } platforms:
}
import-one-platform = for one platform:
import-mode-drops = An import keeps one platform only: “one platform” (Legacy) is chosen below.
image-facts = Facts
on-this-page = On this page
image-incomplete = Part of this image could not be read
image-object = Image object of the cluster
image-disagrees = Stream and registry disagree
image-disagrees-hint = Under this tag the registry holds another image than the stream names. Shown here is the stream's; the registry has
image-pushed = Came here
image-built = Built
image-built-not-set = not set; came here
author = Author
size-compressed = Size, compressed
platform = Platform
platforms = Platforms
platforms-explanation = A client pulls the one that fits its machine
platform-attestation = attestation
platform-attestation-of = about
platform-artifact = artifact
platform-index = index
platform-blob = no manifest
platform-not-said = does not say
platform-missing = not in this registry
platform-missing-meaning = The index lists it, but the image registry does not have it: a client for this platform cannot pull. It was not pushed, or has been pruned.
platforms-unread = Size and date of { $count } more were not read. Their own pages show them.
index-content = Content of the index
media-type = Media type
kind-image = Container image
kind-schema1 = Container image, schema 1
kind-index = Image for several platforms
kind-artifact = Artifact, not an image
kind-artifact-index = Index of artifacts, no image
kind-build-cache = Build cache of BuildKit
kind-empty-index = Empty index
artifact-type = Artifact type
no-pull-artifact-index = This index lists no container image, so there is nothing to pull and run. The page of each artifact says how to fetch it.
no-pull-build-cache = This is a build cache: BuildKit reads it with --cache-from. There is nothing to pull and run.
no-pull-empty-index = This index lists nothing, so there is nothing to pull.
artifact = Content of the artifact
artifact-kind = What it is
file = File
no-name = no name
artifact-subject = Belongs to
artifact-pull = This is not a container image: docker and podman cannot run it. Fetch it with the tool that it is made for.
artifact-kind-helm = Helm chart
artifact-kind-cosign = Signature (cosign)
artifact-kind-notation = Signature (Notation)
artifact-kind-sbom = Software bill of materials
artifact-kind-attestation = Attestation
artifact-kind-wasm = WebAssembly module
artifact-kind-singularity = Singularity image
artifact-kind-tekton = Tekton bundle
artifact-kind-unknown = does not say what it is
image-container = How it runs
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
and-more = and { $count } more
values-truncated = { $count ->
    [one] One long text is cut short here. The raw document has the whole.
   *[other] { $count } long texts are cut short here. The raw document has the whole.
}
labels = Labels
annotations = Annotations
build-history = How it was built
step = Step
layer = Layer
count-steps = { $count ->
    [one] { $count } step
   *[other] { $count } steps
}
build-history-mismatch = Steps of the history that made a layer: { $steps }. Layers: { $layers }. Which belongs to which is not known.
build-history-too-many = There are too many steps or layers to tell which belongs to which.
build-history-no-layer = no layer
layers = Layers
layer-format = Format
layer-uncompressed = not compressed
layer-encrypted = encrypted
layer-empty = empty
layer-foreign = not stored here
layer-foreign-meaning = A foreign layer: clients fetch it from the addresses in the manifest. It does not count in the size of the image.
count-layers = { $count ->
    [one] { $count } layer
   *[other] { $count } layers
}
image-names = All names
image-names-explanation = Tags of all streams that you can see
image-name-points-here = Points here
image-name-current = now
image-name-since = Since
image-no-names = No tag that you can see points here, or ever did.
image-name-former = no longer
raw-manifest = Manifest
raw-config = Config
raw-document-truncated = The rest is left out here. This command prints the whole document:

## Missing sections

upstream-api-server = The OpenShift master
upstream-oauth = The cluster's OAuth server
upstream-registry = The image registry
upstream-storage = The registry's object storage
missing-not-allowed = { $upstream } does not show you this: your roles do not include it. An administrator of the project can give you one that does.
missing-not-there = { $upstream } does not have this. It may have been deleted meanwhile.
missing-unreachable = { $upstream } could not be reached. Try again in a moment; if it stays so, tell whoever runs the cluster.
missing-untrusted = { $upstream } showed a certificate that this console does not trust. Whoever runs the console should compare it with { $setting }.
missing-no-secure-connection = No secure connection to this server came about: { $upstream }. An administrator of the console should check its address: perhaps nothing speaks TLS there.
missing-untrusted-reason = { $reason } { $advice }
missing-late = { $upstream } did not answer within the time that this page can wait. Reload the page to ask again.
missing-api-server-unreachable-for-registry = { $upstream } could not find out from the master whether you may see this. Try again in a moment; if it stays so, tell whoever runs the cluster.
missing-in-storage = { $upstream } keeps this in object storage, which the console could not read.
# The object storage that the registry redirects to: its host, and one of the reasons below.
storage-trouble = The registry keeps its blobs in object storage at { $host }. The console could not read it: { $reason }
storage-trouble-nowhere = The registry redirects to object storage for its blobs. The console could not read it: { $reason }
storage-off = REGISTRY_BLOB_REDIRECTS is off, so redirects of the registry are not followed.
storage-no-address = the redirect names no address that can be used. This is for the administrator of the registry.
storage-not-https = the address does not begin with https. This is for the administrator of the registry.
storage-forbidden-address = the address belongs to the console's own machine or network link, where the console follows no redirect. This is for the administrator of the registry.
storage-redirected-again = it redirects elsewhere, and the console follows one redirect only. This is for the administrator of the registry.
storage-refused = it answered { $status }. The clock of the registry may be wrong, or its credentials for the storage.
storage-digest-mismatch = its bytes are not those that the digest names, so they are not shown.
storage-unknown-authority = its certificate is signed by an authority that the console does not trust. Give the console that authority with REGISTRY_BLOB_CA_FILE.
storage-untrusted = its certificate has expired, is for another name, or cannot be checked.
storage-no-secure-connection = no secure connection to it came about: perhaps nothing speaks TLS at its address.
storage-tls-alert = it ended the TLS handshake with the alert “{ $alert }”: { $reason }
storage-unreachable = it cannot be reached from the console's pod. Allow connections to it (a firewall, an egress network policy), or set REGISTRY_BLOB_REDIRECTS to off.
storage-late = it did not answer in time. Reload the page.
storage-too-large = what it holds there is larger than the console reads.
missing-busy = { $upstream } is busy and asked to be left alone for a while. Try again { $when }: reload the page.
missing-unavailable = { $upstream } is not available just now. Reload the page { $when }.
missing-proxy = A proxy or load balancer answered { $status } in place of this server: { $upstream }. Reload the page { $when }.
missing-roles-not-loaded = { $upstream } has just started and has not loaded its roles yet. Reload the page in a moment.
missing-failed = { $upstream } answered that it failed itself ({ $status }). Reload the page; if it stays so, its log has the cause.
missing-not-served = { $upstream } does not serve this API.
stale-title = As of { $when }: the API server cannot be asked just now
stale-text = This is what the console last knew. What was pushed or changed since is missing, and changes are not possible until the API server answers again.
missing-too-large = { $upstream } sent more than this console reads. A command-line client can still fetch it.
missing-digest-mismatch = { $upstream } sent bytes that are not those that the digest names, so they are not shown. Tell whoever runs the cluster.
missing-unreadable = { $upstream } answered something that this console could not make sense of. Reload the page; if it stays so, the console's log has the cause.

## Lists of projects, image streams and tags

image-stream = Image stream
image-streams = Image streams
streams = Streams
newest-tags = Newest tags
tag-count = Tags
last-push = Last push
no-image-yet = no image yet
of-stream = of { $name }
of-project = of project { $name }
more-tags = + { $count } more
imports-failed = { $count ->
    [one] { $count } failed import
   *[other] { $count } failed imports
}
count-projects = { $count ->
    [one] { $count } project
   *[other] { $count } projects
}
project-failing-streams = { $count ->
    [one] { $count } image stream with failed imports
   *[other] { $count } image streams with failed imports
}
images-failing-only = Only image streams with a failed import.
images-any-state = Show all image streams
images-failing-none = No import has failed.
count-streams = { $count ->
    [one] { $count } image stream
   *[other] { $count } image streams
}
count-streams-of = { $count } of { $all ->
    [one] { $all } image stream
   *[other] { $all } image streams
}
filter-images = Name, project or tag
filter-projects = Name or description
clear-filter = Clear the filter
nothing-found = Nothing found
nothing-found-images = Looked for “{ $text }” in the names, projects and tags of { $count ->
    [one] { $count } image stream.
   *[other] { $count } image streams.
}
nothing-found-projects = Looked for “{ $text }” in the names and descriptions of your projects.
search-all-projects = Search all projects
search-and-sort = Search and sort
projects-not-listed = { $count ->
    [one] The images of { $count } project are not shown: it could not be listed.
   *[other] The images of { $count } projects are not shown: they could not be listed.
}
objects-unreadable = { $count ->
    [one] { $count } image stream is not shown: the master's description of it makes no sense.
   *[other] { $count } image streams are not shown: the master's descriptions of them make no sense.
}
access-unknown = { $count ->
    [one] The access of { $count } project is not known.
   *[other] The access of { $count } projects is not known.
} { $reason }
streams-unknown = { $count ->
    [one] The image streams of { $count } project could not be counted.
   *[other] The image streams of { $count } projects could not be counted.
} { $reason }

## Overview and first steps

recently-pushed = Recently pushed
all-images = All images
your-projects = Your projects
all-projects = All projects
images-title-project = Images of { $project }
no-project-title = No project yet
no-project-explanation = A project is the home of images, and of the people who may use them. You do not belong to any so far.
no-project-start = Create one with the command-line client, then reload this page:
no-project-ask-administrator = If the cluster does not let you, ask an administrator for one, or for a role in somebody else's.
no-image-title = No image yet
no-image-start = Nothing has been pushed to your projects so far. The commands below show how.
no-stream-explanation = An image stream comes into being with the first push of an image of that name.
how-to-push = How to push
connect = Connect
connect-sign-in = Sign in to the registry
connect-push = Push an image
connect-pull = Pull an image
no-registry = This cluster has no integrated image registry
no-registry-hint = Image streams can still refer to images in other registries, which are pulled from there. Nothing can be pushed until an administrator enables the integrated registry.
no-registry-how = How to enable it
no-registry-enable = Enable the integrated registry: OpenShift { $version }
no-registry-storage-4 = The first command shows the present state: Removed, or nothing, means no registry. The registry starts only where storage is configured in spec.storage of the same object, for example object storage or a persistent volume claim; configure that first. It is ready when oc get clusteroperator image-registry says so.
no-registry-storage-3 = Without a volume, the registry keeps its images in its pod and loses them when the pod ends: mount persistent storage at /registry before you push.
registry-host-unknown = The address of the registry is not known here
registry-host-unknown-advice = Replace REGISTRY in the commands by the registry's host name. Whoever runs this console can set REGISTRY_HOST, so that it stands here.
may-not-push = You may not push to this project. An administrator of the project can give you the role registry-editor.

## Projects and their members

project = Project
about-project = About the project
display-name = Display name
description = Description
requester = Requested by
phase = Phase
phase-active = Active
phase-terminating = Being deleted
phase-unknown = Unknown phase
access = Access
access-private = Private
access-private-meaning = Only members of the project can pull its images.
access-shared = Shared
access-shared-meaning = Every user who has signed in to the cluster can pull its images.
access-anonymous = Anonymous
access-anonymous-meaning = Anybody can pull its images, without signing in.
access-only-anonymous = Anonymous only
access-only-anonymous-meaning = Anybody can pull its images without signing in. A client that has signed in needs a role in the project to pull: without one, the registry refuses it.
members = Members
member = Name
member-kind = Kind
member-roles = Roles
no-members = Nobody has been given a role in this project.
system-members = { $count ->
    [one] { $count } service account or system group
   *[other] { $count } service accounts and system groups
}
subject-user = User
subject-group = Group
subject-service-account = Service account
group-authenticated = Every signed-in user
group-by-oauth = Every person who has signed in
group-unauthenticated = Everybody who has not signed in
role-gives-admin = Administers, pushes and pulls
role-gives-push = Pushes and pulls
role-gives-pull = Pulls
role-gives-see = Sees the images, but does not pull them
role-binding = Binding
build-history-unreadable = Part of the history or of the layers cannot be read: which belongs to which is not known.

## Forms
cancel = Cancel
undo = Undo
server-says = The cluster says:
in-a-terminal = The same in a terminal:
command-hidden = There is no command to copy here: a value in it has characters that are not shown or that a terminal acts on ({ $characters }).
will-be-removed = What goes
will-be-kept = What stays
refused-not-allowed = You do not have the right to do this
refused-not-allowed-hint = Nothing was changed. Ask somebody who administers the project.
refused-over-quota = A quota is used up
refused-over-quota-hint = Nothing was changed. This is not about your rights: the project has as much of this as its quota allows. Remove what is no longer needed, or ask an administrator of the cluster to raise the quota.
refused-quota-unknown = The cluster has not computed a quota yet
refused-quota-unknown-hint = Nothing was changed. The project has a quota, and the cluster does not know yet how much of it is used. Send the form again in a moment; if it stays so, tell an administrator of the cluster.
refused-over-limit = It is more than a limit of the project allows
refused-over-limit-hint = Nothing was changed. This is not about your rights: a limit range of the project says how much there may be. Remove what is no longer needed, or ask an administrator of the cluster to raise the limit.
refused-webhook = A rule of this cluster does not allow it
refused-webhook-hint = Nothing was changed. An admission webhook, which somebody added to the cluster, denied the change. Its message says what it wants; an administrator of the cluster knows more.
refused-policy = A policy of this cluster does not allow it
refused-policy-hint = Nothing was changed. A ValidatingAdmissionPolicy, which somebody added to the cluster, denied the change. Its message says what it wants; an administrator of the cluster knows more.
refused-webhook-failed = A check of this cluster does not answer
refused-webhook-failed-hint = Nothing was changed. The cluster asks an admission webhook before each change like this, and the webhook did not answer. Send the form again in a moment; if it stays so, tell an administrator of the cluster.
refused-see-quota = See what is set and what is used:
not-allowed-hint = An administrator of the project can give you a role that includes it.
refused-exists = The name is taken
refused-exists-hint = Nothing was changed. Choose another name, or open what is there.
refused-stale = Somebody else was faster
refused-stale-hint = It was changed since this page was made. What you see now is fresh: look at it and send the form again.
refused-contended = Something else keeps changing this image stream
refused-contended-hint = Nothing was changed: a push, an import or another person changed the image stream at each of several tries. Send the form again in a moment.
refused-not-begun = There was no time left for it
refused-not-begun-hint = Nothing was changed. Send the form again for what is left.
refused-not-there = It is no longer there
refused-not-there-hint = It was deleted meanwhile, or moved.
refused-invalid = The cluster does not accept this
refused-invalid-hint = Nothing was changed. Correct what is marked and send the form again.
refused-not-reached = The cluster cannot be reached
refused-not-reached-hint = Nothing was changed. What you typed is still here: send the form again in a moment.
refused-uncertain = The cluster broke off in the middle
refused-uncertain-hint = Whether the change was made is not known. Look first, then send the form again if it is missing.
refused-too-long = The answer of the cluster is too long
refused-too-long-hint = It is longer than the 8 MiB that are read. What you asked for may have been done: look at the image stream. For many tags, import a few at a time.
refused-busy = The cluster is busy
refused-busy-hint = Nothing was changed. Try again { $when }: send the form once more.
refused-proxy = A proxy answered { $status }
refused-proxy-hint = The answer did not come from the cluster, but from a proxy or load balancer in front of it. Whether the change was made is not known. What you typed is still here: look first, then send the form again if the change is missing.
refused-unavailable = The API server is not available just now
refused-unavailable-hint = Nothing was changed. What you typed is still here: send the form again { $when }.
refused-not-served = This API server does not serve what the change needs
refused-not-served-hint = Nothing was changed. An administrator of the cluster finds on the console's Doctor page which APIs are missing.

## Removing a tag
remove-tag = Remove tag
remove-tag-title = Remove { $stream }:{ $tag }?
remove-tag-removes = The tag { $tag }, with its history of { $history ->
    [one] one entry
   *[other] { $history } entries
}.
remove-tag-follower = The tag { $tag } follows it: it keeps its image, and gets no new ones.
remove-tag-keeps-image = The image itself:
remove-tag-last-name = No other tag of this stream points at the image any more. It is in the history of one, and can be pulled by digest.
remove-tag-leaves = The image leaves this image stream: no other tag has pointed at it. This cannot be undone.
remove-tag-leaves-restorable = The image leaves this image stream: no other tag has pointed at it. Undo sets the tag to its source again, which may have another image by then.
remove-tag-history-leaves = { $count ->
    [one] { $count } earlier image of its history leaves this image stream: no other tag has pointed at it. This cannot be undone.
   *[other] { $count } earlier images of its history leave this image stream: no other tag has pointed at them. This cannot be undone.
}
remove-tag-keeps-others = { $count ->
    [one] Another tag of the same image:
   *[other] { $count } other tags of the same image:
}
tag-removed = The tag { $tag } was removed from { $stream }.
tag-restored = The tag { $tag } is back.
tag-restored-image = It is set to image { $digest }; its history begins anew.
tag-restored-source = It is set to { $source } again and gets the image that is there now; its history begins anew.
tag-restored-without-annotations = Its annotations were not put back.
tag-not-restored-exists = The tag { $tag } was not put back: there is a new tag of that name.
tag-not-restored = The tag { $tag } could not be put back: { $said }

## Members, roles and access
members-more = and { $count } more. oc get rolebindings prints all of them.
members-manage = Manage members
members-of = Members of { $project }
member-add = Add member
member-role = Role
member-admin = Admin
member-push = Push
member-pull = Pull
member-name-hint = As in the cluster: dev, foo@bar.com, system:janitor:default.
member-service-account-hint = By name; one of another project as project:name.
member-name-missing = Please say who.
member-name-invalid = This cannot be the name of such a member. Names of users hold letters, digits and - @ . _ : only.
member-role-missing = Please choose a role.
member-added = { $name } now has the role { $role }.
member-added-not-checked = { $name } now has the role { $role }. Whether this name exists could not be checked: you may not look it up.
unknown-user = There is no user “{ $name }” yet
unknown-group = There is no group “{ $name }”
unknown-service-account = There is no service account “{ $name }”
unknown-member-hint = Nothing was changed yet. Check the spelling. If it is right, send the form again: the role takes effect when the name exists, for a user at the first sign-in.
member-removed = { $name } no longer has the role { $role }.
remove-member = Remove
remove-member-title = Remove a role in { $project }?
remove-own-role = This is you
remove-own-role-hint = You may lose what you can do here, and then cannot give it back to yourself.
remove-own-role-confirm = I want to give up this role.
change-role = Change role
change-role-of = Role of { $name }
change-role-title = Change a role in { $project }?
role-replacement = What comes in its place
role-others-unknown = Which other roles they have is not known: the bindings of the project could not be read.
member-changed = { $name } now has the role { $to } in place of { $role }.
remove-own-group = You are in this group
remove-last-admin = Nobody else administers this project
remove-last-admin-hint = No other user or group has a role here that lets them change its members. Only somebody who administers the cluster could give one again.
remove-last-admin-confirm = I know that nobody in this project will be able to change its members.
remove-unconfirmed = Please tick this box to go on.
role-unfinished = { $name } has both roles now
role-unfinished-hint = The new role was given. The old one was not taken, or it is not known whether it was: send the form below to finish. That is safe to do twice.
role-finish = Take { $role }
pullers = Other projects that may pull
pullers-explanation = Everything that runs in such a project may pull all images of this one.
puller-grant = Let it pull
puller-added = The project { $project } may now pull.
puller-added-not-checked = The project { $project } may now pull. Whether it exists could not be checked: you may not see it.
unknown-project = There is no project “{ $name }”
unknown-puller-hint = Nothing was changed yet. Check the spelling. If the project is still to be created, send the form again.
puller-hint = As in the cluster: lower-case letters, digits and dashes.
puller-invalid = Please name another project: lower-case letters, digits and dashes.
access-of = Who may pull from { $project }
access-change = Change access
access-change-link = Change
access-choose = Please choose one of the three.
access-changed = Access to { $project } is now: { $policy }.
access-anonymous-warning = Anybody who can reach the registry can pull its images without signing in, outside the company too if the registry is open to it.
access-anonymous-confirm = I know that everybody can then pull all images of this project without signing in.
access-anonymous-sure-when = Needed for the choice “Anonymous” only.
access-anonymous-unconfirmed = Please tick this box to open the project to everybody, or choose another policy.
access-other-roles-open = Other roles are given to everybody here, too
access-by-cluster = A role of the whole cluster opens this project
access-by-cluster-hint = What you choose here does not change that. Ask somebody who administers the cluster.
access-only-anonymous-now = Only system:unauthenticated is bound
access-add-signed-in = Let signed-in users pull, too
access-set-in-terminal = Set “{ $policy }” in a terminal
## Creating, editing and deleting projects
new-project = New project
new-project-explanation = A project is the home of images, and of the people who may use them. You will administer it.
new-project-name = Name
new-project-name-rule = 2 to 63 characters: lower-case letters, digits and dashes, beginning and ending with a letter or digit. It cannot be changed later.
new-project-name-taken = There is a project { $project } already, perhaps one that you may not see. Choose another name.
display-name-hint = What people see next to the name. May be empty.
create-project = Create project
project-created = The project { $project } was created. You administer it.
edit-project = Edit project
edit-project-offer = Edit…
edit-project-title = Edit { $project }
save-project = Save
project-edited = The project { $project } was changed.
project-stale-hint = The project was changed since this page was made, and nothing of yours was saved. Compare with what is there now; sending the form again replaces it.
project-there-now = What is there now
delete-project = Delete project
delete-project-offer = Delete…
delete-project-title = Delete { $project }?
delete-project-forever = This cannot be undone.
delete-project-removes = The project, with everything in it and the rights of its members.
delete-project-members = { $count ->
    [0] No role of anybody: nobody was given one
    [one] The roles of one user, group or service account
   *[other] The roles of { $count } users, groups and service accounts
}
delete-project-members-unknown = The roles of its members: how many is not known.
delete-project-more = { $count ->
    [one] and one more image stream
   *[other] and { $count } more image streams
}
delete-project-confirm = Type { $project } to confirm
delete-project-mistyped = This is not the name of the project: { $project }. Nothing was deleted.
project-deleted = The project { $project } is being deleted. It may stay in lists for a moment.
## Who may pull and push
access-title = Who can pull and push, and why
access-of-project = Rights are given for all image streams of { $project } together.
access-you = You
access-you-pull = You may pull.
access-you-no-pull = You may not pull. An administrator of the project can give you the role registry-viewer.
access-you-push = You may push.
access-you-no-push = You may not push. An administrator of the project can give you the role registry-editor.
access-cannot-review = Your roles do not include the right to see who else can, and why. The API server shows that to administrators of the project.
access-review-label = Can this user, group or service account?
access-only-own = You may only ask about yourself here.
access-nobody-yet = Nobody of that name exists yet. A role that is given now waits for them.
access-no-name = Nobody can have this name
access-no-name-hint = Names hold no slash, no percent sign and no invisible characters. A service account of another project is written as project:name.
access-review-result = The answer
access-can-pull = Can pull
access-cannot-pull = No right to pull was found. The role registry-viewer would give it.
access-can-push = Can push
access-cannot-push = No right to push was found. The role registry-editor would give it.
access-only-anonymous-verdict = Images can be pulled from here without signing in, but a client that has signed in is refused without a role.
access-grant-pull = This command gives the right to pull:
access-grant-push = This command gives the right to push, which includes pulling:
access-groups-unknown = You may not see the groups of the cluster, so a right that comes through a group of this user may be missing here.
access-more = and { $count } more. The commands below print all of them.
access-subjects = Everybody who can
access-system-subjects = Service accounts and groups of the cluster
access-through = Through
access-direct = Given directly:
access-through-group = Through the group
access-through-unlisted-role = by a cluster-wide binding or a custom role
access-possible-groups = Members of these groups can:
## Tagging and rolling back
tag-as = Tag as…
tag-as-title = Give this image another tag
tag-as-stream-hint = A stream that does not exist yet is created.
tag-add = Add tag
tag-move = Move the tag
tag-follow = Follow { $tag }: whatever is pushed there later appears here too
tag-follow-same-stream = A tag follows only tags of its own stream. Take the tick away, or stay in the same stream.
tag-name-rule = Letters, digits, dots, dashes and underscores; at most 128; no dot or dash at the start.
stream-name-rule = Small letters and digits, with single dots, dashes or underscores between them.
project-name-rule = Small letters, digits and dashes, at most 63.
tag-taken = This tag exists already
tag-taken-at = It points at
tag-taken-at-nothing = It points at nothing yet.
tag-taken-hint = Nothing was changed yet. If it should be moved, send the form again; what it pointed at stays in its history.
tag-pointed = { $tag } now points at the image.
tag-pointed-already = { $tag } points at this image already.
tag-rolled-back = { $tag } is back at { $digest }.
roll-back = Roll back
roll-back-title = Roll { $stream }:{ $tag } back?
roll-back-now = Now
roll-back-then = Then
roll-back-explanation = The tag will point at the earlier image. Nothing is deleted: what it points at now stays in its history, and you can go forward again in the same way.
roll-back-source = The tag will no longer follow its source
roll-back-source-hint = It stays at the earlier image until somebody points it elsewhere.
differs = What differs
differs-unknown = What differs is not known: the cluster does not hold both images any more.
differs-nothing = Nothing differs in what the cluster knows of the two images.
differs-built = Built
differs-layers = Layers of its own
differs-command = Command
differs-user = Runs as
differs-directory = Directory
differs-ports = Ports
differs-variable = Variable
differs-label = Label
remove-tag-link = Remove tag…
roll-back-link = Roll back…

## Adding a tag
new-tag = Add tag
new-tag-link = Add tag…
new-tag-title = Add a tag to { $stream }
new-tag-name = New tag
new-tag-source = What it points at
new-tag-source-local = An image of this registry
new-tag-source-local-hint = Fill in the image below.
new-tag-source-external = An image of another registry
new-tag-source-external-hint = It is imported at once: fill in where it is.
new-tag-local-image = Image of this registry
new-tag-local-image-hint = As in app:1.0, project/app:1.0, or with a digest: project/app@sha256:…
new-tag-follow = Follow the tag: whatever it points at later appears here too (only tags of this stream)
new-tag-external-image = Image of another registry
new-tag-external-image-hint = As in docker.io/library/nginx:1.27
new-tag-scheduled = Look regularly whether there is something new (scheduled)
new-tag-policy = Where those who pull it are sent
new-tag-policy-source = To the other registry (Source)
new-tag-policy-source-hint = They need to reach it themselves.
new-tag-policy-local = To this registry, which fetches it (Local)
new-tag-policy-local-hint = They need to reach only this one.
new-tag-preview = Look at it first
new-tag-no-such-image = There is no such image, or you may not see it.
new-tag-source-required = Choose what the tag is to point at.
new-tag-local-image-invalid = This names no image of this registry. Say the stream with a tag or a digest, as in app:1.0.
new-tag-external-image-invalid = This names no image. Say the registry, the repository and the tag, as in docker.io/library/nginx:1.27.
new-tag-external-image-is-local = This is an image of this registry: choose that above.
new-tag-imported = { $tag } was imported from { $from }: it points at { $digest }.
new-tag-follows = { $tag } follows { $from }.
new-tag-import-failed = { $tag } follows { $from } now, but its image could not be imported: { $said }

## Removing many tags
remove-tags = Remove tags
remove-tags-link = Remove tags…
remove-tags-title = Remove tags of { $stream }
remove-tags-preview = Look at what will go
remove-tags-more = { $count ->
    [one] One more tag matches: it can be removed after these.
   *[other] { $count } more tags match: they can be removed after these.
}
remove-tags-removes = { $count ->
    [one] This tag goes, with its history
   *[other] These { $count } tags go, with their history
}
remove-tags-keeps = { $count ->
    [0] No other tag of this stream is left. The images stay until they are pruned.
    [one] One other tag of this stream, and all images until they are pruned.
   *[other] The { $count } other tags of this stream, and all images until they are pruned.
}
tags-removed = { $count ->
    [one] One tag was removed from { $stream }.
   *[other] { $count } tags were removed from { $stream }.
}
tags-removed-unknown = { $count ->
    [one] It is not known whether one tag was removed
   *[other] It is not known whether { $count } tags were removed
}
tags-restored-unknown = { $count ->
    [one] It is not known whether one tag is back
   *[other] It is not known whether { $count } tags are back
}
tags-unknown-hint = The answer of the cluster did not arrive whole. The page of the image stream shows whether the tags are there.
tags-not-removed = { $count ->
    [one] One tag was not removed
   *[other] { $count } tags were not removed
}
tags-restored = { $count ->
    [one] One tag of { $stream } is back.
   *[other] { $count } tags of { $stream } are back.
}
tags-not-restored = { $count ->
    [one] One tag could not be put back
   *[other] { $count } tags could not be put back
}
tags-undo-hint = They can be put back as long as the image stream still holds their images.
tags-not-removed-preview = Look at those that are left
tags-back-to-stream = To the image stream
tag-moved-since = It points elsewhere since you looked. Look again before you remove it.
tag-name-in-use = There is a new tag of that name.
tag-image-missing = The image stream does not hold its image any more.
remove-tags-none-chosen = Choose at least one tag.
remove-tags-too-many = At most { $most } tags can be removed at a time. Untick some, and remove them afterwards.
remove-tags-change = Change the selection
remove-tags-all-missing = All of these tags are gone already.
remove-tags-choose = Choose tags
remove-tags-missing = Gone already
remove-tags-last-tag-of-image = no other tag points at its image any more
remove-tags-leaves = its image leaves the stream, which cannot be undone
tags-not-restorable = { $count ->
    [one] One of them cannot be put back: the image stream holds its image no more.
   *[other] { $count } of them cannot be put back: the image stream holds their images no more.
}
remove-tags-stays-under = its image stays under
remove-tags-and-more = and { $count } more

## Creating, editing and deleting image streams
stream-new = New image stream
stream-edit = Edit
stream-edit-title = Edit { $stream }
stream-import = Import now
stream-import-title = Import { $what } again?
stream-import-explanation = The cluster looks at every source once more and takes what is new. Tags that have not changed stay as they are.
stream-import-all-of = All tags of
stream-delete-link = Delete…
stream-delete = Delete image stream
stream-delete-title = Delete the image stream { $stream }?
stream-delete-tags = { $count ->
    [0] It has no tags.
    [one] Its one tag, with its history:
   *[other] Its { $count } tags, with their histories:
}
stream-delete-images = { $count ->
    [0] No image leaves the stream.
    [one] One image can no longer be pulled from this stream.
   *[other] { $count } images can no longer be pulled from this stream.
}
stream-delete-keeps = Images that other image streams hold can still be pulled there. The rest is kept until an administrator prunes it.
stream-create = Create
stream-save = Save
stream-preview = Look what is there
stream-source = Where its images come from
stream-source-none = Pushed only
stream-source-none-hint = Nothing is imported.
stream-source-all = All tags of a remote repository
stream-source-all-hint = Fill in the repository below.
stream-source-tags = Chosen tags
stream-source-tags-hint = Fill in the repository once and list its tags below.
stream-repository = Remote repository
stream-repository-hint = As in registry.example.com/team/app, without a tag.
stream-insecure = Its certificate need not be trusted (insecure)
stream-tags = Tags to follow
stream-tags-hint = Tags of the repository above, by blank, comma or line. Or one a line with its own source, and if wanted the words scheduled, insecure and local: 1.0 registry.example.com/team/app:1.0 scheduled
stream-tags-modes-hint = Tags of the repository above, by blank, comma or line. Or one a line with its own source, and if wanted the words scheduled, insecure, local, and PreserveOriginal or Legacy in place of the choice above: 1.0 registry.example.com/team/app:1.0 scheduled
stream-annotations = Annotations
stream-annotations-hint = One a line: key=value
stream-name-invalid = Small letters and digits, with single dots, dashes or underscores between them.
stream-invalid-project = There is no project of that name.
stream-invalid-repository = This is not the name of a repository: it holds small letters, digits, dots, dashes and slashes, and may begin with the host of a registry.
stream-repository-missing = Fill in the repository to import from.
stream-repository-tagged = Leave out the tag or digest: { $repository }. Which tags are imported is chosen apart from the repository.
stream-repository-scheme = Leave out what stands before the host, such as https://.
stream-repository-blank = The name of a repository holds no blanks.
stream-tags-none = List at least one tag.
stream-tags-name = “{ $text }” cannot be the name of a tag: names of tags hold letters, digits and . _ - and begin with a letter, a digit or _.
stream-tags-source = “{ $text }” is not the name of an image: write it as in registry.example.com/team/app:1.0.
stream-tags-word = “{ $text }” is none of the words that may follow a source: scheduled, insecure, local.
stream-tags-twice = The tag “{ $text }” is listed twice.
stream-tags-no-source = Where “{ $text }” comes from is missing: fill in the remote repository, or write the source after the tag.
stream-invalid-annotations = This line has no key and value: { $line }
stream-invalid-source = Choose where the images come from.
stream-stale-hint = The image stream was changed since this page was made, and nothing of yours was saved. Compare with what is there now; sending the form again replaces it.
stream-untracked-tags = { $count ->
    [one] One tag will follow its source no more
   *[other] { $count } tags will follow their sources no more
}
stream-untracked-tags-hint = They keep the images that they have and get no new ones; one that has no image yet goes. Nothing was changed yet: send the form again if that is what you want.
stream-untracked-tags-save = Save, and let go of them
stream-created = The image stream { $stream } was created.
stream-mode-not-imported = { $done } Its repository was not imported in the mode that was chosen: { $said }
stream-changed = The image stream { $stream } was changed.
stream-deleted = The image stream { $stream } was deleted.
stream-preview-title = What is there
stream-preview-empty = There is nothing to import.
stream-whole-repository = The repository
stream-result-found = Found
stream-result-imported = Imported
stream-result-failed = Failed
stream-result-not-looked-at = Is there; not looked at
stream-result-no-source = Nothing here is imported from another registry.
## A project without its access policy
project-unfinished = { $project } was created, but not opened
project-unfinished-hint = The project is there. Its access policy was not set, or it is not known whether it was: send the form below to finish. That is safe to do twice.
project-unfinished-done = The project { $project } exists, and you administer it.
steps-completed = What was done
steps-remaining = What is left to be done
project-finish = Set the access policy

## Search

search = Search
search-box = Search images, tags, digests
search-hint = Names of projects, image streams and tags, all words in any order; a digest or its first digits; a pull spec, or a command or a line of YAML with one; label=value for labels of image streams. The key / brings you here from any page.
search-found = What was found
search-count = { $count ->
    [one] { $count } hit
   *[other] { $count } hits
}
search-images = Images by digest
search-all = Show all
search-all-kinds = Show every kind
search-similar-title = Nothing is called that. These come close:
search-nothing = Looked for “{ $text }” in the names of all projects, image streams and tags that you may see.
search-nothing-digest = Image streams name the digests of manifests. Those of configs and layers are only on the page of an image.
search-former-tag = once:
## Users and groups
users = Users
user = User
groups = Groups
group = Group
identity = Identity
identities = Identities
full-name = Full name
about-user = About the user
filter-users = Name, identity or group
filter-groups = Name or member
filter-members = Name of a member
count-users = { $count ->
    [one] One user
   *[other] { $count } users
}
count-groups = { $count ->
    [one] One group
   *[other] { $count } groups
}
nothing-found-users = Looked for “{ $text }” in the names, identities and groups of the users.
nothing-found-groups = Looked for “{ $text }” in the names and members of the groups.
no-group-title = No groups yet
no-group-explanation = A group gives several users the same roles at once.
group-synced-short = From a directory
group-synced = This group comes from a directory (LDAP)
group-synced-hint = What is changed here lasts until the next synchronization (oc adm groups sync), which puts back what the directory says.
group-empty = Nobody is in this group.
no-groups-of-user = In no group.
no-roles = No role in any project that you may see.
identities-none = None: nobody can sign in as this user.
roles-in-projects = Roles in projects
role-through = Through
role-direct = Given directly
role-give = Add to project
role-given = { $name } now has the role { $role } in { $project }.
group-join = Add to group
group-missing = Please name a group.
group-joined = Now in the group { $group }: { $user }.
group-left = No longer in the group { $group }: { $user }.
group-add-hint = One user name a line.
group-members-hint = One user name a line. May stay empty.
new-user = New user
new-user-explanation = Users appear by themselves when they first sign in. Make one beforehand to give it roles, or where the cluster does not let strangers in.
create-user = Create user
user-created = The user { $user } was created.
user-changed = The user { $user } was changed.
edit-user = Change user
edit-user-offer = Change…
identities-hint = Whom an identity provider knows the person as: provider:name, one a line. Each is made known to the cluster and stands for this user alone.
identity-invalid = This is no identity: { $identity }. It has to be provider:name.
identity-taken = The identity { $identity } stands for another user.
new-user-name-rule = Letters, digits, spaces and - , = @ . _ : only, beginning and ending with a letter or digit.
new-user-name-invalid = This cannot be the name of a user: { $name }
new-user-name-taken = The name { $name } is taken.
new-group = New group
create-group = Create group
group-created = The group { $group } was created.
group-deleted = The group { $group } was deleted.
user-deleted = The user { $user } was deleted.
delete-user = Delete user
delete-user-offer = Delete…
delete-user-removes = The user { $user }, and every sign-in of theirs that is still open.
delete-user-group = Membership in the group
delete-user-role = The role in
delete-user-keeps = Projects, image streams and images that they made.
delete-keeps-unmanaged-role = This role, which the console does not manage, goes on naming them:
delete-user-identities = As long as an identity of a deleted user is known to the cluster, the person cannot sign in with it. Once it is forgotten, they come back as a new user where the provider lets strangers in.
delete-user-forget = Forget the identities, too
delete-own-user-hint = Your session ends with it, and you may not be able to sign in again.
delete-own-user-confirm = I want to delete my own user.
delete-own-user-unconfirmed = Please tick this box to delete your own user.
delete-group = Delete group
delete-group-offer = Delete…
delete-group-removes = { $count ->
    [0] The group. Nobody is in it.
    [one] The group. Its one member loses what only the group gives.
   *[other] The group. Its { $count } members lose what only the group gives.
}
delete-group-role = The group's role in
delete-group-keeps = The users themselves, with what was given to them directly or through other groups.
leave-group = Remove from group
leave-group-removes = { $user } leaves the group { $group }.
leave-group-role = What the group gives in
leave-group-keeps = What was given to them directly or through other groups.
users-and-groups-not-allowed = It takes a role of the whole cluster: ask an administrator of the cluster.
users-and-groups-change-not-allowed-hint = Nothing was changed. It takes a role of the whole cluster: ask an administrator of the cluster.
users-and-groups-change-unfinished = Some of it was done, see below. Send the form again to go on from there: nothing is done twice.
step-create-user = The user { $user } is created
step-save-user = The full name of { $user } is saved
step-attach-identity = The identity { $identity } stands for { $user }
step-detach-identity = The identity { $identity } no longer stands for { $user }
step-leave-group = { $user } leaves the group { $group }
step-lose-role = { $name } loses the role { $role } in { $project }
step-delete-identity = The identity { $identity } is forgotten
step-delete-user = The user { $user } is deleted
step-delete-group = The group { $group } is deleted
no-such-user = The user “{ $name }” does not exist.
no-such-group = The group “{ $name }” does not exist.
no-such-user-or-group-hint = Check the name. Roles and groups can name somebody whom the cluster does not know yet.
error-forbidden-users = Only who may read the users of the cluster sees this page.
error-forbidden-groups = Only who may read the groups of the cluster sees this page.
error-forbidden-users-and-groups-hint = Roles in your own projects need no such right: give them on the project's page. For all else ask an administrator of the cluster.
## Connecting a registry client, and credentials

connect-all = All ways to connect
connect-host-unknown = Nobody outside of the cluster can reach it under a name that this console knows: the commands say REGISTRY in its place. An administrator gives it a name, and tells the console.
connect-expose = Give the registry a name: OpenShift { $version }
connect-expose-administrators-only = for administrators
connect-token = Your token
connect-token-explanation = Your name and this token sign you in to the registry. The commands below take it from oc, so that it need not be shown. If you have no oc at hand, have it shown here and paste it.
connect-token-oc = Your name and your token sign you in to the registry. This console does not show tokens: the commands below take yours from oc, and this one prints it.
token-show = Show my token
token-title = Your token
token-is-you = Whoever has this token can do what you can do
token-is-you-hint = Paste it where a program asks for it, and nowhere else. For machines, make a login of their own.
token-works-until = Works until
token-ends-with = It ends sooner where you sign out of this console, or where the cluster ends tokens that nobody uses.
time-remaining = { $left } left
connect-clients = Commands
connect-sign-in-oc = Sign in, with oc
connect-sign-in-oc-registry = Sign in Podman, Skopeo and Buildah at once (oc 4)
connect-sign-in-oc-registry-note = It takes the token that oc has, checks it at the registry, and writes it to the file that these clients read. Where this machine does not trust the registry's certificate, add --skip-check: the token is then written without a check. For Docker, add --to="$HOME/.docker/config.json".
connect-sign-in-paste = Sign in, with a token that you paste and then confirm with Enter (bash, zsh)
connect-copy = Copy from another registry
connect-sign-out = Sign out
connect-helm = The registry of OpenShift 4 keeps charts; that of OpenShift 3 refuses them.
connect-kubernetes = Kubernetes: pull secrets
connect-kubernetes-explanation = Your own token would end with your session, and the pods would stop pulling. Make a login for the project, download it as a pull secret, and apply that where the pods run. The file names the secret after the login, as in ci-pull: put that in place of registry-login below.
connect-secret-file = The secret, from the file
connect-secret = The secret, with a token that you paste
connect-pull-secret-link = Let every pod of a namespace use it
connect-pull-secret-pod = Or name it in a pod
connect-credentials = A login for machines
connect-credentials-explanation = A login of a project outlives your session: it is a service account with a right on the project's images and nothing else, and it works until it is taken back.
connect-credentials-choose-project = Choose a project above.
connect-credentials-not-allowed = You may not make one in this project. That takes the right to create service accounts and to give roles.
connect-trust = Trust the registry's certificate
connect-trust-explanation = If a client says that the certificate is signed by an unknown authority (x509), it has to be told about that authority.
trust-file = Write this to { $path }:
trust-docker-note = Docker sees it at once. The name of the directory is the registry's, with its port if it has one.
trust-podman-note = The second command is for containers without root, and for you alone.
trust-containerd-note = In /etc/containerd/config.toml, config_path of the registry must be /etc/containerd/certs.d. Files there are read afresh with every pull.
trust-crio-note = For one node. CRI-O sees it at once.
trust-openshift-note = All nodes, builds and imports trust it. The first command prints the name of the ConfigMap that is in use for this. If it prints nothing, run the second and the third. If it prints a name, run the last one alone, with that name in place of CONFIGMAP: another ConfigMap would take away the authorities that other registries need.
trust-system-note = Programs see it when they start again: restart Docker or containerd.
trust-macos-note = Docker Desktop reads the keychain when it starts: the second command restarts it.
trust-windows-note = Either command, as an administrator. Then restart Docker Desktop from its menu.
credentials = Logins for machines
credentials-of-project = Logins of { $project }
credentials-empty = None has been made here so far.
credential-name = Name
credential-name-rule = Small letters, digits, dashes and dots, at most 63, beginning and ending with a letter or digit.
credential-name-taken = There is a service account called { $name }. If it is a login of the list, finish it or take it back there; otherwise choose another name.
credential-right = May
credential-right-required = Choose what it may do.
credential-right-pull = Pull the images of this project
credential-right-push = Pull and push, to image streams that are there
credential-right-create = Pull and push, also under new names
credential-lifetime = Works
credential-lifetime-required = Choose how long it works.
credential-lifetime-unlimited = until it is taken back
credential-lifetime-unlimited-hint = For a machine that nobody visits.
credential-lifetime-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
credential-lifetime-days-hint = Then it needs a new token. The cluster may set an earlier end.
credential-actions = Actions
credential-finish = Finish
credential-show-token = Show the token
credential-new-token = New token
credential-revoke = Take back
credential-without-right = unfinished: it has no right yet
credential-new = New login
credential-create = Make the login
credential-not-allowed = It takes the right to create service accounts, to give roles, and to make tokens. An administrator of the project has all of them.
credential-created-title = Login { $name }
credential-created-copy-now = Copy the token now
credential-created-copy-now-hint = This page is not kept. If you lose the token, you can have it shown again from the list, or take the login back.
credential-created-copy-now-hint-expiring = This page is not kept, and nothing can show this token again. If you lose it, make a new one from the list of logins. The lost one works until it ends or the login is taken back.
credential-created-unlimited = Works until it is taken back. It does not end by itself.
credential-created-user = User name
credential-created-token = Password (token)
credential-created-docker-config = For Docker and Podman
credential-created-docker-config-explanation = The contents of ~/.docker/config.json, and of the file that REGISTRY_AUTH_FILE names.
credential-created-pull-secret = For Kubernetes
credential-created-pull-secret-explanation = A pull secret. Apply it in the namespace whose pods are to pull.
download-file = Download { $file }
credential-unfinished-title = Login { $name } is unfinished
credential-unfinished-hint = Some of it is made, or it is not known whether it was. Finish it, which is safe to do twice, or take it back.
credential-unfinished-no-expiring-tokens = This cluster issues no tokens that end by themselves. Take the login back, and make one that works until it is taken back.
credential-step-account = The service account { $name }
credential-step-role = Its role { $role }
credential-step-token = Its token
revoke-credential-title = Take back the login { $name }?
revoke-credential-removes-account = The service account with its tokens: machines that use it can no longer sign in, within two minutes.
revoke-credential-account-missing = The service account is gone already; its name still stands in roles of the project.
revoke-credential-removes-role = Its role
revoke-credential-keeps = Images that it pushed, and other logins. Pull secrets that were made of it stay where they are and no longer work.
credential-revoked-role-remains = The login is gone: nobody can sign in with it. Its name still stands in a role of the project. Press the button again to clear that away; for { $name }, nothing else is changed.
credential-revoked = The login { $name } was taken back.
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
authority-known = The registry's certificate leads to this authority of the configuration ({ $upstream }):
authority-wrong-name = That will not be enough: the registry's certificate is for another name than the one in the commands.
authority-expired = That will not be enough: a certificate of the registry has expired.
authority-public = Nothing has to be done on most machines. The registry's certificate comes from an authority that this machine trusts by itself:
authority-none = There is no certificate to hand out
authority-unknown = None of the authorities that this console was given vouches for the registry
authority-unknown-hint = So no certificate is handed out here: one that was merely shown could be anybody's. Ask whoever runs the cluster for the authority's certificate. If they set REGISTRY_CA_FILE to a file with it, this page will offer it.
authority-only-itself = The registry's certificate is vouched for by no authority but itself
authority-only-itself-hint = It is not handed out as one. Ask whoever runs the cluster to have it signed by an authority.
authority-shown = What the registry showed, verified by nobody:
authority-not-seen = The registry's certificate could not be seen
authority-no-tls = There is no TLS at that address.
authority-tls-alert = The server at that address ended the TLS handshake with the alert “{ $alert }”.
authority-no-name = The registry's name cannot be resolved from the console.
authority-no-connection = The console gets no connection to that address.
authority-late = The registry did not answer in time.
authority-no-host = The console has not been told under which name the registry is reached from outside (REGISTRY_HOST), so it cannot see which authority vouches for it.
authority-fetch = Fetch it, and check what came
authority-compare = The first command does not check the console's own certificate, which curl may not trust. So the second one checks the file: it prints the fingerprint above, or removes the file. Do not use a file of which it printed nothing.
## The doctor
doctor = Doctor
doctor-link-text = Is everything all right?
doctor-intro = What the console found when it asked everybody it works with. What is the same for all is at most half a minute old.
doctor-all-good = Nothing is wrong.
doctor-failures = { $count ->
    [one] One thing does not work.
   *[other] { $count } things do not work.
}
doctor-warnings = { $count ->
    [one] One warning.
   *[other] { $count } warnings.
}
doctor-impact = What it costs
doctor-remediation = What to run
doctor-details = What was seen
doctor-terminal = The same in a terminal of the console's pod, or anywhere with its variables:
doctor-configuration-wrong = A setting cannot be used.
doctor-address-configured = The console has been told its address.
doctor-address-from-host = The console takes its address from the host that browsers ask for.
doctor-address-unknown = The console has not been told its address (COCKPIT_KUBE_URL); only browsers know it.
doctor-address-plain = People reach the console without TLS.
doctor-redirect-registered = The OAuth client is there, and sign-ins may come back to this address.
doctor-client-missing = There is no OAuth client of this name, or it has no redirect URIs.
doctor-redirect-not-registered = The OAuth client is there, but sign-ins may not come back to this address: none of its redirect URIs fits.
doctor-sign-in-not-tried = The OAuth server did not say whether a sign-in would begin well.
doctor-secret-not-tried = Whether the client's secret is right shows only when somebody signs in.
doctor-secret-worked = The client's secret was right when you signed in.
doctor-flow-code = People sign in by the authorization code flow, with PKCE.
doctor-flow-implicit = People sign in by the implicit flow, as with the old console: the token passes through the address of a page, and Chromium keeps that address in its history database on disk. The code flow is safer; OAUTH_IMPLICIT_FLOW=off forbids this one.
doctor-flow-disabled = Nobody can sign in: OAUTH_IMPLICIT_FLOW is off, and the console was not given the secret of its OAuth client, which the code flow needs.
doctor-uris-cover = One of the registered redirect URIs fits this address.
doctor-uris-wide = One of the registered redirect URIs fits this address, and covers more than the path that sign-ins come back to. The narrower it is, the fewer pages could receive a code or token.
doctor-uris-lack = None of the registered redirect URIs fits this address.
doctor-uris-not-allowed = You may not read the OAuth client, so its redirect URIs are not shown.
doctor-route-fits = A route leads to this host.
doctor-route-lacks = No route has the console's host.
doctor-route-not-allowed = You may not read the routes, so they are not shown.
doctor-discovered = The master says where the OAuth server is.
doctor-discovery-missing = The master does not say where the OAuth server is; the configured address is used.
doctor-no-oauth-server = The cluster has no OAuth server: people sign in through an external identity provider (OpenID Connect). Nobody can sign in to this console; programs can use /api/v1 with a bearer token.
doctor-discovery-unreadable = What the master says about the OAuth server makes no sense.
doctor-discovery-plain = The master names an OAuth server without TLS; such an address is not used.
doctor-pkce-missing = The OAuth server does not offer PKCE with S256.
doctor-tls-trusted = The certificate of { $who } is trusted.
doctor-tls-expires-soon = The certificate of { $who } is trusted, but ends within 30 days.
doctor-tls-anybody = The certificate of { $who } is not checked (KUBERNETES_INSECURE).
doctor-tls-unknown-authority = No authority that the console trusts vouches for the certificate of { $who }.
doctor-tls-authority-renewed = The console trusts an older authority of the same name: the one behind { $who } was made anew.
doctor-tls-expired = A certificate of { $who } has expired.
doctor-tls-not-yet-valid = A certificate of { $who } is not valid yet.
doctor-tls-wrong-name = The certificate of { $who } is for other names.
doctor-tls-unusable = The certificate of { $who } cannot be used.
doctor-tls-issuer-missing = The certificate of { $who } was issued by an authority whose own certificate is missing: the server does not send it, and the console does not trust it. Either an intermediate certificate is missing on the server, or the authority is missing in the setting.
doctor-tls-no-names = The certificate of { $who } names no host: it has no subjectAltName, and the common name does not count.
doctor-tls-old-version = The certificate of { $who } has certificate version 1 (or 2), which cannot name a host in subjectAltName. Version 3 is needed.
doctor-tls-weak-key = The RSA key of the certificate of { $who } is shorter than 2048 bits.
doctor-tls-weak-signature = A certificate of { $who } is signed with SHA-1 or MD5, which can be forged. SHA-256 is needed.
doctor-tls-authority-as-server = The certificate of { $who } is that of an authority (CA:TRUE). It is trusted only where the setting holds this very certificate.
doctor-tls-not-for-servers = The certificate of { $who } is not meant for servers: its extended key usage lacks serverAuth.
doctor-tls-plain = { $who } is asked without TLS.
doctor-tls-own-authority = The certificate of { $who } is of an authority that no machine trusts by itself.
doctor-no-such-name = The name of { $who } cannot be resolved.
doctor-no-connection = { $who } accepts no connection.
doctor-no-tls = { $who } does not speak TLS there.
doctor-tls-alert = { $who } ended the TLS handshake with an alert, so it showed no certificate.
doctor-old-tls = { $who } speaks TLS, but neither TLS 1.2 nor a later version with a cipher suite that the console accepts.
doctor-late = { $who } did not answer in time.
doctor-not-reached = { $who } could not be asked.
doctor-clock-right = The clocks of the console and of { $who } agree.
doctor-clock-off = The clocks of the console and of { $who } differ by more than a minute.
doctor-clock-far-off = The clocks of the console and of { $who } differ by more than five minutes.
doctor-clock-unknown = { $who } did not say what time it is.
doctor-registry-answers = The registry answers, and asks for a token.
doctor-registry-is-none = What answers at the address of { $who } is no registry.
doctor-registry-foreign = A registry answers at the address of { $who }, but not the one of OpenShift.
doctor-registry-absent = The cluster has no integrated registry: the API server gives image streams no repository in one (status.dockerImageRepository), and none answers at REGISTRY_URL.
doctor-registry-alone = The registry answers, but cannot ask the master who may do what.
doctor-public-host-unset = The console has not been told what people call the registry (REGISTRY_HOST).
doctor-public-host-serves = The registry answers at its public address.
doctor-token-accepted = The master knows you.
doctor-user-api-missing = The API server does not serve user.openshift.io, so it cannot say whose token this is: as on clusters with an external identity provider.
doctor-token-refused = The master refuses the token.
doctor-token-not-given = Nothing was looked at as a user: no token was given.
doctor-token-on-command-line = The token stands in the list of processes, where others can read it: give it with --token-file (- is standard input).
doctor-registry-accepts = The registry takes the token that the master takes.
doctor-oci-pull-works = An OCI client can pull from the registry at its public address with your token.
doctor-oci-pull-not-tried = Whether an OCI client can pull from the registry at its public address is not known: there is no image that you may pull, or no integrated registry with a verified certificate answers there.
doctor-oci-pull-denied = The registry refuses an OCI client at its public address, although your token may pull the image. A proxy before the registry may remove the Authorization header, or the registry cannot review tokens.
doctor-oci-pull-not-found = The registry at its public address does not have an image that the API server lists. REGISTRY_HOST may name the registry of another cluster, or the registry has lost the image.
doctor-oci-pull-failed = An OCI client cannot pull from the registry at its public address.
doctor-blobs-in-registry = The registry gives out its blobs itself.
doctor-blobs-in-storage = The registry redirects to object storage for its blobs, and the console can read it.
doctor-blobs-not-tried = Whether the registry redirects to object storage is not known: there is no image to try it with that you may see.
doctor-storage-off = The registry redirects to object storage for its blobs, and REGISTRY_BLOB_REDIRECTS is off: images are shown without configuration and history.
doctor-storage-unknown-authority = The registry redirects to object storage for its blobs, whose certificate is signed by an authority that the console does not trust. REGISTRY_BLOB_CA_FILE names a file with that authority.
doctor-storage-untrusted = The registry redirects to object storage for its blobs, whose certificate has expired, is for another name, or cannot be checked.
doctor-storage-not-secure = The registry redirects to object storage for its blobs, and no secure connection to it came about.
doctor-storage-unreachable = The registry redirects to object storage for its blobs, which cannot be reached from the console. Allow the connection, or set REGISTRY_BLOB_REDIRECTS to off.
doctor-storage-refused = The registry redirects to object storage for its blobs, which the console cannot read.
doctor-registry-refuses = The registry refuses the token that the master takes.
doctor-account-absent = The console has no service account's token: it cannot keep an index.
doctor-account-may-index = The console's service account may list and watch image streams.
doctor-account-may-not-index = The console's service account may not list and watch image streams, which only an index would need.
doctor-account-refused = The master refuses the token of the console's service account.
doctor-apis-served = The API server serves all APIs that the console needs.
doctor-api-unavailable = The API server cannot answer for an API that the console needs just now.
doctor-api-not-served = The API server does not serve an API that the console needs.
doctor-index-ready = The index of image streams is up to date.
doctor-index-starting = The index of image streams is being filled.
doctor-index-stale = The index of image streams is not up to date. It is shown, with its age, only while the API server cannot be asked.
doctor-certificate-good = The console's own certificate is valid, and is for its address where that is known.
doctor-certificate-made = The console made its own certificate when it started: no browser trusts it, and each restart makes another one.
doctor-certificate-of-service = The console's own certificate is that of its Service, issued by the cluster's service CA: right for a route that encrypts anew (reencrypt), but browsers that come through a passthrough route do not trust it.
doctor-certificate-expires-soon = The console's own certificate expires within 30 days.
doctor-certificate-other-name = The console's own certificate is for another name than its address.
doctor-certificate-expired = The console's own certificate has expired.
doctor-certificate-not-yet-valid = The console's own certificate is not valid yet.
doctor-certificate-unusable = The console's own certificate cannot be used. A console that is running goes on with the last one that could be.
doctor-index-off = There is no index of image streams (INDEX is off or not set).
doctor-index-token-missing = There is no index of image streams: INDEX is auto, and there is no service account token.
doctor-index-elsewhere = An index of image streams is configured. How it is, the page /doctor of the running console says, and its metric registry_console_index_state.
doctor-version-three = The cluster is OpenShift 3.
doctor-version-four = The cluster is OpenShift 4 or later.
doctor-version-unknown = The master did not say which OpenShift it is.
doctor-key-shared = The key of sessions comes from configuration: restarts and replicas share it.
doctor-key-own = The key of sessions was made when the console started.
doctor-impact-start = The console does not start.
doctor-impact-everything = Nobody can sign in or see anything.
doctor-impact-sign-in = Nobody can sign in from a browser.
doctor-impact-images = What only the registry knows is missing on the pages of images.
doctor-impact-api = Pages and changes that need this API do not work. Without user.openshift.io, nobody can sign in.
doctor-impact-pull-and-push = Images cannot be pulled and pushed from outside of the cluster.
doctor-impact-commands = Commands on the pages say REGISTRY where the host should stand.
doctor-impact-secrecy = Whoever is on the way between may read or take tokens.
doctor-impact-sessions = Each restart signs everybody out, and several replicas sign people out at random.
doctor-impact-index = Long lists are read anew for each page.
doctor-impact-soon = From that moment on connections fail.
doctor-impact-browsers = Browsers warn of the page or refuse it, unless a route shows a certificate of its own. A route that encrypts anew may refuse the console.
doctor-impact-browsers-soon = From that moment on browsers refuse the page, unless a route shows a certificate of its own.
doctor-impact-skew = Sessions, tokens and certificates may count as too old or too young.
doctor-impact-own-certificates = docker and podman must be given this authority before they log in.
doctor-impact-certainty = Something may be wrong here that does not show.
doctor-impact-own-look = Nothing could be checked as this user. What is said about the servers does not depend on it.
doctor-impact-own-images = This user sees nothing that only the registry knows, and cannot pull or push.
doctor-fact-address = Address
doctor-fact-setting = Setting
doctor-fact-client = OAuth client
doctor-fact-redirect-uri = Redirect URI sent
doctor-fact-registered = Redirect URI registered
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
doctor-fact-sent-along = Sent along
doctor-fact-vouched-by = Vouched for by
doctor-fact-system = Machines trust
doctor-fact-reached = Reached at
doctor-fact-own-clock = Console's clock
doctor-fact-their-clock = Its clock
doctor-fact-off = Difference
doctor-fact-challenge = Wants
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
doctor-state-ok = Good
doctor-state-note = Note
doctor-state-unknown = Unknown
doctor-state-warning = Warning
doctor-state-failure = Failure
doctor-component-console = The console
doctor-component-sign-in = Sign-in
doctor-component-api-server = The master
doctor-component-registry = The registry, from inside
doctor-component-public-registry = The registry, from outside
doctor-component-user = You
doctor-component-in-sentence-console = the console
doctor-component-in-sentence-oauth = the OAuth server
doctor-component-in-sentence-api-server = the master
doctor-component-in-sentence-registry = the registry
doctor-component-in-sentence-public-registry = REGISTRY_HOST
doctor-component-in-sentence-user = the server
