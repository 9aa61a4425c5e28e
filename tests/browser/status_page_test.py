"""The status page of the admin port, as its readers have it."""

import contextlib
import http.client
import json
import socket
import urllib.parse

import peers
import webdriver

# Resolves with the bar's widths in per cent, from now until it has run down and jumped up. A token
# that the page is late to hear of is not new any more: then the next one counts.
RUN_DOWN_AND_JUMP = """
  const bar = document.querySelector('.meter > div');
  const widths = [];
  const falls = () => widths.findIndex((width, i) => i > 0 && width < widths[i - 1]);
  const done = () => falls() > 0 && widths.at(-1) > Math.max(60, widths.at(-2) + 10);
  return new Promise((resolve) => new MutationObserver(() => {
    widths.push(parseFloat(bar.style.width));
    if (done()) resolve(widths);
  }).observe(bar, { attributes: true, attributeFilter: ['style'] }));
"""

# The lowest contrast of a text with what it lies on (WCAG 2, section 1.4.3).
CONTRAST = """
  const luminance = (color) => {
    const [r, g, b] = color.match(/[0-9.]+/g).map((value) => value / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color !== 'rgba(0, 0, 0, 0)' ? color : ground(element.parentElement);
  };
  const texts = [...document.querySelectorAll('body *')].filter((element) =>
    element.checkVisibility() && !element.closest('svg') &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return Math.min(...texts.map((element) => {
    const [dark, light] = [getComputedStyle(element).color, ground(element)].map(luminance).sort();
    return (light + 0.05) / (dark + 0.05);
  }));
"""

# Of the whole page and of each plot.
WIDTHS = """
  const plots = [...document.querySelectorAll('svg')].map((svg) => svg.clientWidth);
  return [document.documentElement.scrollWidth, ...plots];
"""

# Everything that the admin port has, to be read by a page or only to be done.
TRY_ALL = """
  const got = [];
  for (const [method, path] of [['GET', '/status'], ['GET', '/'], ['POST', '/refresh'],
                                ['POST', '/drain'], ['POST', '/quitquitquit']]) {
    for (const mode of ['cors', 'no-cors']) {
      got.push(await fetch(given[0] + path, { method, mode })
        .then((response) => response.type, () => 'refused'));
    }
  }
  return got;
"""


ROUTE_IS_BAD = "document.querySelector('#routes .badge')?.className === 'badge bad'"

# The plot of that title.
WAITS = "[...document.querySelectorAll('figure')].find((one) => one.innerText.startsWith('Waits'))"


