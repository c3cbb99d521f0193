/* What a search result quotes: words of the article, without the head of the page, marks and code,
   and with room between its parts. */
(function () {
  "use strict";
  const LEFT_OUT = ".headerlink, script, style, noscript, form, button, .sc-chip, .sc-hash, .sc-take, .sc-colophon,"
    + " .cell_input, .highlight, details.hide > summary, .sc-years, svg, math";
  const PARTS = "p, li, dt, dd, td, th, div, section, summary, option, h1, h2, h3, h4, br, b, [class*='sc-']";

  function quoted(html, anchor) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const article = page.querySelector("article.bd-article") || page.querySelector("[role=main]");
    const part = (anchor && article && article.querySelector(anchor)) || article;
    if (!part) return "";
    part.querySelectorAll(LEFT_OUT).forEach((one) => one.remove());
    part.querySelectorAll(PARTS).forEach((one) => one.after(" "));
    return part.textContent.replace(/\s+/g, " ").trim();
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (typeof Search !== "undefined") Search.htmlToText = quoted;
  });
})();
