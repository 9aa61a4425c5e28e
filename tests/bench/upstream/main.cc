// bearer-bench-upstream: the API behind the proxies that are measured. One thread, one loop, and as
// little work a request as there can be, so that a proxy is the slowest part of a run.
//
//   bearer-bench-upstream [--certificate FILE --key FILE] [--token-life S] [--token-delay MS]
//                         [--tokens-revoked-every MS] [--refusal-delay MS] [--gate-closed-for S]
//
// Prints `plain PORT` and, with a certificate, `tls PORT`, then serves until it is ended.

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "bench/peers/head.h"
#include "bench/upstream/server.h"

namespace bearer::bench {
namespace {

struct Options {
  ApiOptions api;
  std::string certificate, key;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw std::runtime_error(name + " needs a value");
    const std::string value = argv[i + 1];
    const auto number = static_cast<std::int64_t>(leading_number(value));
    if (name == "--certificate") {
      options.certificate = value;
    } else if (name == "--key") {
      options.key = value;
    } else if (name == "--token-life") {
      options.api.token.life = std::chrono::seconds(number);
    } else if (name == "--tokens-revoked-every") {
      options.api.token.revoked_every = std::chrono::milliseconds(number);
    } else if (name == "--token-delay") {
      options.api.token_delay = std::chrono::milliseconds(number);
    } else if (name == "--refusal-delay") {
      options.api.refusal_delay = std::chrono::milliseconds(number);
    } else if (name == "--gate-closed-for") {
      options.api.gate_closed_for = std::chrono::seconds(number);
    } else {
      throw std::runtime_error("unknown option " + name);
    }
  }
  return options;
}

}  // namespace
}  // namespace bearer::bench

int main(int argc, char** argv) try {
  using namespace bearer::bench;
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  const Options options = parse(argc, argv);
  TlsContext tls(nullptr, &SSL_CTX_free);
  if (!options.certificate.empty()) tls = server_context(options.certificate, options.key);
  Server(options.api, std::move(tls)).run();
} catch (const std::exception& failure) {
  std::fprintf(stderr, "bearer-bench-upstream: %s\n", failure.what());
  return 1;
}
