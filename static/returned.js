// Back from the OAuth server: what it says is in the fragment, which only a script can see. It is wiped from the address and sent to the console.
"use strict";

{
  const form = document.getElementById("rc-returned");
  const returned = location.hash.slice(1);
  // First of all: histories and whoever looks over the shoulder keep nothing.
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
