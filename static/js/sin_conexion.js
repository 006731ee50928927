/* The page without a network: load the page that was asked for once the network is back. */
"use strict";

window.addEventListener("online", () => location.reload());
