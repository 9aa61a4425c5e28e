#include "tests/sandbox/server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/sandbox/connection.h"
#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

constexpr int kListenBacklog = 1024;
constexpr time_t kIdleSeconds = 75;
constexpr std::size_t kRequestsPerConnectionMax = 1'000'000'000;

/// A thread for each connection: a pool's threads would all be held by connections that idle, and
/// keep the next client waiting. Open files are the limit.
class ThreadEach final : public httplib::TaskQueue {
  /// Older versions of cpp-httplib want nothing, newer ones whether the connection is served.
  using Accepted = decltype(std::declval<TaskQueue&>().enqueue({}));

 public:
  Accepted enqueue(std::function<void()> serve) override {
    std::thread(std::move(serve)).detach();
    return Accepted(true);
  }
  void shutdown() override {}
};

std::unique_ptr<httplib::Server> make_server(const ServerOptions& options) {
  if (options.tls_cert.empty()) return std::make_unique<httplib::Server>();
  auto server = std::make_unique<httplib::SSLServer>(
      options.tls_cert.c_str(), options.tls_key.c_str(),
      options.tls_client_ca.empty() ? nullptr : options.tls_client_ca.c_str());
  if (!server->is_valid()) throw std::runtime_error("the TLS certificate or key cannot be used");
  return server;
}

/// Reads the whole body, so that the next request on the connection starts where it should. False
/// if it was cut short.
bool read_body(Request& request, const httplib::ContentReader::Reader& reader) {
  Digest digest;
  const bool is_whole = reader([&](const char* data, std::size_t size) {
    const std::string_view bytes(data, size);
    digest.add(bytes);
    request.body_size += size;
    request.body += bytes.substr(0, kBodyKeptMax - request.body.size());
    return true;
  });
  request.body_sha256 = to_hex(digest.finish());
  return is_whole;
}

Request make_request(const httplib::Request& in, const std::string& scheme) {
  Request request;
  request.method = in.method;
  request.target = in.target;
  std::string_view query = request.target;
  request.path = take_until(query, '?');
  request.query = parse_form(query);
  for (const auto& [name, value] : in.headers) {
    // cpp-httplib adds fields of its own to those that came.
    constexpr std::string_view kOwn[] = {"REMOTE_ADDR", "REMOTE_PORT", "LOCAL_ADDR", "LOCAL_PORT"};
    if (std::find(std::begin(kOwn), std::end(kOwn), name) == std::end(kOwn)) {
      request.fields.emplace_back(name, value);
    }
  }
  request.authorization = in.get_header_value("Authorization");
  request.range = in.get_header_value("Range");
  request.if_range = in.get_header_value("If-Range");
  request.origin = scheme + in.get_header_value("Host");
  return request;
}

/// Writes the pattern from `offset`, at most `size` bytes of it. False if the client has gone.
bool write_pattern(httplib::DataSink& sink, std::uint64_t offset, std::size_t size) {
  const std::string_view block = pattern_from(offset).substr(0, size);
  return sink.write(block.data(), block.size());
}

/// Ends the body where it is to be cut.
httplib::ContentProvider make_provider(const Answer& answer, const httplib::Request& in) {
  return [start = answer.pattern_start, cut = answer.cut, local_port = in.local_port,
          peer_port = in.remote_port](std::size_t offset, std::size_t size,
                                      httplib::DataSink& sink) {
    if (!cut) return write_pattern(sink, start + offset, size);
    if (offset < cut->after) {
      return write_pattern(sink, start + offset, std::min<std::size_t>(size, cut->after - offset));
    }
    // At this byte, and not at one that the kernel had still to send: what a client then asks for
    // twice is what it has thrown away itself.
    await_delivery(local_port, peer_port);
    if (cut->resets) reset_connection(local_port, peer_port);
    return false;
  };
}

