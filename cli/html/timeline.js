// A timeline: the calls of one sequence, one step at a time, both sides beside each other.

// What belongs to one call alone changes with each call, and says nothing by that.
const OF_THE_CALL = new Set(["outcome", "out", "driver calls", "findings"]);

// The parts of a side in which the two sides are compared: a name and a text of each.
function partsOf(side, isCall) {
  const parts = new Map();
  if (isCall) {
    parts.set("outcome", side.outcome + (side.fault_fired ? " (fault fired)" : ""));
    if (side.out !== undefined) parts.set("out", side.out);
    parts.set("driver calls", side.calls.join("\n"));
    if (side.findings !== undefined) parts.set("findings", side.findings);
  }
  for (const [name, value] of Object.entries(side.state || {})) parts.set(name, value);
  if (side.queries !== undefined) parts.set("queries", side.queries);
  return parts;
}

const crashed = (side) => side.state === undefined;
const isCall = (step) => step.moment === "call" || step.moment === "teardown";

// A defect may show millions of records.
const partText = (value) => value.length <= 400 ? value
  : [`${value.slice(0, 200)}... `, folded("all of it", value)];

function partCell(side, name, parts, before) {
  const value = parts.get(name);
  const cell = html("td", {class: "code", "data-head": side});
  if (name === "driver calls" && value) {
    cell.append(html("ol", {}, value.split("\n").map((call) => html("li", {}, call))));
  } else {
    fill(cell, {}, [partText(value || "none")]);
  }
  if (before && !OF_THE_CALL.has(name) && before.get(name) !== value) {
    const earlier = before.get(name) || "none";
    cell.append(html("span", {class: "before"}, `changed; before: ${earlier}`));
  }
  return cell;
}

function sidesTable(step, before) {
  const sut = step.sut || step.model;
  const model = partsOf(step.model, isCall(step)), other = partsOf(sut, isCall(step));
  const earlier = before && partsOf(before, false);
  const names = [...new Set([...model.keys(), ...other.keys(), ...(earlier || model).keys()])];
  const row = (name) => {
    const ofCall = OF_THE_CALL.has(name);
    const oneCrashed = crashed(step.model) !== crashed(sut);
    const differs = (ofCall || !oneCrashed) && model.get(name) !== other.get(name);
    const cell = (title, side, parts) => !ofCall && crashed(side)
      ? html("td", {class: "quiet", "data-head": title}, "not looked at after a crash")
      : partCell(title, name, parts, earlier);
    return html("tr", {class: differs ? "differs" : undefined},
      html("th", {scope: "row"}, name,
        differs ? html("span", {class: "mark bad"}, "differs") : undefined),
      cell("model", step.model, model), cell("implementation", sut, other));
  };
  const heads = ["part", "model", "implementation"];
  return html("table", {class: "sides rows"},
    html("thead", {}, html("tr", {}, heads.map((head) => html("th", {scope: "col"}, head)))),
    html("tbody", {}, names.map(row)));
}

// Where DMA goes in the implementation, and where it should have gone.
function dmaOf(step) {
  if (step.dma === undefined) return undefined;
  const astray = (step.astray || []).map((device) => html("li", {},
    html("span", {class: "bad"}, `${device.device} should reach ${device.owed}`),
    html("ul", {}, device.requests.map((request) => html("li", {class: "code"}, request)))));
  return [
    html("h3", {}, "Where DMA goes in the implementation"),
    html("p", {}, code(step.dma)),
    astray.length ? html("ul", {}, astray) : undefined,
  ];
}

// The pictures of one kind of records: before the step, after it, and after it in the
// implementation where that differs.
function picturesOf(member, of, step, before) {
  const none = {live: 0}, model = step.model, sut = step.sut || model;
  const after = crashed(model) ? undefined : model[member] || none;
  const theirs = crashed(sut) ? undefined : sut[member] || none;
  const rules = step.rules && step.rules.length ? `; breaks ${step.rules.join(", ")}` : "";
  const earlier = before && (before[member] || none);
  const figures = earlier ? [recordsFigure(`Before the step${of}`, earlier)] : [];
  if (same(after, theirs))
    return [...figures, recordsFigure(`After the step${of}`, after, earlier)];
  return [
    ...figures,
    recordsFigure(`After the step${of}, in the model`, after, earlier),
    recordsFigure(`After the step${of}, in the implementation${rules}`, theirs, after),
  ];
}

function picturesView(step, before) {
  const handedOver = [step.model, step.sut, before].some((side) => side && side.incoming_records);
  return [
    html("h3", {}, "Which record needs which"),
    html("p", {class: "quiet"}, "A thick line is new since the picture before it. A broken record, " +
      "count or edge is dashed."),
    html("div", {class: "graphs"}, picturesOf("records", "", step, before)),
    handedOver ? [
      html("h3", {}, "Of the records that were handed over"),
      html("div", {class: "graphs"},
        picturesOf("incoming_records", ", handed over", step, before)),
    ] : undefined,
  ];
}

