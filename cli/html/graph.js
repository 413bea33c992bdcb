// The records and what they need, drawn: IOMMUs to the left, devices in the middle, domains to the
// right, each column in the order of its records. The same records give the same picture.

const COLUMNS = {iommu: 0, device: 1, domain: 2};
const TITLES = ["IOMMU records", "device records", "domain records"];
const BOX = {width: 132, height: 40, across: 190, down: 54, top: 26, left: 4};

// The names of the nodes, each once. An object with a second live record is named with its slot.
function nodeNames(records) {
  const count = new Map();
  for (const {object} of records.nodes) count.set(object, (count.get(object) || 0) + 1);
  return records.nodes.map((node) => {
    if (node.object === undefined) return `${node.kind} ${node.slot}`;
    return count.get(node.object) > 1 ? `${node.object} ${node.slot}` : node.object;
  });
}

const nodeLabel = (node, name) =>
  node.kind === "iommu" && node.object !== undefined ? `${name} count ${node.ref_count}` : name;

// What is wrong with a node; "" if nothing is.
function nodeFault(node) {
  if (node.object === undefined) return "not live";
  return node.broken ? `needed by ${node.needed_by}` : "";
}

// What a record and an edge are known by from picture to picture. A record with another count is
// another record.
const nodeKey = ({kind, slot, object, ref_count}) => `${kind} ${slot} ${object} ${ref_count}`;
function edgeKey(records, {from, to}) {
  const slot = (i) => `${records.nodes[i].kind} ${records.nodes[i].slot}`;
  return `${slot(from)} needs ${slot(to)}`;
}

// All that a picture shows, to tell what is new in the next one.
function shownBy(records) {
  const {nodes = [], edges = []} = records;
  return new Set([...nodes.map(nodeKey), ...edges.map((edge) => edgeKey(records, edge))]);
}

// The picture in words, a sentence for each record.
function recordsInWords(records, names) {
  const needs = records.nodes.map(() => []);
  for (const edge of records.edges)
    needs[edge.from].push(names[edge.to] + (edge.broken ? " (not live)" : ""));
  return records.nodes.map((node, i) => {
    const fault = nodeFault(node);
    return `${node.kind} record ${nodeLabel(node, names[i])}` + (fault ? `, ${fault}` : "") +
      (needs[i].length ? `; needs ${needs[i].join(" and ")}` : "");
  });
}

// Why there is no picture; "" if there is one.
function noPicture(records) {
  if (records === undefined) return "Nobody looks at the records of a kernel that has crashed.";
  if (records.live === 0) return "No live records.";
  return records.nodes.length ? "" : `${grouped(records.live)} live records: too many to draw.`;
}

function drawRecords(records, names, known, label) {
  const isNew = (what) => known !== undefined && !known.has(what);
  const mark = (broken, what) => broken ? "broken" : isNew(what) ? "new" : undefined;
  const filled = [0, 0, 0];
  const places = records.nodes.map((node) => {
    const column = COLUMNS[node.kind];
    return {x: BOX.left + column * BOX.across, y: BOX.top + filled[column]++ * BOX.down};
  });
  const width = 2 * (BOX.left + BOX.across) + BOX.width;
  const height = BOX.top + Math.max(...filled) * BOX.down;
  const picture = svg("svg",
    {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label});
  TITLES.forEach((title, i) => picture.append(svg("text",
    {class: "column", x: BOX.left + i * BOX.across + BOX.width / 2, y: 14}, title)));
  for (const edge of records.edges) {
    const from = places[edge.from], to = places[edge.to];
    const leftward = to.x < from.x;
    picture.append(svg("line", {
      class: mark(edge.broken, edgeKey(records, edge)),
      x1: leftward ? from.x : from.x + BOX.width,
      y1: from.y + BOX.height / 2,
      x2: leftward ? to.x + BOX.width : to.x,
      y2: to.y + BOX.height / 2,
    }));
  }
  records.nodes.forEach((node, i) => {
    const {x, y} = places[i], fault = nodeFault(node), middle = x + BOX.width / 2;
    const text = nodeLabel(node, names[i]);
    picture.append(svg("g", {class: mark(node.broken, nodeKey(node))},
      svg("rect", {x, y, width: BOX.width, height: BOX.height, rx: 4}),
      svg("text", {x: middle, y: y + (fault ? 17 : 25)}, text),
      fault ? svg("text", {x: middle, y: y + 33}, fault) : undefined));
  });
  return picture;
}

// A figure of the records. What the picture of `earlier` does not have is marked as new.
function recordsFigure(caption, records, earlier) {
  const figure = html("figure", {}, html("figcaption", {}, caption));
  const none = noPicture(records);
  if (none) return fill(figure, {}, [html("p", {class: "quiet"}, none)]);
  const names = nodeNames(records), words = recordsInWords(records, names);
  const label = `${caption}: ${words.join(". ")}.`;
  return fill(figure, {}, [
    drawRecords(records, names, earlier && shownBy(earlier), label),
    folded("The picture in words",
      html("ul", {}, words.map((word) => html("li", {class: "code"}, word)))),
  ]);
}
