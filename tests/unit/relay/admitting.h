// A table of routes, and what becomes of a head that asks for one of them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "relay/admission.h"
#include "tests/unit/relay/relaying.h"

namespace bearer::relay::test::admitting {

using relay::Admitted;
using relay::LocalReply;
using relay::test::RequestLines;
using relay::test::route;

inline const relay::AdmissionRules kRules{.hosts = {"proxy.example.com"},
                                          .origins = {"https://app.example.com"}};

inline relay::AdmissionRules denying(std::vector<std::string> methods,
                                     std::vector<std::string> paths) {
  relay::AdmissionRules rules = kRules;
  rules.denied_methods = std::move(methods);
  rules.denied_paths = std::move(paths);
  return rules;
}

inline const relay::RouteTable& table() {
  static const relay::RouteTable made({
      route("/", "https://api.example.com"),
      route("/crm/", "https://crm.example.com/base/", true),
      route("/kept/", "https://kept.example.com/"),
      route("/", "https://by-host.example.com", false, "proxy.example.com"),
  });
  return made;
}

struct Verdict {
  int status;  ///< 0: admitted
  std::string error, detail;
  std::optional<Admitted> admitted;
};

inline Verdict verdict(const http::RequestHead& head, const relay::AdmissionRules& rules = kRules) {
  std::string_view page;
  auto admission = relay::admit(head, rules, table(), page, {}, {});
  if (const auto* reply = std::get_if<LocalReply>(&admission)) {
    return {reply->status, std::string(reply->error), reply->detail, std::nullopt};
  }
  return {0, "", "", std::get<Admitted>(admission)};
}

/// The status of a GET with those lines after the request line.
inline int status_of(const std::string& lines, const std::string& target = "/") {
  return verdict(RequestLines("GET " + target + " HTTP/1.1\n" + lines)).status;
}

}  // namespace bearer::relay::test::admitting