function stepTitle(step) {
  switch (step.moment) {
    case "teardown": return `call ${step.number}, of the teardown`;
    case "end": return "after the last call";
    case "begin": return "about the implementation, and no call";
    default: return `call ${step.number}`;
  }
}

// Whether the sides agree, in a sentence.
function agreement(step) {
  const breaks = (step.rules || []).length > 0;
  if (step.sut) return html("p", {class: "bad"}, "The two sides differ at this step.");
  if (!breaks) return html("p", {class: "quiet"}, "Both sides agree at this step.");
  return html("p", {}, step.sides_differ
    ? "Both sides give this answer. The rule is about the implementation alone."
    : "Both sides agree here, and both break the rule: the profile itself does not keep it.");
}

function brokenRules(timeline, step) {
  const box = (id, kind, sentence) => {
    const info = timeline.about.find((rule) => rule.rule === id);
    return html("div", {class: kind}, html("strong", {}, `${id} ${info.name} ${sentence}`),
      html("p", {}, info.statement), ruleSource(id));
  };
  const rules = step.rules || [];
  const hazards = (step.hazards || []).filter((id) => !rules.includes(id));
  const allowed = "does not hold here, and the profile allows that: the caller has broken " +
    `${step.clauses || "the contract"}.`;
  return [
    rules.map((id) => box(id, "broken-rule", "is broken here.")),
    hazards.map((id) => box(id, "hazard", allowed)),
  ];
}

// How the implementation stands after a step, for the next one.
const standing = (step) => step.sut && !crashed(step.sut) ? step.sut : step.model;

function stepView(timeline, index) {
  const step = timeline.steps[index], previous = timeline.steps[index - 1];
  const known = previous ? previous.number + 1 === step.number : step.number <= 1;
  const last = previous ? standing(previous) : timeline;
  const before = known && !crashed(last) ? last : undefined;
  return [
    html("h3", {}, code(step.command), html("span", {class: "quiet"}, ` (${stepTitle(step)})`)),
    agreement(step),
    step.ended === undefined ? undefined
      : html("p", {}, "The implementation's process ended: ", code(step.ended)),
    step.profile_outcome === undefined ? undefined : html("p", {}, "The profile's own answer is ",
      code(step.profile_outcome), ". Another version gives this one, and the model follows it."),
    brokenRules(timeline, step),
    known ? undefined : html("p", {class: "quiet"},
      "The steps before this one are left out, so nothing is marked as changed."),
    sidesTable(step, before),
    dmaOf(step),
    picturesView(step, before),
  ];
}

function stepOutcome(step) {
  if (!isCall(step)) return "";
  const {model, sut} = step;
  return sut && sut.outcome !== model.outcome
    ? `model ${model.outcome}, implementation ${sut.outcome}` : model.outcome;
}

// All steps in a list; `link` gives the address of a step.
function stepList(timeline, index, link) {
  const items = [];
  let next = Math.min(1, timeline.steps[0].number);
  timeline.steps.forEach((step, i) => {
    if (step.number > next) {
      const gap = `${counted(step.number - next, "step")} left out`;
      items.push(html("li", {class: "quiet"}, gap));
    }
    next = step.number + 1;
    const rules = (step.rules || []).join(", "), hazards = (step.hazards || []).join(", ");
    items.push(html("li", {}, html("a",
      {href: link(i), "aria-current": i === index ? "step" : undefined},
      html("span", {class: "index"}, step.moment === "call" ? step.number : "+"),
      html("span", {class: "what"}, html("span", {class: "code"}, step.command),
        html("span", {class: "quiet code"}, stepOutcome(step)),
        step.sut ? html("span", {class: "bad"}, "differs") : undefined,
        rules ? html("span", {class: "bad"}, `breaks ${rules}`) : undefined,
        hazards ? html("span", {class: "warn"}, `hazard ${hazards}`) : undefined))));
  });
  return html("ol", {class: "steps", "aria-label": "Steps"}, items);
}

function stepButtons(timeline, index, link) {
  const last = timeline.steps.length - 1;
  const jump = (label, to) => {
    const disabled = to === index || to < 0 || to > last ? "" : undefined;
    const button = html("button", {type: "button", disabled, "data-jump": label}, label);
    button.addEventListener("click", () => { location.hash = link(to); });
    return button;
  };
  return html("div", {class: "controls", role: "group", "aria-label": "Go through the steps"},
    jump("First", 0), jump("Previous", index - 1), jump("Next", index + 1), jump("Last", last),
    html("span", {}, `Step ${index + 1} of ${last + 1}. ` +
      "The arrow keys left and right go through the steps."));
}

function timelineView(timeline, index, link) {
  return [
    html("p", {class: "quiet"}, "Topology: ", code(timeline.topology)),
    stepButtons(timeline, index, link),
    stepList(timeline, index, link),
    html("div", {class: "step"}, stepView(timeline, index)),
  ];
}
