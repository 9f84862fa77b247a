## Frame of every page

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

## Words used everywhere

not-set = not set
unknown = unknown
apply = Apply
copy = Copy
copy-this = Copy { $text }
copied = Copied
copy-failed = The browser did not allow copying
show-all = Show all { $count } characters
cut-off = The rest is left out here; the raw JSON has it.
count-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}

## Moments

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

## Leafing through lists

pages = Pages
page-range = { $first }–{ $last } of { $total }
previous-page = Previous
next-page = Next

## Signing in and out, errors

sign-in = Sign in
sign-in-explanation = This console shows what your OpenShift account may see. You sign in with the cluster; the console never learns your password.
sign-in-with-openshift = Sign in with OpenShift
sign-in-refused = The cluster did not let you in
sign-in-again = Sign in again
signed-out = You are signed out
signed-out-revoked = Your access token has been revoked at the cluster.
signed-out-not-revoked = Your access token could not be revoked
signed-out-not-revoked-advice = This console has forgotten it, but the cluster would still accept it until it expires. An administrator can delete it there.
signed-out-shared-computer = On a shared computer, close the browser as well: the cluster's own login page may still remember you.
try-again = Try again
to-overview = Go to the overview
