// Says that there is something new, and leaves it to people when to see it: nothing moves by itself.
//
// The server is listened to only while somebody is at the page: while it can be seen, and for five minutes after the last sign of life. Until
// then each minute is asked for anew; after it nothing is, so that a session that nobody uses can end. What happened meanwhile is told on the way back.
"use strict";

{
  const PRESENT = 5 * 60_000;
  const FIRST_WAIT = 5_000;
  const LONGEST_WAIT = 60_000;

  const notice = document.getElementById("rc-live");
  const text = document.getElementById("rc-live-text");
  const show = document.getElementById("rc-live-show");

  let source = null;
  let timer = 0;
  let wait = FIRST_WAIT;
  let seen = Date.now();
  let over = false;

  const isPresent = () => !document.hidden && Date.now() - seen < PRESENT;

  function close() {
    clearTimeout(timer);
    timer = 0;
    source?.close();
    source = null;
  }

  function comeBack(milliseconds) {
    close();
    timer = setTimeout(listen, milliseconds);
  }

  function listen() {
    clearTimeout(timer);
    timer = 0;
    if (over || source || !isPresent()) return;
    source = new EventSource(notice.dataset.live);
    source.addEventListener("open", () => (wait = FIRST_WAIT));
    source.addEventListener("news", (event) => tell(JSON.parse(event.data).text));
    source.addEventListener("again", (event) => comeBack(Number(event.data)));
    source.addEventListener("over", () => {
      over = true;
      close();
    });
    // Browsers would ask again by themselves, for ever.
    source.addEventListener("error", () => {
      comeBack(wait + Math.random() * wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  function tell(news) {
    text.textContent = news;
    notice.hidden = false;
    announce(news);
  }

  /** Somebody is there. Waits for the server are kept, so that a moving mouse is no flood of requests. */
  function present() {
    seen = Date.now();
    if (!source && !timer) listen();
  }

  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll", "focus"]) {
    addEventListener(sign, present, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : present()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", present);

  // A list that was narrowed meanwhile is another page, and newer.
  document.addEventListener("rc:renewed", (event) => {
    close();
    notice.hidden = true;
    notice.dataset.live = event.detail;
    listen();
  });

  // The page as it is now: filters may have changed its address.
  show.addEventListener("click", () => (show.href = location.pathname + location.search));

  listen();
}
