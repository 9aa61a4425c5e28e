"""The ways in which a page can make its reader's browser send a request."""

import collections
import pathlib

# The method of the request, and the JavaScript that sends it to `url`.
Way = collections.namedtuple("Way", "method script")

WAYS = {
    "fetch": Way("GET", "send(url)"),
    "fetch without CORS": Way("GET", "send(url, { mode: 'no-cors' })"),
    "fetch POST": Way("POST", "send(url, { method: 'POST', body: 'x' })"),
    "fetch POST without CORS": Way(
        "POST", "send(url, { method: 'POST', body: 'x', mode: 'no-cors' })"
    ),
    "fetch PUT": Way("PUT", "send(url, { method: 'PUT', body: 'x' })"),
    "fetch with a field of its own": Way("GET", "send(url, { headers: { 'X-Job': '7' } })"),
    "img": Way("GET", "load('img', { src: url })"),
    "script": Way("GET", "load('script', { src: url })"),
    "stylesheet": Way("GET", "load('link', { rel: 'stylesheet', href: url })"),
    "frame": Way("GET", "frame({ src: url })"),
    "form GET": Way("GET", "submit('GET', url)"),
    "form POST": Way("POST", "submit('POST', url)"),
    "EventSource": Way("GET", "outcome(new EventSource(url), 'open', 'error')"),
    "WebSocket": Way("GET", "outcome(new WebSocket(url.replace('http', 'ws')), 'open', 'error')"),
}

LIBRARY = (pathlib.Path(__file__).parent / "ways.js").read_text()


def take(browser, way, url):
    """What the page in the browser gets to know."""
    return browser.run(f"{LIBRARY} const url = given[0]; return {way.script};", url)
