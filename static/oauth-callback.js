// The OAuth server returns its response in the fragment, which only a script can read. It is removed from the address bar and sent to the console.
"use strict";

{
  const form = document.getElementById("rc-implicit-callback");
  const response = location.hash.slice(1);
  // Removes it from the address bar and the history of this tab. It may remain in the browser's history on disk: Chromium writes the address there,
  // with the fragment, before any script of the page runs.
  history.replaceState(null, "", location.pathname);
  if (response) {
    form.hidden = false;
    form.elements.fragment.value = response;
    form.submit();
    form.elements.fragment.value = "";
  } else {
    document.getElementById("rc-no-fragment").hidden = false;
  }
}
