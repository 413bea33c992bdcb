#!/usr/bin/env python3
"""The pages of --html in a headless Chromium: every view of failing and passing runs.

    browser_test.py HOLDFAST CORE_MUTANT.so PORT_MUTANT.so ANSWERING.so [FOLDER]

With a FOLDER, a screenshot of each view is left there: narrow and wide, light and dark, printed.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser  # noqa: E402

MOST = 1_000_000  # bytes of a page
# Both kernels, so that there are records of one that are handed over to the other.
HANDOVER = """# Records go over, and a device that was given back does not.
profile v3
topology iommu0(dev0 dev2) iommu1(dev1) dom0 dom1

preserve_file
preserve_domain dom0
preserve_device dom0 dev0
preserve_device dom0 dev1
preserve_device dom0 dev2
unpreserve_device dom0 dev0
freeze
kexec
retrieve
finish
"""

holdfast, core_mutant, port_mutant, answering = map(os.path.abspath, sys.argv[1:5])
shots = len(sys.argv) > 5
folder_of_shots = os.path.abspath(sys.argv[5]) if shots else None
folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
failures = []


def check(truth, what):
    if not truth:
        failures.append(what)
        print("FAILED:", what, file=sys.stderr)


def make(name, status, *arguments):
    """A page, and the report that it shows."""
    page, data = (os.path.join(folder, name + end) for end in (".html", ".json"))
    done = subprocess.run([holdfast, *arguments, "--html=" + page, "--json=" + data], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode != status:
        sys.exit(f"browser_test: {name}: exit status {done.returncode}\n{done.stderr}")
    check(f"page: {page}" in done.stdout.splitlines()[-3:], f"{name}: no path of the page")
    check(os.path.getsize(page) <= MOST, f"{name}: {os.path.getsize(page)} bytes")
    with open(data, encoding="utf-8") as file:
        return page, json.load(file)


def texts(browser, selector):
    return browser.evaluate(
        f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)")


def shown(browser):
    """What a reader of a timeline sees of its step."""
    return browser.evaluate("""(() => {
        const texts = (of) => [...document.querySelectorAll(of)].map((e) => e.textContent);
        return {place: texts(".controls").join(), command: texts(".step h3 code")[0],
                said: texts("#live")[0], rules: texts(".broken-rule strong"),
                calls: texts(".sides ol li"), broken: texts("svg line.broken").length,
                focus: document.activeElement.tagName};
    })()""")


def look_at(browser, name, view):
    """Nothing is cut off at any width, each picture has a text, and a reader can name each part."""
    wide = "document.documentElement.scrollWidth <= window.innerWidth"
    looks = [(400, "light")] + shots * [(400, "dark"), (1200, "light"), (1200, "dark")]
    for width, scheme in looks:
        browser.look(width, scheme)
        check(browser.evaluate(wide), f"{name} {view}: wider than {width} px")
        if shots:
            browser.screenshot(os.path.join(folder_of_shots, f"{name}_{view}_{width}_{scheme}.png"))
    browser.look(800, "light", "print")
    check(browser.evaluate(wide), f"{name} {view}: wider than the paper")
    browser.look(1200, "dark")
    check(browser.evaluate(wide), f"{name} {view}: wider than a screen")
    check(browser.evaluate("""
        [...document.querySelectorAll("svg")].every(svg => svg.getAttribute("role") === "img" &&
            svg.getAttribute("aria-label").length > 20 &&
            svg.parentElement.querySelector("details li"))"""), f"{name} {view}: a mute picture")
    check(browser.evaluate("""
        [...document.querySelectorAll("a, button, summary")].every(e => e.textContent.trim())"""),
          f"{name} {view}: a control without a name")
    check(len(texts(browser, "main h2")) == 1, f"{name} {view}: not one heading")
    check(not re.search(r"undefined|\[object", browser.evaluate("document.body.innerText")),
          f"{name} {view}: a value that is no text")


def timelines_of(report):
    found = [report.get("divergence", {}).get("timeline")]
    found += [hazard.get("timeline") for hazard in report.get("hazards") or []]
    for member in ("answers", "traces"):
        found += [row.get("timeline") for row in report.get(member, [])]
    return [timeline for timeline in found if timeline]


def walk(browser, name, number, timeline):
    """Steps through a timeline with the keyboard, there and back."""
    steps = timeline["steps"]
    browser.go(f"#timeline={number}&step=1")
    for i, step in enumerate(steps):
        seen = shown(browser)
        check(f"Step {i + 1} of {len(steps)}." in seen["place"], f"{name}: not at step {i + 1}")
        check(seen["command"] == step["command"], f"{name}: another command")
        check(step["command"] in seen["said"], f"{name}: the step is not announced")
        check(("differ" in seen["said"]) == ("sut" in step), f"{name}: {seen['said']}")
        for rule in step.get("rules", []):
            check(any(text.startswith(rule + " ") for text in seen["rules"]),
                  f"{name}: {rule} is not marked")
        sides = [step["model"], step.get("sut", step["model"])]
        calls = [call for side in sides for call in side["calls"]]
        check(seen["calls"] == calls, f"{name}: the driver calls are others")
        edges = sides[1].get("records", {}).get("edges", [])
        check(seen["broken"] >= sum(edge["broken"] for edge in edges), f"{name}: no broken edge")
        browser.press("ArrowRight")
    check(f"Step {len(steps)} of" in shown(browser)["place"], f"{name}: the end is elsewhere")
    for _ in steps:
        browser.press("ArrowLeft")
    check("Step 1 of" in shown(browser)["place"], f"{name}: the arrow keys do not lead back")
    if len(steps) > 1:
        browser.evaluate("document.querySelector('[data-jump=Next]').focus()")
        browser.press("Enter")
        seen = shown(browser)
        check("Step 2 of" in seen["place"], f"{name}: Next is not a button")
        check(seen["focus"] == "BUTTON", f"{name}: the button has lost the focus")
    browser.go(f"#timeline={number}&step={len(steps)}")


def see(browser, name, page, report):
    browser.open(page)
    check(report["verdict"] in texts(browser, "header")[0], f"{name}: no verdict")
    views = browser.evaluate("[...document.querySelectorAll('nav a')].map(a => a.hash)")
    check(len(set(views)) == len(views) >= 3, f"{name}: views {views}")
    for view in views:
        browser.go(view)
        check(browser.evaluate("document.querySelector('[aria-current=page]').hash") == view,
              f"{name}: {view} is not shown")
        look_at(browser, name, view[1:])
    timelines = timelines_of(report)
    for number in sorted({0, len(timelines) - 1} & set(range(len(timelines)))):
        timeline = timelines[number]
        walk(browser, f"{name} timeline {number}", number, timeline)
    if timelines:
        look_at(browser, name, "step")
    for rule in [rule for timeline in timelines for rule in timeline["about"]][:2]:
        browser.go("#rule=" + rule["rule"])
        check(rule["statement"] in texts(browser, "tr.target")[0], f"{name}: no {rule['rule']}")
    # By keyboard alone: the first stop is the way past the views, then the views.
    browser.open(page)
    browser.press("Tab")
    browser.press("Enter")
    check(browser.evaluate("document.activeElement.id") == "main", f"{name}: no way past the views")
    browser.open(page)
    for _ in range(3):
        browser.press("Tab")
    browser.press("Enter")
    check(browser.evaluate("location.hash") == views[1], f"{name}: Tab does not lead to the views")
    for complaint in sorted(set(browser.complaints)):
        check(False, f"{name}: {complaint}")
    browser.complaints.clear()


def hostile(page):
    """The same page with a name that would be a script if the page let it."""
    name = "</script><img src=x onerror=\"document.title='taken'\"><b>&amp;"
    with open(page, encoding="utf-8") as file:
        text = file.read()
    begin = text.index('id="data">') + len('id="data">')
    end = text.index("</script", begin)
    report = json.loads(text[begin:end])
    report["sut"] = name
    report["divergence"]["report"] = name
    report["divergence"]["timeline"]["steps"][-1]["command"] = name
    for side in ("model", "sut"):
        report["divergence"]["timeline"]["steps"][-1][side]["calls"] = [name]
    data = re.sub("[<>&]", lambda c: "\\u%04x" % ord(c[0]), json.dumps(report))
    path = os.path.join(folder, "hostile.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text[:begin] + data + text[end:])
    return name, path


chromium = shutil.which("chromium")
if not chromium:
    sys.exit("browser_test: no chromium; packages.txt names the package")
trace = os.path.join(folder, "handover.trace")
with open(trace, "w", encoding="utf-8") as file:
    file.write(HANDOVER)
subprocess.run([holdfast, "rewrite", trace], check=True, stdout=subprocess.DEVNULL)
odd_trace = os.path.join(folder, "<!--<script>&lt;<b>.trace")
shutil.copy(trace, odd_trace)
few = ["--cases=300", "--depth=2"]
pages = {
    "core_mutant": make("core_mutant", 1, "run", "--sut=" + core_mutant, "--out=left", *few),
    "port_mutant": make("port_mutant", 1, "run", "--sut=" + port_mutant, *few),
    "answers": make("answers", 0, "run", "--sut=" + answering, *few),
    "conforms": make("conforms", 0, "run", *few),
    "replay": make("replay", 0, "replay", trace),
    "odd_name": make("odd_name", 0, "replay", odd_trace),
    "explore": make("explore", 1, "explore", "--world=1,1,1", "--sut=" + core_mutant),
    "shrink": make("shrink", 1, "shrink", "left/failing.trace", "--sut=" + core_mutant),
}
check("R13" in pages["port_mutant"][1]["divergence"]["rules"], "the port's mutant breaks no R13")
check(len(pages["conforms"][1]["hazards"]) > 3, "a run that conforms shows no hazard")
check(len(timelines_of(pages["answers"][1])) > 10, "an answer of its own is not told")
browser = Browser(chromium, folder)
try:
    for name, (page, report) in pages.items():
        if name == "odd_name":
            continue
        see(browser, name, page, report)
    browser.open(pages["odd_name"][0])
    browser.go("#traces")
    check(odd_trace in texts(browser, "main td"), "an odd name of a file is not shown as it is")
    name, page = hostile(pages["core_mutant"][0])
    browser.open(page)
    check(name in texts(browser, "h1")[0], "a hostile name is not shown as it is")
    browser.go("#timeline=0&step=99")
    check(texts(browser, ".step h3 code")[0] == name, "a hostile command is not shown as it is")
    check(browser.evaluate("document.querySelectorAll('img, b').length") == 0,
          "data has made elements")
    check(browser.evaluate("document.title") != "taken", "data has run")
    check(not browser.complaints, f"hostile: {browser.complaints}")
finally:
    browser.close()
if failures:
    sys.exit(f"{len(failures)} failures")
print(f"{len(pages)} pages are as they should be")
