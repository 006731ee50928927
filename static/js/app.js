/* The behaviour of all pages that htmx does not provide. Everything works without it. */
"use strict";

(() => {
  const TOAST_MS = 6000; // long enough to read; errors stay until somebody closes them
  const MAX_TOASTS = 3;
  const SEND_AGAIN_MS = 8000; // then a form may be sent again: somebody may have stopped it
  const NOT_SENT = "No hay conexión y no se envió nada. Inténtalo otra vez cuando vuelva.";
  const NO_ANSWER = "No hubo respuesta. Revisa tu conexión e inténtalo otra vez.";
  const SERVER_SILENT = "El servidor no responde, seguimos intentando.";

  const toasts = document.getElementById("toasts");
  const announcer = document.getElementById("announcer");
  const connection = document.getElementById("connection");

  document.documentElement.classList.add("js");

  // templates/sw.js shows a page without a network, and caches nothing else.
  window.addEventListener("load", () => {
    navigator.serviceWorker?.register("/sw.js").catch(() => {}); // browsers may refuse it
  });

  // --- Toasts ---

  function withCloseButton(note) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast-note__close";
    close.setAttribute("aria-label", "Cerrar el aviso");
    close.textContent = "×";
    close.addEventListener("click", () => note.remove());
    note.append(close);
  }

  function closeInTime(note) {
    let timer;
    const start = () => {
      clearTimeout(timer);
      timer = setTimeout(() => note.remove(), TOAST_MS);
    };
    const hold = () => clearTimeout(timer);
    note.addEventListener("mouseenter", hold);
    note.addEventListener("mouseleave", start);
    note.addEventListener("focusin", hold);
    note.addEventListener("focusout", start);
    start();
  }

  // app.css keeps the focused element and the page's end clear of the toasts by this height.
  new ResizeObserver(() => {
    const height = toasts.offsetHeight ? `${toasts.offsetHeight + 16}px` : "0px";
    document.documentElement.style.setProperty("--toasts-height", height);
  }).observe(toasts);

  const wordsOf = (note) => note.querySelector("p").textContent;

  function showNote(note, level) {
    [...toasts.children].find((other) => wordsOf(other) === wordsOf(note))?.remove();
    withCloseButton(note);
    toasts.append(note);
    while (toasts.children.length > MAX_TOASTS) toasts.firstElementChild.remove();
    if (level !== "error") closeInTime(note);
  }

  function toast(text, level) {
    const note = document.createElement("div");
    note.className = `toast-note toast-note--${level}`;
    const words = document.createElement("p");
    words.textContent = text;
    note.append(words);
    showNote(note, level);
  }

  document.body.addEventListener("toast", (event) => {
    event.detail.messages.forEach((message) => toast(message.text, message.level));
  });

  // Toasts that came with the page are inserted again, so that screen readers announce them too.
  const rendered = [...toasts.children];
  rendered.forEach((note) => note.remove());
  setTimeout(() => {
    rendered.forEach((note) => {
      showNote(note, note.classList.contains("toast-note--error") ? "error" : "");
    });
  }, 100);

  // --- Copy, share, print, reload: buttons that are hidden without this script ---

  async function copyFrom(input) {
    if (navigator.clipboard) return navigator.clipboard.writeText(input.value);
    input.select(); // over plain http there is no navigator.clipboard
    if (!document.execCommand("copy")) throw new Error("copy refused");
    return undefined;
  }

  document.querySelectorAll("[data-copy]").forEach((button) => {
    const input = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await copyFrom(input);
        toast("Enlace copiado.", "success");
      } catch {
        input.select();
        toast("No se pudo copiar. El enlace quedó seleccionado: cópialo tú.", "warning");
      }
    });
  });

  document.querySelectorAll("[data-share]").forEach((button) => {
    if (!navigator.share) return; // few on desktops have it, none over plain http
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.share({ text: button.dataset.share });
      } catch (problem) {
        if (problem.name === "AbortError") return; // the person closed it
        toast("No se pudo compartir. Copia el enlace y envíalo tú.", "warning");
      }
    });
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  document.querySelectorAll("[data-reload]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.location.reload()); // resends a form
  });

  // --- Forms are sent once, however often the button is clicked, and only with a connection ---

  let sent = new WeakSet();
  const letThrough = new WeakSet();
  window.addEventListener("pageshow", () => (sent = new WeakSet()));

  // Without a connection the browser would show its error page, and what was typed would be lost.
  // If the browser is wrong about the connection, the form is sent.
  async function sendIfConnected(form, submitter) {
    try {
      await fetch(location.href, { method: "HEAD" });
    } catch {
      toast(NOT_SENT, "warning");
      return;
    }
    letThrough.add(form);
    form.requestSubmit(submitter);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return; // forms.js found a mistake in it, or htmx sends it
    if (sent.has(form)) {
      event.preventDefault();
    } else if (!navigator.onLine && !letThrough.delete(form)) {
      event.preventDefault();
      sendIfConnected(form, event.submitter);
    } else if (form.matches("[data-once]")) {
      sent.add(form);
      setTimeout(() => sent.delete(form), SEND_AGAIN_MS);
    }
  });

  // --- Connection ---

  function say(region, text) {
    if (region.textContent !== text) region.textContent = text;
  }

  function sayOffline() {
    const asksAgain = document.querySelector('[hx-trigger*="every "]');
    say(connection, asksAgain ? "Sin conexión, seguimos intentando." : "Sin conexión.");
  }

  // A poll repeats by itself; a request that a person triggered does not.
  const isPoll = ({ requestConfig }) => !requestConfig.triggeringEvent?.isTrusted;

  function unanswered(event) {
    if (isPoll(event.detail)) sayOffline();
    else toast(navigator.onLine ? NO_ANSWER : NOT_SENT, "warning");
  }

  window.addEventListener("offline", sayOffline);
  window.addEventListener("online", () => say(connection, ""));
  document.body.addEventListener("htmx:sendError", unanswered);
  document.body.addEventListener("htmx:timeout", unanswered);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) say(connection, "");
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return; // the answer says why
    if (xhr.status >= 500 && isPoll(event.detail)) {
      say(connection, SERVER_SILENT);
    } else if (xhr.status === 403) {
      toast("No se pudo: recarga la página e inténtalo otra vez.", "error");
    } else {
      toast("Algo falló de nuestro lado. Inténtalo otra vez en un momento.", "error");
    }
  });

  // Cookies were cleared, or another tab logged in: the new token keeps this page's forms usable.
  document.body.addEventListener("newToken", (event) => {
    document.getElementsByName("csrfmiddlewaretoken").forEach((input) => {
      input.value = event.detail.token;
    });
  });

  // --- After a swap: announce a change once, and keep the focus ---

  let announced = document.querySelector("[data-announce]")?.textContent;
  let focusWasInside = false;

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    focusWasInside = event.detail.target.contains(document.activeElement);
  });

  document.body.addEventListener("htmx:load", (event) => {
    const loaded = event.detail.elt;
    const headline = loaded.querySelector("[data-announce]");
    if (headline && headline.textContent !== announced) {
      announced = headline.textContent;
      announcer.textContent = announced;
      // The title tells people who are in another tab.
      document.title = `${announced.trim()} · Censo al Día`;
    }
    if (focusWasInside && document.activeElement === document.body) {
      loaded.querySelector("[data-focus]")?.focus();
    }
    focusWasInside = false;
  });
})();
