// The HTTP end: the one file that knows cpp-httplib.
#pragma once

#include <memory>
#include <string>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;          ///< 0: a free one
  std::string tls_cert;  ///< PEM; TLS if given, with `tls_key`
  std::string tls_key;
  std::string tls_client_ca = {};  ///< PEM file; empty: clients show no certificate
};

class Server {
 public:
  /// Binds and listens. `handler` is called from many threads at once.
  /// Throws std::runtime_error if it cannot listen there, or if the certificate cannot be used.
  Server(const ServerOptions& options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// `http://127.0.0.1:PORT`
  const std::string& origin() const { return origin_; }

  /// Serves for as long as the process lives.
  [[noreturn]] void serve();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  std::string origin_;
};

}  // namespace bearer::sandbox