def address_of(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


def ask(url, path, method="GET", fields=None):
    """Status and body."""
    connection = http.client.HTTPConnection(*address_of(url), timeout=webdriver.PATIENCE_S)
    try:
        connection.request(method, path, headers=fields or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class StatusPage(peers.Case):
    TOKEN_FLAGS = ("--token-lifetime", "6s")

    def setUp(self):
        super().setUp()
        self.look()

    def tearDown(self):
        self.look()  # as it was

    def look(self, width=1200, height=900, theme="light"):
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.browser.developer_tools("Emulation.setDeviceMetricsOverride", **screen)
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.browser.developer_tools("Emulation.setEmulatedMedia", features=features)

    def open(self, proxy=None):
        self.browser.open(f"{(proxy or self.proxy).admin_url}/")
        self.browser.wait_until("document.querySelector('.meter')")

    def wait_for_state(self, word):
        self.browser.wait_until(f"document.getElementById('state').textContent === '{word}'")

    def test_a_refresh_is_seen_as_it_happens(self):
        self.open()
        widths = self.browser.run(RUN_DOWN_AND_JUMP)
        self.assertGreater(widths[-1], 60, widths)

    def test_a_refresh_that_is_asked_for_is_seen_without_a_reload(self):
        self.open()
        number = "Number(document.body.innerText.match(/token (\\d+)/)?.[1])"
        before = self.browser.wait_until(number)
        self.assertEqual(ask(self.proxy.admin_url, "/refresh", "POST")[0], 202)
        self.browser.wait_until(f"{number} > {before}")

    def test_it_says_that_the_proxy_is_gone_and_goes_on_with_the_next_one(self):
        address = f"127.0.0.1:{self.enterContext(peers.reserved_port())}"
        proxy = self.enterContext(peers.Proxy(self.api, self.tokens, admin=address))
        self.open(proxy)
        self.browser.run("window.sameDocument = true")
        proxy.stop()
        self.browser.wait_until("!document.getElementById('lost').hidden")
        self.assertIn("does not answer", self.browser.text())
        self.assertIn("not reached", self.browser.text())
        with peers.Proxy(self.api, self.tokens, admin=address):
            self.browser.wait_until("document.getElementById('lost').hidden")
            self.wait_for_state("ready")
        self.assertTrue(self.browser.run("return window.sameDocument"))
        self.browser.log("browser")  # the requests that failed meanwhile

    def test_the_history_is_there_when_the_page_is_opened(self):
        for path in ("/a", "/b", "/c"):
            self.assertEqual(ask(self.proxy.url, path)[0], 200)
        self.open()
        area = "document.querySelector('path.area.ok')?.getAttribute('d')"
        self.browser.wait_until(area)
        self.open()  # anew: what it shows first is not of its own making
        self.assertTrue(self.browser.run(f"return {area}"))
        self.assertRegex(self.browser.run("return tiles.innerText"), r"Requests\s+[1-9]")

    def test_a_pause_is_shown_with_its_end_and_a_problem_with_its_fix(self):
        with peers.Proxy(self.api, self.tokens, ["--retry-window", "5s"]) as proxy:
            self.api.answer_with([("Retry-After", "300")], status=429)
            self.assertEqual(ask(proxy.url, "/orders?key=q7Tz")[0], 429)
            self.open(proxy)
            self.browser.wait_for_text("paused for ")
            self.assertRegex(self.browser.text(), r"held until \d\d:\d\d:\d\d")
            self.browser.wait_for_text("--retry-window")
            self.assertNotIn("q7Tz", self.browser.text())

    def test_a_refused_credential_is_told_with_its_reason(self):
        with peers.sandbox("--client-secret", "another") as tokens:
            with peers.Proxy(self.api, tokens) as proxy:
                self.open(proxy)
                self.browser.wait_for_text("refused")
                self.wait_for_state("not ready")
                self.browser.wait_for_text("BEARER_PROXY_CLIENT_SECRET")
                self.browser.wait_for_text("next try in")  # not while it tries
                self.browser.wait_until(ROUTE_IS_BAD)
                self.browser.wait_for_text("its credential is refused")

    def held(self, fields, path):
        """The context of a proxy with a client whose request it holds."""
        stack = contextlib.ExitStack()
        flags = ["--drain-timeout", "0s", "--retry-window", "10m"]
        proxy = stack.enter_context(peers.Proxy(self.api, self.tokens, flags))
        self.api.answer_with(fields, status=429)
        client = stack.enter_context(socket.create_connection(address_of(proxy.url)))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return stack, proxy

    def next_update(self):
        """Waits until the page has shown another answer."""
        self.browser.run("performance.clearResourceTimings()")  # a browser keeps 250 of them
        self.browser.wait_until("performance.getEntriesByType('resource').length > 5")

    def test_a_request_that_is_held_says_for_what_and_until_when(self):
        stack, proxy = self.held([("Retry-After", "300")], "/orders/<b>7?key=q7Tz")
        with stack:
            self.open(proxy)
            self.browser.wait_until("requests.innerText.includes('Waits for its next attempt')")
            said = self.browser.run("return requests.innerText")
            self.assertIn("GET /orders/<b>7", said)
            self.assertRegex(said, r"until \d\d:\d\d:\d\d\.")
            self.assertRegex(said, r"1 attempt: .*429 in ")
            self.assertNotIn("q7Tz", said)
            self.browser.wait_until(r"/Waiting\s+1 now/.test(tiles.innerText)")  # asked for apart
            # The plot shows the wait while it passes.
            self.browser.wait_until(f"{WAITS}?.querySelector('path.area.ok')?.getAttribute('d')")

    def test_the_list_is_filtered_by_failed_and_by_route(self):
        with peers.Proxy(self.api, self.tokens) as proxy:
            self.assertEqual(ask(proxy.url, "/good")[0], 200)
            self.api.answer_with((), status=404)
            self.assertEqual(ask(proxy.url, "/lost")[0], 404)
            self.open(proxy)
            self.browser.wait_until("requests.innerText.includes('/good')")
            self.browser.click("#filter-failed")
            self.browser.wait_until("!requests.innerText.includes('/good')")
            self.browser.wait_until("requests.innerText.includes('/lost')")
            self.browser.click("#filter-failed")
            self.browser.wait_until("requests.innerText.includes('/good')")
            routes = self.browser.run(
                "return [...document.querySelectorAll('#filter-route option')].map(o => o.text)")
            self.assertEqual(routes, ["all", "/"])
            choose = """const list = document.getElementById('filter-route');
                        list.value = '/'; list.dispatchEvent(new Event('change'));"""
            self.browser.run(choose)
            self.next_update()
            self.assertIn("/good", self.browser.run("return requests.innerText"))

    def test_what_is_selected_stays_selected_while_the_page_lives(self):
        with peers.Proxy(self.api, self.tokens) as proxy:
            self.api.answer_with((), status=404)
            ask(proxy.url, "/a", fields={"X-Request-Id": "copy-me"})
            ask(proxy.url, "/", fields={"Host": "evil.example"})
            self.open(proxy)
            for where in ("#requests li .details", "#problems li .details", "#routes .card h3"):
                with self.subTest(where):
                    self.browser.wait_until(f"document.querySelector('{where}')?.textContent")
                    self.browser.run(
                        "getSelection().selectAllChildren(document.querySelector(given[0]))", where)
                    before = self.browser.run("return getSelection().toString()")
                    self.assertTrue(before)
                    ask(proxy.url, "/more")  # another stands above it from now on
                    self.next_update()
                    self.assertEqual(self.browser.run("return getSelection().toString()"), before)

    def test_a_route_whose_upstream_fails_is_not_shown_as_sound(self):
        with peers.Proxy(self.api, self.tokens, ["--max-retries", "0"]) as proxy:
            self.api.answer_with((), status=503)
            for _ in range(3):
                self.assertEqual(ask(proxy.url, "/x")[0], 503)
            self.open(proxy)
            failing = "failing: 3 of 3 in the last minute"
            self.browser.wait_until(f"routes.innerText.includes('{failing}')")
            self.assertTrue(self.browser.run(f"return {ROUTE_IS_BAD}"))

    def test_a_lone_sample_can_be_seen_and_replies_of_the_proxys_own_are_no_latency(self):
        with peers.Proxy(self.api, self.tokens) as proxy:
            ask(proxy.url, "/", "CONNECT")
            self.open(proxy)
            self.browser.wait_until("requests.innerText.includes('405')")
            self.assertIn("p50 of responses", self.browser.text())
            routes = self.browser.run("return routes.innerText")
            self.assertNotRegex(routes, r"p50 of responses\s+\d")
            ask(proxy.url, "/one")
            dots = "document.querySelector('path.dots.ok')"
            self.browser.wait_until(f"{dots}?.getAttribute('d')")
            style = self.browser.run(f"const style = getComputedStyle({dots});"
                                     "return [style.strokeLinecap, style.strokeWidth]")
            self.assertEqual(style, ["round", "5px"])

    def test_tokens_are_fetched_by_a_button(self):
        tokens = self.enterContext(peers.sandbox())  # that live for long
        with peers.Proxy(self.api, tokens) as proxy:
            self.open(proxy)
            self.browser.wait_for_text("token 1 ")
            self.browser.click("#refresh")
            self.browser.wait_for_text("token 2 ")
            self.browser.wait_until("refreshed.innerText.includes('asked for')")

    def test_a_plot_is_read_out_with_the_keyboard(self):
        self.assertEqual(ask(self.proxy.url, "/a")[0], 200)
        self.open()
        self.browser.wait_until("document.querySelector('path.area.ok')?.getAttribute('d')")
        self.browser.run("document.querySelector('svg').focus()")
        press = """document.activeElement.dispatchEvent(
                     new KeyboardEvent('keydown', { key: given[0], bubbles: true }));
                   const plot = document.activeElement;
                   return [plot.getAttribute('aria-valuetext'),
                           document.querySelector('figure .muted').innerText];"""
        value, when = self.browser.run(press, "ArrowLeft")
        self.assertRegex(value, r"^\d\d:\d\d:\d\d: 2xx ")
        self.assertRegex(when, r"^\d\d:\d\d:\d\d$")
        self.assertEqual(self.browser.run(press, "Escape")[1], "a second, by outcome")

    def test_nothing_secret_is_in_the_page_or_in_what_it_asks_for(self):
        own = {"Authorization": "Basic hush"}
        self.assertEqual(ask(self.proxy.url, "/orders?key=q7Tz", fields=own)[0], 200)
        token = self.api.requests[-1][2]["Authorization"].removeprefix("Bearer ")
        self.open()
        answers = [ask(self.proxy.admin_url, path)[1]
                   for path in ("/", "/status", "/status/history", "/status/requests", "/metrics",
                                  "/readyz")]
        answers.append(self.browser.run("return document.documentElement.outerHTML"))
        for secret in (token, token.rsplit(".", 1)[-1], "sandbox-secret", "q7Tz", "hush"):
            for answer in answers:
                self.assertNotIn(secret, answer)

    def test_it_can_be_read_on_a_phone_and_in_the_dark(self):
        grounds = set()
        for theme in ("light", "dark"):
            for width in (375, 1200):
                with self.subTest(theme, width=width):
                    self.look(width=width, theme=theme)
                    self.open()
                    whole, *plots = self.browser.run(WIDTHS)
                    self.assertLessEqual(whole, width)
                    self.assertEqual(len(plots), 4)
                    self.assertGreater(min(plots), 250)
                    self.assertGreaterEqual(self.browser.run(CONTRAST), 4.5)
            ground = "return getComputedStyle(document.body).backgroundColor"
            grounds.add(self.browser.run(ground))
        self.assertEqual(len(grounds), 2)

    def test_it_asks_nobody_else_and_has_nothing_to_complain_about(self):
        self.browser.open("about:blank")  # the page of the test before asks a proxy that is gone
        self.browser.log("browser")
        self.browser.log("performance")
        self.open()
        self.browser.wait_until("performance.getEntriesByType('resource').length >= 4")
        entries = self.browser.log("performance")
        events = [json.loads(entry["message"])["message"] for entry in entries]
        urls = [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]
        self.assertIn(f"{self.proxy.admin_url}/status", urls)
        for url in urls:
            self.assertTrue(url.startswith((f"{self.proxy.admin_url}/", "data:")), url)
        self.assertEqual(self.browser.log("browser"), [])

    def test_a_foreign_page_cannot_read_it_frame_it_or_do_anything_by_it(self):
        tokens = self.enterContext(peers.sandbox())  # that live for long
        with peers.Proxy(self.api, tokens) as proxy:
            self.open(proxy)
            self.wait_for_state("ready")
            before = json.loads(ask(proxy.admin_url, "/status")[1])
            self.browser.open(self.pages.url("evil.example"))
            self.assertEqual(self.browser.run(TRY_ALL, proxy.admin_url), ["refused"] * 10)
            after = json.loads(ask(proxy.admin_url, "/status")[1])
        self.assertFalse(after["draining"])
        for status in (before, after):
            self.assertEqual(status["credentials"][0]["generation"], 1)
