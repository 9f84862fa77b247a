// Back from the OAuth server: what it says is in the fragment, which only a script can see. It is removed from the address bar and sent to the console.
"use strict";

{
  const form = document.getElementById("rc-returned");
  const returned = location.hash.slice(1);
  // The address bar and the history of this tab lose it. The browser's history on disk may not: Chromium writes an address there, fragment and all,
  // before any script of the page runs.
  history.replaceState(null, "", location.pathname);
  if (returned) {
    form.hidden = false;
    form.elements.fragment.value = returned;
    form.submit();
    form.elements.fragment.value = "";
  } else {
    document.getElementById("rc-nothing-returned").hidden = false;
  }
}
