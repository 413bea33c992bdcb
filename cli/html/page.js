// The page: its views, and which of them is shown. The hash of the address names the view, so each
// can be linked to: #verdict, #rules, #rule=R2, #timeline=0&step=3.

const report = JSON.parse(document.getElementById("data").textContent);
const header = document.getElementById("header");
const nav = document.getElementById("views");
const main = document.getElementById("main");
const live = document.getElementById("live");

const isGood = (verdict) => verdict.startsWith("conforms") || verdict === "proved";
const verdictMark = (verdict) =>
  html("span", {class: isGood(verdict) ? "good" : "bad"}, verdict);

// Every timeline of the report, with the view that it is in and what it is the timeline of.
const timelines = [];
function addTimelines(view, things, titleOf) {
  for (const about of things) {
    if (about.timeline && about.timeline.steps.length > 0)
      timelines.push({view, about, title: titleOf(about), timeline: about.timeline});
  }
}
const hazards = Array.isArray(report.hazards) ? report.hazards : [];
function ruleInfo(id) {
  const infos = [...(report.rules || []), ...timelines.flatMap((one) => one.timeline.about)];
  return infos.find((info) => info.rule === id) || {rule: id, name: "", statement: ""};
}
addTimelines("counterexample", report.divergence ? [report.divergence] : [],
  () => "Counterexample");
addTimelines("hazards", hazards, (hazard) => `${hazard.rule} ${ruleInfo(hazard.rule).name}, ` +
  `by a caller who breaks ${hazard.clauses}${hazard.after_teardown ? ", after the teardown" : ""}`);
addTimelines("answers", report.answers || [], (answer) => answer.question);
addTimelines("traces", report.traces || [], (trace) => trace.file);
const counterexample = timelines.findIndex((one) => one.view === "counterexample");

// What a timeline is about shows at its end.
const link = (i, step) => `#timeline=${i}&step=${step + 1}`;
const lastLink = (i) => link(i, timelines[i].timeline.steps.length - 1);

function divergenceFacts(divergence) {
  const {report: text, timeline} = divergence;
  return [
    facts([["found by", divergence.origin], ["shortest", divergence.shortest],
      ["replay", divergence.replay ? code(divergence.replay) : ""]]),
    folded("The sequence as a trace", html("pre", {}, divergence.shrunk_trace)),
    timeline ? folded("The report as text", html("pre", {}, text)) : html("pre", {}, text),
  ];
}

function headline({rule, rules}) {
  if (!rule) return html("p", {}, "Two runs of one sequence differ; the report says where.");
  const {name, statement} = ruleInfo(rule);
  const others = rules.filter((id) => id !== rule);
  return html("div", {class: "broken-rule"},
    html("strong", {}, `Breaks ${rule} ${name}.`), html("p", {}, statement),
    others.length ? html("p", {}, `Broken with it: ${others.join(", ")}.`) : undefined,
    ruleSource(rule));
}

// What the result has of single values, in its own order.
function verdictView() {
  const elsewhere = new Set(["format", "version", "command", "verdict", "hazards"]);
  const single = Object.entries(report)
    .filter(([name, value]) => !elsewhere.has(name) && typeof value !== "object")
    .map(([name, value]) => [name === "sut" ? "implementation" : name.replace(/_/g, " "),
      typeof value === "boolean" ? (value ? "yes" : "no") : value]);
  const number = Array.isArray(report.hazards) ? hazards.length : report.hazards;
  const {divergence, world} = report;
  return [
    html("h2", {}, "Verdict"),
    divergence ? headline(divergence) : undefined,
    counterexample < 0 ? undefined : html("p", {}, html("a", {href: lastLink(counterexample)},
      `The counterexample, ${counted(timelines[counterexample].timeline.steps.length, "step")}`)),
    facts([...single, ["hazards", number]]),
    world ? [html("h3", {}, "World"), facts(Object.entries(world))] : undefined,
    divergence && counterexample < 0
      ? [html("h3", {}, "Counterexample"), divergenceFacts(divergence)] : undefined,
  ];
}

function hazardsView() {
  const item = (one, i) => one.view === "hazards"
    ? html("li", {}, html("a", {href: lastLink(i)}, one.title)) : undefined;
  return [
    html("h2", {}, "Hazards"),
    html("p", {}, "Rules that the profile lets a caller break who breaks the contract, each by " +
      "its shortest sequence that was seen. docs/model.md, \"The caller's contract\", has the " +
      "clauses C1 to C7."),
    html("ul", {}, timelines.map(item)),
  ];
}

function answersView() {
  const row = (answer) => {
    const i = timelines.findIndex((one) => one.about === answer);
    return {cells: [
      i < 0 ? answer.question : html("a", {href: lastLink(i)}, answer.question),
      code(answer.answer), code(answer.v3), code(answer.v5),
    ]};
  };
  return [
    html("h2", {}, "Answers of its own"),
    html("p", {}, "Questions that the implementation answers in its own way. Each answer is safe: " +
      "no rule is broken by it in any explored state. Where all three answers are the same, the " +
      "states differ."),
    table("Answers of its own", ["question", "its answer", "v3", "v5"], report.answers.map(row)),
  ];
}

