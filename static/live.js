// Shows that a page is out of date, and lets the reader decide when to load the new one: nothing on the page moves by itself.
//
// The page is subscribed to changes only while it is in use: while it is visible, and for five minutes after the last input. The server ends each
// subscription after a minute and the script opens another one. An idle page opens none, so that its session can expire. The first subscription
// after a pause reports what happened meanwhile.
"use strict";

{
  const IDLE_TIMEOUT_MS = 5 * 60_000;
  const MIN_RECONNECT_DELAY_MS = 5_000;
  const MAX_RECONNECT_DELAY_MS = 60_000;

  const notice = document.getElementById("rc-live");
  const text = document.getElementById("rc-live-text");
  const show = document.getElementById("rc-live-show");

  let source = null;
  let timer = 0;
  let reconnectDelay = MIN_RECONNECT_DELAY_MS;
  let lastActivity = Date.now();
  let isFinished = false;

  const isInUse = () => !document.hidden && Date.now() - lastActivity < IDLE_TIMEOUT_MS;

  function close() {
    clearTimeout(timer);
    timer = 0;
    source?.close();
    source = null;
  }

  function reconnectAfter(milliseconds) {
    close();
    timer = setTimeout(connect, milliseconds);
  }

  function connect() {
    clearTimeout(timer);
    timer = 0;
    if (isFinished || source || !isInUse()) return;
    source = new EventSource(notice.dataset.live);
    source.addEventListener("open", () => (reconnectDelay = MIN_RECONNECT_DELAY_MS));
    source.addEventListener("change", (event) => showUpdate(JSON.parse(event.data).text));
    source.addEventListener("reconnect", (event) => reconnectAfter(Number(event.data)));
    source.addEventListener("end", () => {
      isFinished = true;
      close();
    });
    // Without close(), the browser would reconnect by itself, without end.
    source.addEventListener("error", () => {
      reconnectAfter(reconnectDelay + Math.random() * reconnectDelay);
      reconnectDelay = Math.min(reconnectDelay * 2, MAX_RECONNECT_DELAY_MS);
    });
  }

  function showUpdate(update) {
    text.textContent = update;
    notice.hidden = false;
    announce(update);
  }

  /** The reader is active. A pending reconnection keeps its delay, so that mouse movements cause no flood of requests. */
  function noteActivity() {
    lastActivity = Date.now();
    if (!source && !timer) connect();
  }

  for (const type of ["pointermove", "pointerdown", "keydown", "scroll", "focus"]) {
    addEventListener(type, noteActivity, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : noteActivity()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", noteActivity);

  // A filtered list was fetched: it is another page, and newer.
  document.addEventListener("rc:list-replaced-page", (event) => {
    close();
    notice.hidden = true;
    notice.dataset.live = event.detail;
    connect();
  });

  // Filters may have changed the page's address.
  show.addEventListener("click", () => (show.href = location.pathname + location.search));

  connect();
}
