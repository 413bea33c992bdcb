"use strict";
// Elements, made of names and texts. A text is always a text node: nothing of the data is read as
// HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null) element.append(child);
  }
  return element;
}

const html = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

const grouped = (number) => number.toLocaleString("en-US");
const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// A term and what is known of it, for each pair that has a value.
function facts(pairs) {
  const list = html("dl");
  for (const [term, value] of pairs) {
    if (value === undefined || value === "") continue;
    const said = typeof value === "number" ? grouped(value) : value;
    list.append(html("dt", {}, term), html("dd", {}, said));
  }
  return list;
}

// A table with a caption for readers who do not see it. A row has its cells, and an id perhaps; a
// cell is a text, a number or an element. On a narrow screen each cell has its head beside it.
function table(caption, heads, rows) {
  const cell = (value, i) => typeof value === "number"
    ? html("td", {class: "number", "data-head": heads[i]}, grouped(value))
    : html("td", {"data-head": heads[i]}, value);
  const row = ({id, cells}) => html("tr", {id}, cells.map(cell));
  return html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    html("table", {class: "rows"},
      html("thead", {}, html("tr", {}, heads.map((head) => html("th", {scope: "col"}, head)))),
      html("tbody", {}, rows.map(row))));
}

const code = (text) => html("code", {}, text);

// What stands under a summary, closed at first.
const folded = (summary, ...children) =>
  html("details", {}, html("summary", {}, summary), children);

// Where a rule is explained.
function ruleSource(id) {
  return html("p", {}, html("a", {href: `#rule=${id}`}, `${id} in the table of rules`),
    " and in the documentation: docs/model.md, \"The rules\"");
}
