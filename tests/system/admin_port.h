// The admin port of a running proxy, asked by curl.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

namespace bearer::test::admin_port {

using Json = nlohmann::json;

inline const Strings kAdmin = {"--admin", "127.0.0.1:0"};

/// The body of an answer that wants all loops to turn in time: on a machine that stands still for a
/// moment it may be 503 at first.
inline std::string shown(Proxy& proxy, const std::string& target) {
  Reply reply;
  REQUIRE(eventually([&] {
    reply = curl({proxy.admin_url(target)});
    return reply.status == 200;
  }));
  return reply.body;
}

/// An answer may be read before it is counted; once every loop has turned, it is.
inline void settle(Proxy& proxy) {
  shown(proxy, "/healthz");
}

inline Json status_of(Proxy& proxy) {
  settle(proxy);
  return Json::parse(curl({proxy.admin_url("/status")}).body);
}

inline int post(Proxy& proxy, const std::string& path) {
  return curl({"-X", "POST", proxy.admin_url(path)}).status;
}

/// The value of a sample, with its labels as they are written; -1 if there is none.
inline double sample(Proxy& proxy, const std::string& name) {
  settle(proxy);
  const std::string text = "\n" + curl({proxy.admin_url("/metrics")}).body;
  const std::size_t found = text.find("\n" + name + " ");
  return found == std::string::npos ? -1 : std::stod(text.substr(found + name.size() + 2));
}

}  // namespace bearer::test::admin_port
