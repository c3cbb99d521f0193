/* Draw every chart of the page from its own specification, with a bundle that lies beside it: those
   in view first, the rest when the page is idle or about to be printed. The bundle is asked for at
   once: where it is there, a chart is drawn before the printer looks. Paper is light, whatever the
   theme. */
(function () {
  "use strict";
  const bundle = new URL("vega.mjs", document.currentScript.src).href;
  const inks = {
    light: { ink: "#3c4652", muted: "#5b6673", line: "#d5dae0", page: "#ffffff" },
    dark: { ink: "#e3e8ee", muted: "#aab4c0", line: "#3c4652", page: "#12171c" },
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

  /* The colour that a chart stands on: that of the page or of the box around it. */
  function ground(slot, tone) {
    for (let part = slot; part && !printing; part = part.parentElement) {
      const colour = getComputedStyle(part).backgroundColor;
      if (colour && !/^rgba\(.*, 0\)$|transparent/.test(colour)) return colour;
    }
    return tone.page;
  }

  function themed(spec, slot) {
    const tone = isDark() ? inks.dark : inks.light;
    const config = spec.config || {};
    const put = (name, colours) => { config[name] = Object.assign({}, config[name], colours); };
    put("axis", { labelColor: tone.muted, titleColor: tone.ink, gridColor: tone.line,
                  domainColor: tone.line, tickColor: tone.line });
    /* a legend of shapes or of opacity has no colour of its own */
    put("legend", { labelColor: tone.ink, titleColor: tone.muted,
                    symbolBaseFillColor: tone.muted, symbolBaseStrokeColor: tone.muted });
    put("header", { labelColor: tone.ink, titleColor: tone.ink });
    put("title", { color: tone.ink, subtitleColor: tone.muted });
    put("text", { color: tone.ink });
    const rim = (config.style || {}).halo;
    if (rim) Object.assign(rim, { stroke: ground(slot, tone), fill: ground(slot, tone) });
    spec.config = config;
    return spec;
  }

  /* What the chart says of itself beside its specification: words for compact columns, room. */
  const notes = (spec) => (spec.usermeta || {}).smallcap || {};

  /* Vega breaks no lines: titles are broken anew for the room there is, as wide as they are drawn. */
  const pen = document.createElement("canvas").getContext("2d");
  const face = (spec, font) => `${font} ${(spec.config || {}).font || "sans-serif"}`;
  function wide(text, font) {
    pen.font = font;
    return pen.measureText(text).width;
  }
  function broken(text, most, font) {
    const lines = [];
    text.split(" ").forEach(function (word) {
      const last = lines.length - 1;
      if (last >= 0 && wide(`${lines[last]} ${word}`, font) <= most) lines[last] += " " + word;
      else lines.push(word);
    });
    return lines;
  }

  function titled(spec, room) {
    const title = spec.title, most = Math.min(560, room - 20);
    if (title && Array.isArray(title.text)) {
      title.text = broken(title.text.join(" "), most, face(spec, "600 15px"));
    }
    if (title && Array.isArray(title.subtitle)) {
      const at = title.subtitle.findIndex((line) => line.startsWith("Source"));
      const parts = at < 0 ? [title.subtitle] : [title.subtitle.slice(0, at), title.subtitle.slice(at)];
      title.subtitle = parts.flatMap((lines) => broken(lines.join(" "), most, face(spec, "12.5px")));
    }
    /* an axis that goes on behind the names has no fixed room for them */
    if (besideLines(spec)) {
      units(spec).forEach(function ({ encoding: { x } }) {
        if (x && x.type === "quantitative") x.scale = Object.assign({ nice: false }, x.scale);
      });
    }
    return room < NARROW ? narrowed(spec, room) : spec;
  }

  /* A space without width, at which Vega breaks lines: a line feed has no place in its expressions. */
  const BREAK = "\u200b";

  /* Below this width a chart gives up some of its looks so that all of it can be read. */
  const NARROW = 600;

  /* Pixels of the names beside the ends of lines and of the axis before them, which the plot and what
     stands under it do not have. */
  function besideLines(spec) {
    const names = rowsWith(spec, "place").flatMap((row) => String(row.label || "").split("\n"));
    return names.length ? 50 + Math.max(...names.map((one) => wide(one, face(spec, "600 12px")))) : 0;
  }

  /* On a telephone: one column of legend from the left edge, titles of x that end with the plot and
     break, names of rows on lines of their own. */
  function narrowed(spec, room) {
    const config = spec.config = spec.config || {};
    config.lineBreak = BREAK;
    const layout = { top: { anchor: "start", bounds: "full", direction: "vertical" } };
    config.legend = Object.assign({}, config.legend, { layout });
    if (room < 480) config.legend.columns = 1;
    config.axisX = Object.assign({}, config.axisX, { titleAnchor: "end", titleAlign: "right" });
    config.axisXQuantitative = Object.assign({}, config.axisXQuantitative, { labelFlush: true, tickCount: 4 });
    (spec.vconcat || []).forEach(function (part) {
      if (typeof part.title === "string") {
        part.title = { text: broken(part.title, room - 24, face(spec, "600 15px")) };
      }
    });
    const beside = besideLines(spec);
    units(spec).forEach(function (unit) {
      const { x, y } = unit.encoding;
      ["color", "shape", "strokeDash"].forEach(function (channel) {
        inLegend(spec, unit.encoding[channel], room);
      });
      /* one text and no list of lines: layers with the same title share it */
      const inLines = (title, most) => (typeof title === "string"
        ? broken(title, most, face(spec, "500 12.5px")).join(` ${BREAK}`) : title);
      if (x) {
        if (x.title) x.title = inLines(x.title, room - 24 - beside);
        if (x.axis && x.axis.title) x.axis.title = inLines(x.axis.title, room - 24 - beside);
      }
      if (y && typeof y.title === "string" && wide(y.title, face(spec, "500 12.5px")) > 0.85 * room) {
        y.title = inLines(y.title, 0.85 * room);
        const more = y.title.split(BREAK).length - 1;
        y.axis = Object.assign({}, y.axis, { titleY: -8 - 15 * more });
      }
      if (y && y.field && (y.type === "nominal" || y.type === "ordinal") && y.axis !== null) {
        inRows(spec, unit, y, 0.42 * room);
      }
    });
    return spec;
  }

  /* Every view of a chart that draws something. */
  function units(part) {
    const parts = [...(part.layer || []), ...(part.vconcat || []), ...(part.spec ? [part.spec] : [])];
    return (part.encoding ? [part] : []).concat(parts.flatMap(units));
  }

  const namesOf = (spec, field) => [...new Set(rowsWith(spec, field).map((row) => row[field]))]
    .filter((one) => typeof one === "string");
  /* compact data sets are text: their charts break their own names */
  const rowsWith = (spec, field) => Object.values(spec.datasets || {}).flat()
    .filter((row) => row && typeof row === "object" && field in row);
  const inWords = (lines) => `(${JSON.stringify(lines)})[datum.label] || datum.label`;

  /* A legend begins where the plot does: names that have no room beside it are broken. */
  function inLegend(spec, told, room) {
    const named = units(spec).some(({ encoding: { y } }) => y && y.type === "nominal");
    const font = face(spec, "12px"), most = (named ? 0.32 : 0.8) * room;
    if (!told || !told.field || told.legend === null || (told.legend || {}).labelExpr) return;
    const names = namesOf(spec, told.field);
    if (!names.some((one) => wide(one, font) > most)) return;
    const lines = Object.fromEntries(names.map((one) => [one, broken(one, most, font)]));
    told.legend = Object.assign({}, told.legend, { labelExpr: inWords(lines), labelLimit: 2 * most });
  }

  /* How a chart writes names of rows on several lines. */
  const PARTED = "split(datum.label, ' · ')";

  /* Long names of rows broken on lines, and the rows as high as that takes. */
  function inRows(spec, unit, y, most) {
    const rows = rowsWith(spec, y.field), names = namesOf(spec, y.field);
    const font = face(spec, "12px"), drawn = (y.axis || {}).labelExpr;
    /* names that are on lines already keep them */
    const parts = (one) => (drawn === PARTED ? one.split(" · ") : [one]);
    if (drawn && drawn !== PARTED) return;
    if (!names.some((one) => parts(one).some((part) => wide(part, font) > most))) return;
    const lines = Object.fromEntries(
      names.map((one) => [one, parts(one).flatMap((part) => broken(part, most, font))]));
    y.axis = Object.assign({}, y.axis, {
      labelExpr: inWords(lines), labelLimit: 2 * most, labelLineHeight: 13,
    });
    const tall = 13 * Math.max(...Object.values(lines).map((one) => one.length)) + 5;
    const within = unit.encoding.yOffset && unit.encoding.yOffset.field;
    const beside = within ? new Set(rows.map((row) => row[within]).filter(Boolean)).size : 1;
    if (spec.height && spec.height.step) {
      spec.height = Object.assign({}, spec.height, { step: Math.max(spec.height.step, tall / beside) });
    }
  }

  function sized(spec, room) {
    const margin = notes(spec).margin || 90;
    /* pictures that have no room beside each other stand below each other */
    const taken = (spec.hconcat || []).reduce((sum, part) => sum + (part.width || 0) + margin, 0);
    if (taken > room) {
      spec.vconcat = spec.hconcat.map((part) => Object.assign({}, part, { width: undefined }));
      delete spec.hconcat;
    }
    (spec.vconcat || []).forEach(function (part) {
      if (part.width === undefined && (part.mark || part.layer)) {
        part.width = Math.max(120, room - margin - (spec.overrun || 0));
      }
    });
    delete spec.overrun;
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

  async function embed(figure, spec, slot) {
    const room = figure.room = slot.clientWidth;
    if (figure.view) figure.view.finalize();
    figure.view = await window.vegaEmbed(slot, titled(sized(themed(spec, slot), room), room), {
      renderer: notes(spec).many ? "canvas" : "svg",
      actions: false,
    });
  }

  async function draw(figure) {
    const slot = figure.querySelector(".sc-slot");
    const spec = specOf(figure);
    const tone = isDark() ? "dark" : "light";
    figure.tone = tone;
    delete figure.dataset.drawn;
    await load();
    await embed(figure, spec, slot);
    /* axes of parts are as wide as their words: what stands out is taken from the plots */
    const drawing = slot.querySelector("svg, canvas");
    const overrun = Math.ceil(drawing.getBoundingClientRect().width - slot.clientWidth);
    if (overrun > 0 && slot.clientWidth && (spec.vconcat || spec.hconcat)) {
      await embed(figure, Object.assign(specOf(figure), { overrun }), slot);
    }
    /* a part with nothing drawn is no picture that could want a name */
    slot.querySelectorAll("svg g[role=graphics-symbol]:empty").forEach(function (part) {
      part.removeAttribute("role");
      part.removeAttribute("aria-roledescription");
    });
    const whole = slot.querySelector("svg, canvas");
    figure.drew = whole ? whole.getBoundingClientRect().width : 0;
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

    /* A rotated telephone: charts of several parts have a fixed width and are drawn anew. Vega itself
       follows the window, and is told where it took the width of one that is gone. */
    const otherRoom = function (figure) {
      const slot = figure.querySelector(".sc-slot"), drawing = slot.querySelector("svg, canvas");
      if (!figure.dataset.drawn || printing || !slot.clientWidth) return false;
      return figure.room !== slot.clientWidth
        || drawing.getBoundingClientRect().width > Math.max(slot.clientWidth, figure.drew || 0) + 2;
    };
    let settled;
    function settle() {
      clearTimeout(settled);
      settled = setTimeout(() => redraw(otherRoom), 150);
    }
    window.addEventListener("resize", settle);
    const rooms = new ResizeObserver(settle);
    figures.forEach((figure) => rooms.observe(figure.querySelector(".sc-slot")));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
