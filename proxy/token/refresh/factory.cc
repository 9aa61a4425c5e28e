#include "token/refresh/factory.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/internal_fault.h"
#include "base/log.h"
#include "base/random.h"
#include "net/tls_context.h"
#include "token/aws/identity_fetcher.h"
#include "token/command_fetcher.h"
#include "token/dpop/key_binding.h"
#include "token/fetch_queue.h"
#include "token/file_fetcher.h"
#include "token/oauth/discovered_endpoint.h"
#include "token/oauth/endpoint.h"
#include "token/oauth/oauth_fetcher.h"
#include "token/oauth/token_request.h"
#include "token/refresh/log_observer.h"
#include "token/secret/secret_pipe.h"
#include "token/store/refresh_tokens.h"
#include "token/store/store_factory.h"
#include "token/store/stored_fetcher.h"

namespace bearer::token {
namespace {

/// The loop of the coroutines, the resolver that looks up names, and what many credentials share:
/// the queue in which their fetches take turns, and what is known of their stores' files. Those are
/// null for a credential that is alone. They outlive what is made.
struct Way {
  net::Loop& loop;
  Reaper& reaper;
  net::Resolver& resolver;
  FetchQueue* queue = nullptr;
  FileStoreCaches* file_stores = nullptr;
};

/// One fetch on a loop of its own, which the calling thread turns.
class OneFetch {
 public:
  OneFetch(net::Loop& loop, Fetcher& fetcher) : loop_(loop), fetcher_(fetcher) {}

  base::Result<Fetched> run(std::stop_token ended) {
    const std::stop_callback ends(std::move(ended), [this] {
      loop_.post([this] {
        ending_ = end();
        ending_.start();
      });
    });
    under_way_ = fetch();
    under_way_.start();
    if (!under_way_.done()) loop_.run();
    return result_ ? std::move(*result_) : fetcher_.ended();
  }

 private:
  net::Task<void> fetch() {
    result_ = co_await guarded_fetch(fetcher_);
    loop_.stop();
  }
  net::Task<void> end() {
    if (!result_ && !fetcher_.spending()) result_ = fetcher_.ended();
    co_await end_fetch(fetcher_, under_way_, sleeper_);
    loop_.stop();
  }