void set_pattern(const Answer& answer, const httplib::Request& in, httplib::Response& out) {
  const std::size_t total = answer.pattern_size;
  if (!answer.chunked) {
    out.set_content_provider(total, answer.type, make_provider(answer, in));
    return;
  }
  out.set_chunked_content_provider(answer.type,
                                   [total](std::size_t offset, httplib::DataSink& sink) {
                                     if (offset < total)
                                       return write_pattern(sink, offset, total - offset);
                                     sink.done();
                                     return true;
                                   });
}

void write_answer(const Answer& answer, const httplib::Request& in, httplib::Response& out) {
  std::this_thread::sleep_for(answer.delay);
  if (answer.reset) {
    reset_connection(in.local_port, in.remote_port);
    return;
  }
  out.status = answer.status;
  out.set_header("Date", format_date(std::chrono::system_clock::now()));
  for (const auto& [name, value] : answer.fields) out.set_header(name, value);
  if (answer.pattern_size > 0 || answer.chunked) {
    set_pattern(answer, in, out);
  } else if (!answer.body.empty()) {
    out.set_content(answer.body, answer.type);
  }
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Handler handler)
      : handler_(std::move(handler)),
        scheme_(options.tls_cert.empty() ? "http://" : "https://"),
        server_(make_server(options)) {
    configure();
    add_routes();
  }

  /// Returns the port.
  int bind(const std::string& address, int port) {
    // cpp-httplib's backlog is 5: hundreds of clients that come at once would wait for a second.
    int listening = -1;
    server_->set_socket_options([&listening](int fd) {
      httplib::default_socket_options(fd);
      listening = fd;
    });
    const int bound = port == 0                              ? server_->bind_to_any_port(address)
                      : server_->bind_to_port(address, port) ? port
                                                             : -1;
    if (bound < 0 || ::listen(listening, kListenBacklog) != 0) {
      throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port));
    }
    return bound;
  }

  const std::string& scheme() const { return scheme_; }
  void serve() { server_->listen_after_bind(); }

 private:
  void configure() {
    server_->new_task_queue = [] { return new ThreadEach; };
    server_->set_tcp_nodelay(true);
    server_->set_keep_alive_max_count(kRequestsPerConnectionMax);
    server_->set_keep_alive_timeout(kIdleSeconds);
    server_->set_read_timeout(kIdleSeconds);
    server_->set_write_timeout(kIdleSeconds);
  }

  void add_routes() {
    const auto without_body = [this](const httplib::Request& in, httplib::Response& out) {
      respond(in, out, [](const httplib::ContentReceiver&) { return true; });
    };
    const auto with_body = [this](const httplib::Request& in, httplib::Response& out,
                                  const httplib::ContentReader& reader) {
      // Without either of them cpp-httplib would read until the client closes.
      const bool has_body = in.has_header("Content-Length") || in.has_header("Transfer-Encoding");
      respond(in, out, [&reader, has_body](const httplib::ContentReceiver& receiver) {
        return !has_body || reader(receiver);
      });
    };
    server_->Get(".*", without_body);
    server_->Options(".*", without_body);
    server_->Post(".*", with_body);
    server_->Put(".*", with_body);
    server_->Patch(".*", with_body);
    server_->Delete(".*", with_body);
  }

  void respond(const httplib::Request& in, httplib::Response& out,
               const httplib::ContentReader::Reader& reader) const {
    Request request = make_request(in, scheme_);
    if (!read_body(request, reader)) {
      out.status = 400;
      return;
    }
    // cpp-httplib would cut any answer to the request's Range, whatever its status. The request is
    // its own and not const.
    const_cast<httplib::Request&>(in).ranges.clear();
    write_answer(handler_(request), in, out);
  }

  const Handler handler_;
  const std::string scheme_;
  const std::unique_ptr<httplib::Server> server_;
};

Server::Server(const ServerOptions& options, Handler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {
  const int port = impl_->bind(options.address, options.port);
  const bool is_ipv6 = options.address.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + options.address + "]" : options.address;
  origin_ = impl_->scheme() + host + ":" + std::to_string(port);
}

Server::~Server() = default;

void Server::serve() {
  impl_->serve();
  throw std::runtime_error("the server stopped by itself");
}

}  // namespace bearer::sandbox
