// Ends the user's session at the server that signed them in: by the form for kube:admin, or by the link for an OIDC provider.
// Without this script, the reader presses the button.
"use strict";

{
  const form = document.getElementById("rc-end-oauth-session");
  if (form && "atOnce" in form.dataset) form.submit();
  const link = document.getElementById("rc-end-provider-session");
  if (link && "atOnce" in link.dataset) location.assign(link.href);
}