  net::Loop& loop_;
  Fetcher& fetcher_;
  net::Sleeper sleeper_{loop_};
  std::optional<base::Result<Fetched>> result_;
  net::Task<void> under_way_, ending_;
};

bool discovered(const CredentialOptions& options) {
  return options.token_url.host.empty();
}

/// Describes the token endpoint, or the issuer that names it.
EndpointOptions endpoint_options(const CredentialOptions& options) {
  EndpointOptions made{.url = discovered(options) ? options.issuer.value() : options.token_url,
                       .ca_file = options.ca_file,
                       .client_cert_file = options.client_cert_file,
                       .client_key_file = options.client_key_file,
                       .egress = options.egress,
                       .connect_timeout = options.connect_timeout,
                       .answer_timeout = options.response_timeout};
  made.setting = options.given_by.empty() ? options.token_url_setting : options.given_by;
  return made;
}

/// Returns how long the first token request may wait before it is sent.
base::Duration wait_for_pipes(const CredentialOptions& options) {
  const bool some = std::ranges::any_of(options.secret_files(), is_pipe, &SecretFile::path);
  return some ? kPipePatience : base::Duration::zero();
}

/// `options` for the request that comes first.
CredentialOptions first_of(const CredentialOptions& options) {
  CredentialOptions first = options.before.front();
  first.store = options.store;
  return first;
}

/// A session, a region, a role and keys: four requests to AWS's metadata server.
constexpr int kAwsRequests = 4;

/// A question for the issuer's endpoint, a request, and one more with the server's nonce.
constexpr int kTokenRequests = 3;

/// Returns the longest that a fetch may take.
base::Duration fetch_max(const CredentialOptions& options) {
  if (!options.token_command.empty()) return options.command_timeout;
  const base::Duration request = options.connect_timeout + options.response_timeout;
  if (options.aws) return kAwsRequests * request;
  const base::Duration before =
      options.before.empty() ? base::Duration::zero() : 2 * fetch_max(options.before.front());
  return kTokenRequests * request + wait_for_pipes(options) + before;
}

std::unique_ptr<Endpoint> make_endpoint(const CredentialOptions& options, const Way& way) {
  EndpointOptions endpoint = endpoint_options(options);
  if (!discovered(options)) {
    return make_http_endpoint(std::move(endpoint), way.loop, way.resolver);
  }
  return std::make_unique<DiscoveredEndpoint>(
      std::move(endpoint), way.loop.clock(), [way](EndpointOptions found) {
        return make_http_endpoint(std::move(found), way.loop, way.resolver);
      });
}

/// Returns `tell` as a function that does not throw, because a fetch goes on whatever becomes of
/// what is told on its way.
template <typename Tell>
auto guarded(Tell tell) {
  return [tell = std::move(tell)](const auto& event) {
    base::notify("an event of a fetch could not be told", [&] { tell(event); });
  };
}

/// Logs a fault of the store, or of the file beside it. The caller goes on without it.
std::function<void(const base::Error&)> say_fault(const CredentialOptions& options) {
  return guarded([name = options.name](const base::Error& error) {
    const std::string why = error.sentence();
    const bool of_file = error.code == base::Errc::file_unwritable;
    base::log(base::LogLevel::warning,
              of_file ? "the rotated refresh token is in the token store alone: its file could not "
                        "be written"
                      : "the token store cannot be used now: this process goes on without it",
              {{"credential", std::string_view(name)}, {"reason", std::string_view(why)}});
  });
}

/// The place at which the requests of a credential, or its commands, take turns.
FetchPlace place_of(const CredentialOptions& options) {
  const std::string source = options.source_text();
  if (!options.token_command.empty()) {
    return {source, kCommandsAtOnce,
            std::to_string(kCommandsAtOnce) + " runs of " + source +
                " are under way at a time, see that they end"};
  }
  return {source, kRequestsAtOnce,
          std::to_string(kRequestsAtOnce) + " token requests at a time are sent to " + source +
              ", see that it answers"};
}

std::shared_ptr<FetchTurn> make_turn(const CredentialOptions& options, const Way& way) {
  if (!way.queue) return std::make_shared<FetchTurn>();
  return std::make_shared<FetchTurn>(*way.queue, way.loop, place_of(options));
}

/// The requests in a row that bring one token have these in common.
struct Series {
  const std::shared_ptr<Store>& store;  ///< holds null if there is none
  const Way& way;
};

/// `turn` is the fetcher's own.
std::unique_ptr<Fetcher> make_source_fetcher(const base::Shared<CredentialOptions>& shared,
                                             std::shared_ptr<const Binding> binding,
                                             std::shared_ptr<FetchTurn> turn, const Series& series);

std::unique_ptr<Fetcher> make_oauth_fetcher(const base::Shared<CredentialOptions>& shared,
                                            std::shared_ptr<const Binding> binding,
                                            std::shared_ptr<FetchTurn> turn, const Series& series) {
  const CredentialOptions& options = *shared;
  std::unique_ptr<RefreshTokens> refresh_tokens;
  if (series.store) {
    refresh_tokens = std::make_unique<SharedRefreshTokens>(options.refresh_token_file, series.store,
                                                           say_fault(options));
  }
  std::unique_ptr<Fetcher> before;
  if (!options.before.empty()) {
    // Both requests are one turn, at the place of the second: it may be that a lock is held by now.
    before = make_source_fetcher(first_of(options), nullptr, std::make_shared<FetchTurn>(), series);
  }
  return std::make_unique<OauthFetcher>(shared, make_endpoint(options, series.way), series.way.loop,
                                        std::move(refresh_tokens), std::move(before),
                                        std::move(binding), std::move(turn));
}

std::unique_ptr<Fetcher> make_source_fetcher(const base::Shared<CredentialOptions>& shared,
                                             std::shared_ptr<const Binding> binding,
                                             std::shared_ptr<FetchTurn> turn,
                                             const Series& series) {
  const CredentialOptions& options = *shared;
  const Way& way = series.way;
  if (!options.token_file.empty()) {
    return std::make_unique<FileFetcher>(options.token_file, way.loop, options.ways.members);
  }
  if (!options.token_command.empty()) {
    auto fetcher = std::make_unique<CommandFetcher>(
        CommandOptions{options.token_command, options.command_timeout, options.command_environment,
                       options.hidden_variables},
        guarded([name = options.name](std::string_view line) {
          base::log(base::LogLevel::warning, "the token command says",
                    {{"credential", std::string_view(name)}, {"line", line}});
        }),
        way.reaper, options.ways.members);
    return std::make_unique<QueuedFetcher>(std::move(fetcher), std::move(turn));
  }
  if (options.aws) {
    auto fetcher = std::make_unique<AwsIdentityFetcher>(
        *options.aws,
        [shared, way](const http::Url& url) {
          CredentialOptions asked = *shared;
          asked.token_url = url;
          EndpointOptions endpoint = endpoint_options(asked);
          endpoint.what = "metadata server of AWS";
          endpoint.egress = {};  // the metadata server is this machine's own
          return make_http_endpoint(std::move(endpoint), way.loop, way.resolver);
        },
        way.loop.clock());
    return std::make_unique<QueuedFetcher>(std::move(fetcher), std::move(turn));
  }
  return make_oauth_fetcher(shared, std::move(binding), std::move(turn), series);
}

/// Stands for a credential whose key disappeared after it was checked.
class Unbound final : public Fetcher {
 public:
  explicit Unbound(base::Error why) : why_(std::move(why)) {}
  net::Task<base::Result<Fetched>> fetch() override { co_return why_; }

