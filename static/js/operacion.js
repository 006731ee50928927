/* The operations page: poll only while the tab is visible, and keep opened tables open. */
"use strict";

(() => {
  const PART = "operacion";
  const connection = document.getElementById("operacion_conexion");
  let open = [];

  const part = () => document.getElementById(PART);
  const tables = () => [...part().querySelectorAll("details[id]")];

  function say(text) {
    if (connection.textContent !== text) connection.textContent = text;
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) htmx.trigger(part(), "vuelve");
  });

  document.body.addEventListener("htmx:beforeSwap", () => {
    open = tables().filter((table) => table.open).map((table) => table.id);
  });

  document.body.addEventListener("htmx:afterSwap", () => {
    tables().forEach((table) => {
      table.open = open.includes(table.id);
    });
    say("");
  });

  const silent = () => say("El servidor no responde: lo que ves es de la hora que se indica.");
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => {
    document.body.addEventListener(name, silent);
  });
})();
