"""What pages of other sites can do to a proxy on their reader's machine: nothing."""

import peers
from ways import WAYS, take


class ForeignPages(peers.Case):
    def test_no_way_leads_from_a_foreign_page_to_the_api(self):
        # Another name, and the same address with another port: a site of its own, and ours.
        for host in ("evil.example", "127.0.0.1"):
            self.browser.open(self.pages.url(host))
            for name, way in WAYS.items():
                with self.subTest(name, page=host):
                    path = f"/{host}/{name.replace(' ', '-')}"
                    seen = take(self.browser, way, self.proxy.url + path)
                    self.assertIn(seen, ("refused", "nothing"))
                    asked = (f"403 {way.method} {path}", f"403 OPTIONS {path}")
                    self.assertTrue(self.proxy.has_answered_itself(*asked))
        self.assertEqual(self.api.targets(), [])

    def test_each_way_leads_from_a_page_of_the_proxy_to_the_api(self):
        self.browser.open(f"{self.proxy.url}/page")
        for name, way in WAYS.items():
            with self.subTest(name):
                path = f"/own/{name.replace(' ', '-')}"
                take(self.browser, way, self.proxy.url + path)
                self.assertIn(f"{way.method} {path}", [t.rstrip("?") for t in self.api.targets()])
        for _, _, fields in self.api.requests:
            self.assertTrue(fields["Authorization"].startswith("Bearer "))

    def test_a_person_who_follows_a_foreign_page_is_told_why_it_is_refused(self):
        links = """document.body.innerHTML =
            `<a href="${given[0]}/link">read</a>
             <form method="post" action="${given[0]}/form"><button>send</button></form>`"""
        culprits = {"a": "a page of another site", "button": "http://evil.example"}
        for selector, culprit in culprits.items():
            with self.subTest(selector):
                self.browser.open(self.pages.url("evil.example"))
                self.browser.run(links, self.proxy.url)
                self.browser.click(selector)
                self.browser.wait_until(f"location.origin === '{self.proxy.url}'")
                self.browser.wait_for_text("403")
                self.browser.wait_for_text(culprit)
        self.assertEqual(self.api.targets(), [])

    def test_a_name_that_is_rebound_to_the_proxy_is_not_served(self):
        port = self.enterContext(peers.reserved_port())
        with peers.Pages(port) as site:
            self.browser.open(site.url("evil.example"))
        with peers.Proxy(self.api, self.tokens, listen=f"127.0.0.1:{port}") as proxy:
            seen = take(self.browser, WAYS["fetch"], site.url("evil.example", "/rebound"))
            self.assertTrue(seen.startswith("421 "), seen)
            self.assertIn("--allow-host", seen)
            for name in ("fetch POST", "fetch PUT", "WebSocket", "img"):
                with self.subTest(name):
                    url = site.url("evil.example", f"/{name.replace(' ', '-')}")
                    take(self.browser, WAYS[name], url)
                    asked = f"421 {WAYS[name].method} /{name.replace(' ', '-')}"
                    self.assertTrue(proxy.has_answered_itself(asked))
        self.assertEqual(self.api.targets(), [])
