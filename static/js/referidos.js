/* The table of referidos: open and ticked rows stay so, and changed rows are replaced in place.
   Without it the table has plain links and a plain form. */
"use strict";

(() => {
  const open = new Set(); // user ids as strings
  const ticked = new Set(); // on other pages too
  const announcer = document.getElementById("announcer");

  const table = () => document.getElementById("referidos");
  const row = (id) => document.getElementById(`referido_${id}`);
  const detail = (id) => document.getElementById(`detalle_${id}`);
  const tickBoxes = () => [...document.querySelectorAll('#bulk_form input[name="ids"]')];

  // --- Details ---

  function show(id, event) {
    const toggle = document.getElementById(`toggle_${id}`);
    if (!toggle) return;
    toggle.setAttribute("aria-expanded", "true");
    toggle.setAttribute("aria-controls", `detalle_${id}`);
    detail(id).hidden = false;
    // Loaded each time: it may have changed.
    htmx
      .ajax("GET", `/referido/${id}/`, {
        source: toggle,
        event, // a click: if the request fails, app.js shows a toast
        target: detail(id).firstElementChild,
        swap: "innerHTML",
      })
      .catch(() => {}); // app.js shows the error
  }

  function hide(id) {
    document.getElementById(`toggle_${id}`).setAttribute("aria-expanded", "false");
    detail(id).hidden = true;
  }

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (!toggle) return;
    const id = toggle.id.replace("toggle_", "");
    if (open.delete(id)) {
      hide(id);
    } else {
      open.add(id);
      show(id, event);
    }
  });

  // --- Ticks ---

  function tickTheBoxes() {
    const boxes = tickBoxes();
    for (const box of boxes) box.checked = ticked.has(box.value);
    const all = document.querySelector("[data-tick-page]");
    if (all) {
      const here = boxes.filter((box) => box.checked).length;
      all.checked = boxes.length > 0 && here === boxes.length;
      all.indeterminate = here > 0 && here < boxes.length;
      all.disabled = boxes.length === 0;
    }
    const button = document.querySelector("[data-ticked]");
    if (button) {
      button.hidden = ticked.size === 0;
      button.classList.toggle("has-ticks", ticked.size > 0);
      button.textContent =
        ticked.size === 1
          ? "Volver a consultar 1 marcado"
          : `Volver a consultar ${ticked.size} marcados`;
    }
    const untick = document.querySelector("[data-untick]");
    if (untick) untick.hidden = ticked.size === 0;
  }

  function tick(box) {
    if (box.checked) ticked.add(box.value);
    else ticked.delete(box.value);
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-page]")) {
      for (const box of tickBoxes()) {
        box.checked = event.target.checked;
        tick(box);
      }
    } else if (event.target.matches('#bulk_form input[name="ids"]')) {
      tick(event.target);
    } else {
      return;
    }
    tickTheBoxes();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-untick]")) return;
    ticked.clear();
    tickTheBoxes();
    document.querySelector("[data-tick-page]")?.focus();
  });

  document.body.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    // The ticks of all pages, in a single field.
    if (elt.id === "bulk_form") parameters.ids = [...ticked].join(",");
    // Without a search, the address has no parameter for one.
    if (elt.id === "referidos_search" && !parameters.q) delete parameters.q;
  });

  // --- Changes ---

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "referidos_poll") return;
    // Skip the poll if no row here is in flight or the tab is hidden: the next one catches up.
    const waits = document.querySelector("[data-in-flight]");
    if (!waits || document.visibilityState === "hidden") event.preventDefault();
  });

  function announce(changed) {
    const [first] = changed;
    const name = first?.querySelector("th").textContent.trim();
    const state = first?.querySelector(".state").textContent.trim();
    if (changed.length === 1) announcer.textContent = `${name}: ${state}.`;
    if (changed.length > 1) {
      announcer.textContent = `Cambiaron ${changed.length} filas de la lista.`;
    }
  }

  // Drop changed rows that are not on this page. The server sends all changes: it does not know
  // which rows this page has, as the same address may show others by now.
  function withoutRowsFromElsewhere(text, element) {
    if (!text.includes("<template>")) return text;
    const answer = document.createElement("template");
    answer.innerHTML = text;
    const changed = [];
    for (const part of answer.content.querySelectorAll("template")) {
      const fresh = part.content.querySelector("tr[data-version]");
      if (!fresh) continue;
      const shown = document.getElementById(fresh.id);
      if (shown && shown.dataset.version !== fresh.dataset.version) changed.push(fresh);
      else part.remove();
    }
    if (element.id === "referidos_poll") announce(changed); // others are followed by a toast
    return answer.innerHTML;
  }

  htmx.defineExtension("live-rows", {
    transformResponse: (text, _xhr, element) => withoutRowsFromElsewhere(text, element),
  });

  // --- After a swap: keep the focus ---

  let goesTo = []; // selectors: if the focus is lost, the first that matches gets it
  let movesOn = false; // another page of the table was asked for, and begins at its top

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const focused = document.activeElement;
    const focusedRow = focused.closest("tr.referido");
    movesOn = Boolean(event.detail.requestConfig.elt.closest(".pager"));
    goesTo = ["[data-focus]"];
    if (focusedRow) goesTo.unshift(`#${focusedRow.id} [data-toggle]`);
    if (focused.closest("#bulk_form .bulk-bar, #bulk_progress")) goesTo.unshift("#bulk_title");
    if (focused === document.body && !movesOn) goesTo = [];
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id === "bulk_form" && event.detail.successful) {
      ticked.clear();
      tickTheBoxes();
    }
    const focused = document.activeElement;
    if (movesOn || focused === document.body || focused.hidden) {
      const found = goesTo.map((selector) => document.querySelector(selector)).find(Boolean);
      found?.focus({ preventScroll: true });
    }
    goesTo = [];
    movesOn = false;
  });

  // On a phone the headings scroll sideways: show the one that the table is sorted by.
  function showTheOrder() {
    const heading = document.querySelector(".referidos th[aria-sort]");
    const strip = heading?.parentElement;
    if (!strip) return;
    strip.scrollLeft += heading.getBoundingClientRect().right - strip.getBoundingClientRect().right;
  }

  function restore(fresh) {
    const rows = fresh.matches("tr.referido") ? [fresh] : fresh.querySelectorAll("tr.referido");
    for (const changed of rows) {
      const id = changed.id.replace("referido_", "");
      if (open.has(id)) show(id);
      if (!changed.querySelector('input[name="ids"]')) ticked.delete(id);
    }
    tickTheBoxes();
  }

  document.body.addEventListener("htmx:load", (event) => {
    restore(event.detail.elt);
    if (event.detail.elt.id === "referidos") showTheOrder();
    const search = document.getElementById("q");
    const searched = table()?.dataset.search;
    if (search && searched !== undefined && document.activeElement !== search) {
      search.value = searched;
    }
  });

  tickTheBoxes();
  showTheOrder();
})();
