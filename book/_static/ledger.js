/* Filter the ledger table; without JavaScript the whole table stands there. */
(function () {
  "use strict";
  function start() {
    const form = document.querySelector("form.sc-filter");
    if (!form) return;
    const rows = Array.from(document.querySelectorAll("table.sc-pair tbody tr"));
    const said = form.querySelector("output");
    const wanted = (name) => form.elements[name].value;

    function matches(row) {
      const words = wanted("words").trim().toLowerCase();
      return ["chapter", "verdict", "runs"].every((key) => !wanted(key) || row.dataset[key].split("|").includes(wanted(key)))
        && (!wanted("document") || row.dataset.document.split(" ").includes(wanted("document")))
        && (!words || row.textContent.toLowerCase().includes(words));
    }

    function apply() {
      let shown = 0;
      rows.forEach(function (row) {
        row.hidden = !matches(row);
        shown += row.hidden ? 0 : 1;
      });
      said.textContent = shown + " of " + rows.length + " claims";
    }

    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
