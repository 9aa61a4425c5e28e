"""What a page of an origin that --allow-origin names can do, and what deny rules leave of it."""

import json

import peers
from ways import WAYS, take

READ = """
  const response = await fetch(given[0], given[1]);
  return { status: response.status, text: await response.text(),
           fields: Object.fromEntries(response.headers) };
"""


class ServedOrigins(peers.Case):
    @classmethod
    def proxy_flags(cls):
        origin = cls.pages.url("app.example", "")
        return ["--allow-origin", origin, "--deny-method", "DELETE", "--deny-path", "/private"]

    def setUp(self):
        super().setUp()
        self.browser.open(self.pages.url("app.example"))

    def read(self, path, **options):
        return self.browser.run(READ, self.proxy.url + path, options)

    def test_the_answer_to_a_fetch_is_readable_with_all_of_its_fields(self):
        self.api.answer_with([("Link", "</users?page=2>; rel=next")])
        answer = self.read("/users")
        self.assertEqual(answer["status"], 200)
        self.assertEqual(json.loads(answer["text"]), {"method": "GET", "path": "/users"})
        self.assertIn("page=2", answer["fields"]["link"])
        self.assertEqual(self.api.targets(), ["GET /users"])

    def test_a_preflight_is_answered_by_the_proxy_and_never_reaches_the_api(self):
        for method, headers in (("PUT", {}), ("PATCH", {}), ("GET", {"X-Job": "7"})):
            with self.subTest(method):
                answer = self.read("/orders/7", method=method, headers=headers)
                self.assertEqual(answer["status"], 200)
        self.assertTrue(self.proxy.has_answered_itself("204 OPTIONS /orders/7"))
        self.assertEqual(self.api.targets(), [f"{m} /orders/7" for m in ("PUT", "PATCH", "GET")])
        self.assertEqual(self.api.requests[-1][2]["X-Job"], "7")

    def test_the_api_knows_nothing_of_our_origins_and_has_no_say_about_them(self):
        for others in ("https://console.example", "null", "*"):
            with self.subTest(others):
                self.api.answer_with([("Access-Control-Allow-Origin", others)])
                self.assertEqual(self.read("/users")["status"], 200)

    def test_a_websocket_opens_and_a_form_is_taken(self):
        for name in ("WebSocket", "form POST"):
            take(self.browser, WAYS[name], self.proxy.url + "/way")
        self.assertEqual(self.api.targets(), ["GET /way", "POST /way"])

    def test_the_refusal_of_a_denied_path_or_method_is_readable_and_reaches_nobody(self):
        for path in ("/private/x", "/%70rivate/x", "/private"):
            with self.subTest(path):
                answer = self.read(path)
                self.assertEqual(answer["status"], 403)
                self.assertIn("--deny-path", json.loads(answer["text"])["detail"])
                self.assertIn("http_request_denied", answer["fields"]["proxy-status"])
        # A browser asks before it sends a DELETE, and tells the page no more than that it may not.
        seen = take(self.browser, WAYS["fetch"]._replace(script="send(url, { method: 'DELETE' })"),
                    self.proxy.url + "/orders/7")
        self.assertEqual(seen, "refused")
        self.assertTrue(self.proxy.has_answered_itself("403 OPTIONS /orders/7"))
        self.assertEqual(self.api.targets(), [])

    def test_deny_rules_hold_for_the_proxys_own_pages_too(self):
        self.browser.open(f"{self.proxy.url}/page")
        self.assertEqual(self.read("/orders/7", method="DELETE")["status"], 403)
        self.assertEqual(self.read("/private/x")["status"], 403)
        self.assertEqual(self.api.targets(), ["GET /page"])

    def test_the_origin_next_to_a_served_one_is_refused(self):
        self.browser.open(self.pages.url("www.app.example"))
        for name in ("fetch", "fetch PUT", "form POST", "WebSocket"):
            with self.subTest(name):
                seen = take(self.browser, WAYS[name], self.proxy.url + "/next-door")
                self.assertIn(seen, ("refused", "nothing"))
        self.assertEqual(self.api.targets(), [])
