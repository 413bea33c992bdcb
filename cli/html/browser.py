"""A headless Chromium, driven over its debugging pipe: no network and no package beside Python.

The protocol is one JSON message after the other, each with a NUL behind it. A page that writes an
error to the console, or asks for another file, is wrong: `complaints` has a line for each.
"""
import base64
import itertools
import json
import os
import subprocess


class Browser:
    def __init__(self, chromium, folder):
        to_browser, ours = os.pipe()
        theirs, from_browser = os.pipe()
        self.log = open(os.path.join(folder, "chromium.log"), "wb")
        # The pipe is to be the browser's descriptors 3 and 4, which may be ours until then.
        move = 'exec 8<&"$0" 9>&"$1"; shift; exec "$@" 3<&8 4>&9 8<&- 9>&-'
        self.process = subprocess.Popen(
            ["bash", "-c", move, str(to_browser), str(from_browser), chromium, "--headless=new",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
             "--no-first-run", "--user-data-dir=" + os.path.join(folder, "profile"), "about:blank"],
            pass_fds=[to_browser, from_browser], stdout=self.log, stderr=self.log,
            env=dict(os.environ, HOME=folder))
        os.close(to_browser)
        os.close(from_browser)
        self.to, self.answers = ours, os.fdopen(theirs, "rb")
        self.numbers, self.buffer, self.session = itertools.count(1), b"", None
        self.complaints, self.loaded = [], False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")
        self.ask("Emulation.setScrollbarsHidden", hidden=True)

    def message(self):
        while b"\0" not in self.buffer:
            more = os.read(self.answers.fileno(), 1 << 16)
            if not more:
                raise RuntimeError("Chromium has ended; see chromium.log")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def take(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append("exception: " + json.dumps(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] != "verbose":
            self.complaints.append("log: " + params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append("console: " + json.dumps(params["args"]))
        elif method == "Network.requestWillBeSent" and \
                params["request"]["url"].split("#")[0] != self.url:
            self.complaints.append("request: " + params["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def ask(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") != number:
                self.take(answer)
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            return answer["result"]

    url = "about:blank"

    def open(self, path):
        self.url, self.loaded = "file://" + os.path.abspath(path), False
        self.ask("Page.navigate", url=self.url)
        while not self.loaded:
            self.take(self.message())

    def evaluate(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(expression + ": " + json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def settle(self):
        """Waits until what an event has set off is done and drawn."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")

    def go(self, where):
        self.evaluate(f"location.hash = {json.dumps(where)}")
        self.settle()

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            codes = {"ArrowLeft": 37, "ArrowRight": 39, "Tab": 9, "Enter": 13}
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=codes[key], **text)
        self.settle()

    def look(self, width, scheme, media="screen"):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", media=media,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.settle()

    def screenshot(self, path):
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
