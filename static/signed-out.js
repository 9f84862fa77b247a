// Ends the session of kube:admin at the OAuth server, which takes a form submission. Without this script, the reader presses the button.
"use strict";

{
  const form = document.getElementById("rc-end-oauth-session");
  if ("atOnce" in form.dataset) form.submit();
}
