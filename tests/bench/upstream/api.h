// What the upstream answers: a token endpoint and an API, from values to values, without sockets.
//
//   POST /oauth/token   a token, after Options::token_delay
//   GET  /stats         the counts, as JSON
//   with a valid token, else 401:
//   GET  /bytes/N       N bytes
//   POST /sink          how many bytes were uploaded
//   GET  /held/ID       429 with Retry-After while the gate is closed
//   GET  /refused/ID    the same, judged only after Options::refusal_delay, so that many are in
//                       flight when the first is refused
//   GET  /tunnel        101: the connection echoes from then on
//   anything else       a small JSON document
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "bench/upstream/gate.h"
#include "bench/upstream/tokens.h"

namespace bearer::bench {

struct ApiOptions {
  TokenOptions token;
  std::chrono::milliseconds token_delay{0};
  std::chrono::milliseconds refusal_delay{0};
  std::chrono::seconds gate_closed_for{10};
};

struct Request {
  std::string path, credentials;
  std::uint64_t body_bytes = 0;
  Instant arrived;
};

class Api {
 public:
  explicit Api(const ApiOptions& options)
      : options_(options), tokens_(options.token), gate_(options.gate_closed_for) {}

  /// How long the answer to `request` is to be put off.
  Duration delay(const Request& request) const;

  /// Appends the answer to `out`; returns how many bytes of filler follow it.
  std::uint64_t answer(const Request& request, Instant now, std::string& out);

 private:
  void reply(std::string& out, std::string_view status, std::string_view fields,
             std::string_view body);
  void append_head(std::string& out, std::string_view status, std::string_view fields,
                   std::uint64_t body_bytes);
  void refresh_date();
  std::string stats() const;

  ApiOptions options_;
  Tokens tokens_;
  Gate gate_;
  std::uint64_t requests_ = 0, unauthorized_ = 0, batches_ = 0, batch_bytes_ = 0;
  std::time_t date_second_ = 0;
  std::string date_;
};

}  // namespace bearer::bench
