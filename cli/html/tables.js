// The views that are tables: rules, coverage, parts, and the rows of the commands that have rows.

const STANDINGS = {broken: "bad", hazard: "warn", "not checked": "quiet", holds: "good"};

function rulesView(report, timelines) {
  const rules = report.rules || timelines.flatMap((one) => one.timeline.about)
    .filter((info, i, all) => all.findIndex((other) => other.rule === info.rule) === i);
  const rows = rules.map((rule) => ({
    id: `rule-${rule.rule}`,
    cells: report.rules
      ? [`${rule.rule} ${rule.name}`, rule.checked,
        html("span", {class: STANDINGS[rule.standing]}, rule.standing), rule.statement]
      : [`${rule.rule} ${rule.name}`, rule.statement],
  }));
  const heads = report.rules
    ? ["rule", "times checked", "standing", "what it says"] : ["rule", "what it says"];
  return [
    html("h2", {}, "Rules"),
    html("p", {}, report.rules
      ? "Each rule is asked after every call. A hazard is a rule that the profile lets a caller " +
        "break who breaks the contract. docs/model.md, \"The rules\", explains each."
      : "The rules that the steps name. docs/model.md, \"The rules\", explains each."),
    table("Rules", heads, rows),
  ];
}

function coverageView(report) {
  const {pairs, allowed, witnessed} = report.coverage;
  const unique = (member) => [...new Set(pairs.map((pair) => pair[member]))];
  const commands = unique("command"), outcomes = unique("outcome").sort();
  const times = new Map(pairs.map((pair) => [`${pair.command} = ${pair.outcome}`, pair.times]));
  const row = (command) => html("tr", {},
    html("th", {scope: "row", class: "code"}, command),
    outcomes.map((outcome) => {
      const count = times.get(`${command} = ${outcome}`);
      if (count === undefined) return html("td", {}, "");
      return count === 0
        ? html("td", {class: "missing"}, "not seen") : html("td", {}, grouped(count));
    }));
  return [
    html("h2", {}, "Coverage"),
    html("p", {}, `${grouped(witnessed)} of ${grouped(allowed)} pairs of a command and an outcome ` +
      "that the profile allows were seen. A cell says how often. An empty cell is a pair that the " +
      "profile does not allow."),
    report.divergence
      ? html("p", {}, "The run stopped at its counterexample, so a pair that was not seen says " +
        "nothing.")
      : undefined,
    html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Coverage"},
      html("table", {class: "matrix"},
        html("thead", {}, html("tr", {}, html("th", {scope: "col"}, "command"),
          outcomes.map((outcome) => html("th", {scope: "col"}, html("span", {}, outcome))))),
        html("tbody", {}, commands.map(row)))),
  ];
}

function partsView(report) {
  const rows = report.parts.map((part) => ({cells: [
    part.name,
    part.total === undefined
      ? counted(part.cases, part.unit)
      : `${grouped(part.cases)} of ${counted(part.total, part.unit)}`,
    part.commands,
    html("span", {class: part.verdict === "conforms" ? "good" : "bad"}, part.verdict),
  ]}));
  return [
    html("h2", {}, "Parts of the run"),
    html("p", {}, "The parts run one after the other, until one of them finds a divergence."),
    table("Parts", ["part", "cases", "checked commands", "verdict"], rows),
  ];
}

// Rows of any command, as a table of what they have: a member of a member as "corpus.caught".
function rowsView(title, rows) {
  const flat = (row, before) => Object.entries(row).flatMap(([name, value]) => {
    if (value === null || Array.isArray(value)) return [[before + name, (value || []).join("; ")]];
    if (typeof value === "object") return flat(value, `${before}${name}.`);
    return [[before + name, value]];
  });
  const flatRows = rows.map((row) => new Map(flat(row, "")));
  const heads = [...new Set(flatRows.flatMap((row) => [...row.keys()]))];
  const cell = (value) => value === undefined ? ""
    : typeof value !== "string" ? typeof value === "number" ? value : String(value)
    : value.includes("\n") ? folded("show", html("pre", {}, value)) : value;
  return [
    html("h2", {}, title),
    table(title, heads.map((head) => head.replace(/_/g, " ")),
      flatRows.map((row) => ({cells: heads.map((head) => cell(row.get(head)))}))),
  ];
}
