/* What a reader takes from a chart: its text, its table, its data, a picture with title and source.
   Everything is made here from the chart's own specification; nothing leaves the page. */
(function () {
  "use strict";
  const MOST_ROWS = 300;

  const specOf = (figure) => window.smallcapSpec(figure);
  const wordsOf = (spec) => ((spec.usermeta || {}).smallcap || {}).words || {};

  function parse(text) {
    const [head, ...lines] = text.trim().split("\n").map((line) => line.split(","));
    return lines.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at]])));
  }

  /* Every data set of a chart, in the order of its parts, compact columns in words. */
  function tables(spec) {
    const sets = Object.values(spec.datasets || {});
    (function walk(node) {
      if (!node || typeof node !== "object") return;
      if (node.data && node.data.values) sets.push(node.data.values);
      Object.entries(node).forEach(([key, one]) => { if (key !== "datasets" && key !== "data") walk(one); });
    })(spec);
    const all = sets.map((one) => (typeof one === "string" ? parse(one) : one)).filter((one) => one.length);
    // one row alone is a line to compare with, unless there is nothing else
    const more = all.filter((one) => one.length > 1);
    return more.length ? more : all;
  }

  function rowsOf(spec) {
    const words = wordsOf(spec), found = tables(spec), several = found.length > 1;
    return found.flatMap((rows, at) => rows.map(function (row) {
      const told = several ? { table: at + 1 } : {};
      Object.entries(row).forEach(function ([name, value]) {
        const known = words[name];
        told[known ? known[0] : name] = known ? known[Number(value) + 1] : value;
      });
      return told;
    }));
  }

  const headOf = (rows) => [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cellOf = (value) => (value === null || value === undefined ? "" : String(value));
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

  function csvOf(spec) {
    const rows = rowsOf(spec), head = headOf(rows);
    const lines = rows.map((row) => head.map((name) => quoted(cellOf(row[name]))).join(","));
    const about = [titleOf(spec), ...subtitleOf(spec)].map((line) => `# ${line}`);
    return [...about, head.map(quoted).join(","), ...lines].join("\n") + "\n";
  }

  const linesOf = (text) => (Array.isArray(text) ? text : text ? [text] : []);
  const titleOf = (spec) => linesOf((spec.title || {}).text).join(" ");
  const subtitleOf = (spec) => linesOf((spec.title || {}).subtitle);

  function save(name, address) {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
  }

  function saveText(name, kind, text) {
    const address = URL.createObjectURL(new Blob([text], { type: kind }));
    save(name, address);
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const nameOf = (spec) => (titleOf(spec) || document.title).toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);

  /* A picture is drawn anew: light, on white, as wide as on a page, whatever the reader's theme. */
  async function picture(spec, kind) {
    const slot = document.createElement("div");
    const room = 640, margin = ((spec.usermeta || {}).smallcap || {}).margin || 90;
    const wide = (part) => { if (part.width === undefined || part.width === "container") part.width = room; };
    if (spec.vconcat) {
      spec.vconcat.forEach((part) => {
        if (part.width === undefined && (part.mark || part.layer)) part.width = room - margin;
      });
    } else if (spec.width === "container") wide(spec);
    spec.config = Object.assign({}, spec.config, { background: "#ffffff" });
    spec.padding = 12;
    const made = await window.vegaEmbed(slot, spec, { renderer: "none", actions: false });
    if (kind === "svg") saveText(`${nameOf(spec)}.svg`, "image/svg+xml", await made.view.toSVG());
    else save(`${nameOf(spec)}.png`, await made.view.toImageURL("png", 2));
    made.finalize();
  }

  function tableOf(spec) {
    const rows = rowsOf(spec), head = headOf(rows);
    const box = document.createElement("div");
    box.className = "sc-scroll";
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "The data behind the chart");
    const table = box.appendChild(document.createElement("table"));
    const line = (cells, kind) => {
      const made = document.createElement("tr");
      cells.forEach((text) => { made.appendChild(document.createElement(kind)).textContent = text; });
      return made;
    };
    table.createTHead().appendChild(line(head, "th"));
    const body = table.createTBody();
    rows.slice(0, MOST_ROWS).forEach((row) => body.appendChild(line(head.map((n) => cellOf(row[n])), "td")));
    if (rows.length > MOST_ROWS) {
      table.createCaption().textContent =
        `The first ${MOST_ROWS} of ${rows.length.toLocaleString("en")} rows; the CSV has all.`;
    }
    return box;
  }

  function told(figure) {
    const text = document.createElement("p");
    text.textContent = figure.getAttribute("aria-label");
    return text;
  }

  /* One thing at a time under a chart; the same button again puts it away. */
  function show(figure, button, make) {
    const behind = figure.querySelector(".sc-behind");
    const open = button.getAttribute("aria-expanded") === "true";
    figure.querySelectorAll(".sc-take button").forEach((one) => one.removeAttribute("aria-expanded"));
    behind.replaceChildren();
    if (open) return;
    button.setAttribute("aria-expanded", "true");
    behind.appendChild(make());
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest(".sc-take button");
    if (!button) return;
    const figure = button.closest("figure.sc-figure"), spec = specOf(figure);
    const act = {
      words: () => show(figure, button, () => told(figure)),
      table: () => show(figure, button, () => tableOf(spec)),
      csv: () => saveText(`${nameOf(spec)}.csv`, "text/csv", csvOf(spec)),
      png: () => picture(spec, "png"),
      svg: () => picture(spec, "svg"),
    };
    Promise.resolve(act[button.dataset.take]()).catch(function (error) {
      figure.querySelector(".sc-behind").textContent = "This could not be made here.";
      console.error(error);
    });
  });
})();
