// Ends the session of kube:admin at the OAuth server, which only a form can do. The button is there without a script as well.
"use strict";

{
  const form = document.getElementById("rc-end-oauth-session");
  if ("atOnce" in form.dataset) form.submit();
}
