/* Draw every chart of the page from its own specification, with a bundle that lies beside it: those
   in view first, the rest when the page is idle or about to be printed. The bundle is asked for at
   once: where it is there, a chart is drawn before the printer looks. Paper is light, whatever the
   theme. */
(function () {
  "use strict";
  const bundle = new URL("vega.mjs", document.currentScript.src).href;
  const inks = {
    light: { ink: "#3c4652", muted: "#5b6673", line: "#d5dae0" },
    dark: { ink: "#e3e8ee", muted: "#aab4c0", line: "#3c4652" },
  };
  let loading = null;
  let printing = false;

  function load() {
    loading = loading || new Promise(function (resolve, reject) {
      const script = document.createElement("script");
      script.src = bundle;
      script.onload = resolve;
      script.onerror = () => reject(new Error("cannot load " + bundle));
      document.head.appendChild(script);
    });
    return loading;
  }

  function isDark() {
    return !printing && document.documentElement.dataset.theme === "dark";
  }

  function themed(spec) {
    const tone = isDark() ? inks.dark : inks.light;
    const config = spec.config || {};
    const put = (name, colours) => { config[name] = Object.assign({}, config[name], colours); };
    put("axis", { labelColor: tone.muted, titleColor: tone.ink, gridColor: tone.line,
                  domainColor: tone.line, tickColor: tone.line });
    put("legend", { labelColor: tone.ink, titleColor: tone.muted });
    put("header", { labelColor: tone.ink, titleColor: tone.ink });
    put("title", { color: tone.ink, subtitleColor: tone.muted });
    put("text", { color: tone.ink });
    spec.config = config;
    return spec;
  }

  /* What the chart says of itself beside its specification: words for compact columns, room. */
  const notes = (spec) => (spec.usermeta || {}).smallcap || {};

  /* Vega breaks no lines: those of a title are broken anew for the room there is. */
  function broken(text, most) {
    const lines = [];
    text.split(" ").forEach(function (word) {
      const last = lines.length - 1;
      if (last >= 0 && lines[last].length + 1 + word.length <= most) lines[last] += " " + word;
      else lines.push(word);
    });
    return lines;
  }

  function titled(spec, room) {
    const title = spec.title;
    if (title && Array.isArray(title.text)) {
      title.text = broken(title.text.join(" "), Math.min(58, Math.floor(room / 8.6)));
    }
    if (title && Array.isArray(title.subtitle)) {
      const at = title.subtitle.findIndex((line) => line.startsWith("Source"));
      const parts = at < 0 ? [title.subtitle] : [title.subtitle.slice(0, at), title.subtitle.slice(at)];
      const most = Math.min(78, Math.floor(room / 6.8));
      title.subtitle = parts.flatMap((lines) => broken(lines.join(" "), most));
    }
    if (room < 480) {
      spec.config = spec.config || {};
      spec.config.legend = Object.assign({}, spec.config.legend, { columns: 1 });
    }
    return spec;
  }

  function sized(spec, room) {
    const margin = notes(spec).margin || 90;
    (spec.vconcat || []).forEach(function (part) {
      if (part.width === undefined && (part.mark || part.layer)) {
        part.width = Math.max(120, room - margin);
      }
    });
    return spec;
  }

  /* A chart's specification: data name their columns once, and charts of one look keep it once. */
  function specOf(figure) {
    const spec = JSON.parse(figure.querySelector(".sc-spec").textContent);
    Object.entries(spec.datasets || {}).forEach(function ([name, one]) {
      if (!one.fields) return;
      spec.datasets[name] = one.rows.map(
        (row) => Object.fromEntries(one.fields.map((field, at) => [field, row[at]])));
    });
    if (spec.config === "as the first") {
      spec.config = JSON.parse(document.querySelector(".sc-spec").textContent).config;
    }
    return spec;
  }
  window.smallcapSpec = specOf;

  async function draw(figure) {
    const slot = figure.querySelector(".sc-slot");
    const spec = specOf(figure);
    const tone = isDark() ? "dark" : "light";
    figure.tone = tone;
    figure.room = slot.clientWidth;
    delete figure.dataset.drawn;
    await load();
    if (figure.view) figure.view.finalize();
    figure.view = await window.vegaEmbed(slot, titled(sized(themed(spec), slot.clientWidth), slot.clientWidth), {
      renderer: notes(spec).many ? "canvas" : "svg",
      actions: false,
    });
    /* a part with nothing drawn is no picture that could want a name */
    slot.querySelectorAll("svg g[role=graphics-symbol]:empty").forEach(function (part) {
      part.removeAttribute("role");
      part.removeAttribute("aria-roledescription");
    });
    figure.dataset.drawn = tone;
  }

  function attempt(figure) {
    draw(figure).catch(function (error) {
      const slot = figure.querySelector(".sc-slot");
      slot.textContent = "This chart could not be drawn. " + figure.getAttribute("aria-label");
      console.error(error);
    });
  }

  function start() {
    const figures = Array.from(document.querySelectorAll("figure.sc-figure"));
    if (!figures.length) return;
    const waiting = new Set(figures);
    const next = (figure) => { if (waiting.delete(figure)) attempt(figure); };
    const watcher = new IntersectionObserver(function (entries) {
      entries.filter((entry) => entry.isIntersecting).forEach(function (entry) {
        watcher.unobserve(entry.target);
        next(entry.target);
      });
    }, { rootMargin: "400px" });
    figures.forEach((figure) => watcher.observe(figure));

    const idle = window.requestIdleCallback || ((call) => setTimeout(call, 200));
    function drawRest() {
      const [figure] = waiting;
      if (!figure) return;
      next(figure);
      idle(drawRest);
    }
    load().then(() => idle(drawRest), () => figures.forEach(next));

    function redraw(differs) {
      figures.filter((figure) => !waiting.has(figure) && differs(figure)).forEach(attempt);
    }
    const otherTone = (figure) => figure.tone !== (isDark() ? "dark" : "light");
    let unfolded = [];
    window.addEventListener("beforeprint", function () {
      printing = true;
      /* nobody can unfold a chart on paper */
      unfolded = Array.from(document.querySelectorAll("details:not([open])"))
        .filter((fold) => fold.querySelector("figure.sc-figure"));
      unfolded.forEach((fold) => { fold.open = true; });
      figures.forEach(next);
      redraw(otherTone);
    });
    window.addEventListener("afterprint", function () {
      printing = false;
      unfolded.forEach((fold) => { fold.open = false; });
      redraw(otherTone);
    });
    new MutationObserver(() => redraw(otherTone))
      .observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

    /* A rotated telephone: charts of several parts have a fixed width and are drawn anew. */
    let settled;
    window.addEventListener("resize", function () {
      clearTimeout(settled);
      settled = setTimeout(() => redraw(
        (figure) => !printing && figure.room !== figure.querySelector(".sc-slot").clientWidth), 150);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
