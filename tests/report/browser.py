"""A page in headless Chromium, spoken to over its debugging pipe; needs no package."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
COMMANDS, ANSWERS = 3, 4  # file descriptors that --remote-debugging-pipe takes
SECONDS = 60  # for an answer


def chromium():
    """Path of the browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab: `run` gives the value of a JavaScript expression, `errors` what went wrong."""

    def __init__(self, commands, answers):
        self._commands, self._answers, self._rest = commands, answers, b""
        self._number = 0
        self.errors = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = {}
        session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._session = {"sessionId": session}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def open(self, path):
        """Load a file and wait until it has settled."""
        self._ask("Page.navigate", url=path.resolve().as_uri())
        self.wait("document.readyState === 'complete' && document.body.innerText.length > 0")

    def run(self, expression):
        """Evaluate; a promise is awaited."""
        options = {"returnByValue": True, "awaitPromise": True}
        answer = self._ask("Runtime.evaluate", expression=expression, **options)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression, seconds=SECONDS):
        """Wait until an expression holds."""
        end = time.monotonic() + seconds
        while not self.run(expression):
            assert time.monotonic() < end, f"never true: {expression}; {self.errors}"
            time.sleep(0.1)

    def type(self, text):
        """Type into what has the focus, and press Enter."""
        self._ask("Input.insertText", text=text)
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self._ask("Input.dispatchKeyEvent", type="keyDown", text="\r", **enter)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **enter)

    def _ask(self, method, **arguments):
        self._number += 1
        message = {"id": self._number, "method": method, "params": arguments}
        if hasattr(self, "_session"):
            message |= self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._note(answer)

    def _next(self):
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], SECONDS)
            assert ready, f"the browser did not answer for {SECONDS} s"
            found = os.read(self._answers, 1 << 20)
            assert found, "the browser has ended"
            self._rest += found
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def _note(self, event):
        name, more = event.get("method"), event.get("params", {})
        if name == "Runtime.exceptionThrown":
            self.errors.append(more["exceptionDetails"].get("exception", more)["description"])
        elif name == "Runtime.consoleAPICalled" and more["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(a.get("value", a)) for a in more["args"]))
        elif name == "Log.entryAdded" and more["entry"]["level"] == "error":
            self.errors.append(f"{more['entry']['text']} {more['entry'].get('url', '')[:200]}")
        elif name == "Network.loadingFailed":
            self.errors.append(f"not loaded: {more}")


@contextmanager
def page(browser, profile):
    """A tab of a browser that ends with the block; `profile` is an empty folder."""
    to_browser, our_answers = os.pipe(), os.pipe()
    theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (to_browser[0], our_answers[1])]

    def place():
        for fd, number in zip(theirs, (COMMANDS, ANSWERS), strict=True):
            os.dup2(fd, number)

    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    profile_option = f"--user-data-dir={profile}"
    process = subprocess.Popen(
        [browser, *options, profile_option, "--remote-debugging-pipe"],
        pass_fds=(COMMANDS, ANSWERS),
        preexec_fn=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for fd in (*theirs, to_browser[0], our_answers[1]):
        os.close(fd)
    try:
        yield Page(to_browser[1], our_answers[0])
    finally:
        process.terminate()
        process.wait(timeout=20)
        os.close(to_browser[1])
        os.close(our_answers[0])
