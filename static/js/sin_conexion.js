/* The page without a network goes back to the one that was asked for. */
"use strict";

window.addEventListener("online", () => location.reload());
