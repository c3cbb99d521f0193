/* Filter, order and search the ledger, kept in the page's address; without JavaScript the whole
   table stands there. A page opened as a file keeps them behind "#", where no server is asked. */
(function () {
  "use strict";
  const exact = ["chapter", "verdict", "kind", "runs"];

  function start() {
    const form = document.querySelector("form.sc-filter");
    if (!form) return;
    const body = document.querySelector("table.sc-pair tbody");
    const rows = Array.from(body.rows);
    const said = form.querySelector("output");
    const empty = document.querySelector(".sc-empty");
    const names = Array.from(form.elements, (field) => field.name).filter(Boolean);
    const wanted = (name) => form.elements[name].value;

    function matches(row) {
      const words = wanted("words").trim().toLowerCase();
      return exact.every((key) => !wanted(key) || row.dataset[key] === wanted(key))
        && (!wanted("document") || row.dataset.document.split(" ").includes(wanted("document")))
        && (!words || row.textContent.toLowerCase().includes(words));
    }

    function order() {
      const key = wanted("order");
      const value = (row) => Number(row.dataset[key]);
      const place = (row) => Number(row.dataset.place);
      rows.sort((one, two) => value(one) - value(two) || place(one) - place(two));
      body.append(...rows);
    }

    function remember() {
      const kept = new URLSearchParams();
      names.forEach(function (name) {
        const field = form.elements[name];
        const plain = field.options ? field.options[0].value : "";
        if (field.value && field.value !== plain) kept.set(name, field.value);
      });
      const text = kept.toString();
      const mark = location.protocol === "file:" ? "#" : "?";
      const anchor = location.hash.includes("=") ? "" : location.hash;
      const address = location.pathname + (text ? mark + text : "") + (mark === "?" ? anchor : "");
      try { history.replaceState(null, "", address); } catch (error) { if (text) location.hash = text; }
    }

    function recall() {
      const hash = location.hash.slice(1);
      const kept = new URLSearchParams(location.search || (hash.includes("=") ? hash : ""));
      kept.forEach(function (value, name) {
        const field = names.includes(name) ? form.elements[name] : null;
        if (!field) return;
        if (!field.options || Array.from(field.options).some((one) => one.value === value)) field.value = value;
      });
    }

    function apply() {
      let shown = 0;
      rows.forEach(function (row) {
        row.hidden = !matches(row);
        shown += row.hidden ? 0 : 1;
      });
      order();
      said.textContent = shown + " of " + rows.length + " claims";
      empty.hidden = shown > 0;
    }

    function change() { apply(); remember(); }

    /* On paper nothing can be unfolded. */
    let folded = [];
    addEventListener("beforeprint", function () {
      folded = Array.from(body.querySelectorAll("details:not([open])"));
      folded.forEach((one) => { one.open = true; });
    });
    addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));

    form.hidden = false;
    form.addEventListener("input", change);
    form.addEventListener("reset", () => setTimeout(change));
    form.addEventListener("submit", (event) => event.preventDefault());
    empty.querySelector("button").addEventListener("click", () => form.reset());
    recall();
    apply();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
