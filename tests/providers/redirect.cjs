// Leads every https request of this process to the double, which is told where it was to go.
"use strict";
const http = require("node:http");
const https = require("node:https");
const { syncBuiltinESMExports } = require("node:module");

const double = new URL(process.env.DOUBLE_URL);

function destination(first) {
  if (typeof first === "string" || first instanceof URL) return new URL(first);
  const host = first.hostname || first.host;
  const port = first.port && String(first.port) !== "443" ? `:${first.port}` : "";
  return new URL(`https://${host}${port}${first.path || "/"}`);
}

https.request = (first, ...rest) => {
  const callback = rest.find((each) => typeof each === "function");
  const second = rest.find((each) => each && typeof each === "object");
  const said = typeof first === "string" || first instanceof URL ? second || {} : first;
  const url = destination(first);
  return http.request({
    method: said.method,
    headers: { ...said.headers, "X-Original-Url": url.href },
    hostname: double.hostname,
    port: double.port,
    path: url.pathname + url.search,
  }, callback);
};
https.get = (...those) => {
  const request = https.request(...those);
  request.end();
  return request;
};
syncBuiltinESMExports();

const plainFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (url.protocol !== "https:") return plainFetch(request);
  const headers = new Headers(request.headers);
  headers.set("X-Original-Url", url.href);
  const body = ["GET", "HEAD"].includes(request.method) ? undefined : await request.arrayBuffer();
  return plainFetch(`${double.origin}${url.pathname}${url.search}`,
                    { method: request.method, headers, body });
};