function tracesView() {
  const row = (trace) => {
    const i = timelines.findIndex((one) => one.about === trace);
    return {cells: [
      i < 0 ? trace.file : html("a", {href: lastLink(i)}, trace.file), trace.sut, trace.profile,
      verdictMark(trace.verdict),
      trace.report ? folded("show", html("pre", {}, trace.report)) : "",
    ]};
  };
  return [
    html("h2", {}, "Traces"),
    table("Traces", ["trace", "implementation", "profile", "verdict", "report"],
      report.traces.map(row)),
  ];
}

// The timeline and the step that are shown, if any.
let shown;

function timelineOf(i, step) {
  const {title, timeline, view, about} = timelines[i];
  const index = Math.min(Math.max(0, step), timeline.steps.length - 1);
  shown = {timeline: i, step: index};
  return [
    html("h2", {}, title),
    timelineView(timeline, index, (to) => link(i, to)),
    view === "counterexample" ? [html("h3", {}, "As text"), divergenceFacts(about)] : undefined,
    view === "traces" && about.report
      ? [html("h3", {}, "As text"), html("pre", {}, about.report)] : undefined,
  ];
}

const has = (rows) => rows && rows.length > 0;
const views = [
  {id: "verdict", title: "Verdict", there: true, make: verdictView},
  {id: "counterexample", title: "Counterexample", there: counterexample >= 0,
    make: () => timelineOf(counterexample, Infinity)},
  {id: "traces", title: "Traces", there: report.traces, make: tracesView},
  {id: "rules", title: "Rules", there: report.rules || has(timelines),
    make: () => rulesView(report, timelines)},
  {id: "coverage", title: "Coverage", there: report.coverage, make: () => coverageView(report)},
  {id: "hazards", title: "Hazards", there: timelines.some((one) => one.view === "hazards"),
    make: hazardsView},
  {id: "damaged", title: "Damaged image", there: has(report.damaged_image?.wrong_answers),
    make: () => rowsView("Damaged image", report.damaged_image.wrong_answers)},
  {id: "answers", title: "Answers of its own", there: has(report.answers),
    make: answersView},
  {id: "parts", title: "Parts", there: report.parts, make: () => partsView(report)},
  {id: "mutants", title: "Mutants", there: report.mutants,
    make: () => rowsView("Mutants", report.mutants)},
].filter((view) => view.there);

// The view that the hash names, and what is asked of it; the first view if it names none.
function asked() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const [first] = hash.keys();
  const view = (id) => views.find((one) => one.id === id) || views[0];
  const i = Number(hash.get("timeline"));
  if (first === "timeline" && timelines[i])
    return {view: view(timelines[i].view), timeline: i, step: Number(hash.get("step")) - 1 || 0};
  return first === "rule" ? {view: view("rules"), rule: hash.get("rule")} : {view: view(first)};
}

function announce(view) {
  if (!shown) return view.title;
  const step = timelines[shown.timeline].timeline.steps[shown.step];
  const rules = (step.rules || []).length ? `, breaks ${step.rules.join(", ")}` : "";
  const sides = step.sut ? "the sides differ" : "both sides agree";
  return `${stepTitle(step)}: ${step.command}: ${sides}${rules}`;
}

// A button that was pressed is another one now. At the end of the steps it is the way back.
function focusButton(label) {
  const button = (name) => main.querySelector(`button[data-jump="${name}"]:not(:disabled)`);
  const back = label === "Next" || label === "Last" ? "Previous" : "Next";
  (button(label) || button(back) || main).focus({preventScroll: true});
}

function show() {
  const {view, timeline, step, rule} = asked();
  const pressed = document.activeElement.getAttribute("data-jump");
  const was = shown;
  shown = undefined;
  const made = timeline === undefined ? view.make() : timelineOf(timeline, step);
  main.replaceChildren();
  fill(main, {}, made);
  for (const anchor of nav.querySelectorAll("a")) {
    if (anchor.getAttribute("href") === `#${view.id}`) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  document.title = `${view.title}: ${report.sut || report.command}, Holdfast`;
  live.textContent = announce(view);
  const row = rule && document.getElementById(`rule-${rule}`);
  if (row) {
    row.classList.add("target");
    row.scrollIntoView({block: "center"});
  } else if (!shown || !was || was.timeline !== shown.timeline) {
    window.scrollTo(0, 0);
  }
  const list = main.querySelector(".steps"), current = main.querySelector(".steps [aria-current]");
  if (current) list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 2;
  if (shown && pressed) focusButton(pressed);
}

// The arrow keys go through the steps, unless they scroll what has the focus.
function onKey(event) {
  if (!shown || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (!by || event.target.closest(".scroll")) return;
  event.preventDefault();
  const to = shown.step + by;
  if (to >= 0 && to < timelines[shown.timeline].timeline.steps.length)
    location.hash = link(shown.timeline, to);
}

header.append(
  html("h1", {}, report.sut || `holdfast ${report.command}`),
  html("p", {}, report.verdict === undefined ? undefined : [verdictMark(report.verdict), " "],
    report.profile ? ["against profile ", code(report.profile), " "] : undefined,
    html("span", {class: "quiet"}, `(holdfast ${report.version} ${report.command})`)));
nav.append(html("ul", {}, views.map((view) =>
  html("li", {}, html("a", {href: `#${view.id}`}, view.title)))));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();  // the hash stays the view's
  main.focus();
});
window.addEventListener("hashchange", show);
document.addEventListener("keydown", onKey);
show();