 private:
  const base::Error why_;
};

/// Returns the options that name the credential in its store: a tenant may be named by a field in a
/// file. If that cannot be read now, its tokens are shared with nobody.
CredentialOptions with_fields_of_file(const CredentialOptions& options) {
  CredentialOptions named = options;
  const std::string& file = options.ways.fields_file;
  if (!options.store.shared() || is_pipe(file)) return named;
  if (!read_fields(file, named.ways)) {
    named.ways.fields.emplace_back("unknown", base::Secret(base::random_id()));
  }
  return named;
}

std::unique_ptr<Fetcher> make_fetcher(const base::Shared<CredentialOptions>& shared,
                                      const Way& way) {
  const CredentialOptions& options = *shared;
  const base::Result<std::shared_ptr<const KeyBinding>> made = make_binding(options);
  if (!made) return std::make_unique<Unbound>(made.error());
  const std::shared_ptr<const KeyBinding>& binding = *made;
  std::shared_ptr<Store> store =
      make_store(with_fields_of_file(options), way.loop, way.resolver,
                 binding ? binding->thumbprint() : std::string(), way.file_stores);
  std::shared_ptr<FetchTurn> turn = make_turn(options, way);
  std::unique_ptr<Fetcher> fetcher = make_source_fetcher(shared, binding, turn, {store, way});
  if (!store) return fetcher;
  return std::make_unique<StoredFetcher>(
      way.loop, StoredFetcher::Parts{.inner = std::move(fetcher),
                                     .store = std::move(store),
                                     .random = std::make_unique<base::JitterRandom>(),
                                     .on_fault = say_fault(options),
                                     .binding = binding,
                                     .turn = std::move(turn),
                                     .fetch_max = fetch_max(options)});
}

}  // namespace

std::unique_ptr<TokenRefresher> make_source(const base::Shared<CredentialOptions>& shared,
                                            ControlLoop& control) {
  const CredentialOptions& options = *shared;
  net::Loop& loop = control.loop();
  TokenRefresher::Parts parts{
      .fetcher = make_fetcher(shared, {loop, control.reaper(), control.resolver(), &control.queue(),
                                       &control.file_stores()}),
      .random = std::make_unique<base::JitterRandom>(),
      .observer = std::make_unique<LogObserver>(
          options.name,
          LogObserver::Inputs{.in_files = !options.secret_files().empty(),
                              .in_environment = options.takes_secret_from_environment()},
          loop.clock()),
      .source = options.source_text()};
  return std::make_unique<TokenRefresher>(options.refresh_margin, loop, std::move(parts));
}

base::Result<void> check_certificates(const CredentialOptions& options) {
  if (!options.token_file.empty() || !options.token_command.empty() || options.aws) return {};
  // The system's own store takes a while to load, and no setting names it.
  if (options.ca_file.empty()) return {};
  const EndpointOptions endpoint = endpoint_options(options);
  if (!endpoint.url.tls) return {};
  const auto made = net::TlsContext::make({endpoint.ca_file, endpoint.url.host, {}, {}});
  if (made) return {};
  base::Error why = net::dial_failure(endpoint.server(), made.error());
  why.detail = "credential " + options.name + ": " + why.detail;
  return why;
}

base::Result<Fetched> fetch_once(const base::Shared<CredentialOptions>& shared,
                                 const base::Clock& clock, std::stop_token ended) {
  net::Loop loop(clock);
  Reaper reaper(loop);
  net::Resolver resolver;
  const std::unique_ptr<Fetcher> fetcher = make_fetcher(shared, {loop, reaper, resolver});
  return OneFetch(loop, *fetcher).run(std::move(ended));
}

}  // namespace bearer::token
