#include "token/oauth/oauth_fetcher.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "token/expiry.h"
#include "token/json.h"
#include "token/oauth/client_auth.h"
#include "token/oauth/error_response.h"
#include "token/oauth/grant.h"
#include "token/oauth/response.h"
#include "token/oauth/token_form.h"
#include "token/secret/secret_file.h"

namespace bearer::token {

namespace {

/// Logged before the first request: a server that rotates invalidates the token that it was sent.
/// Not an error, because many servers always return the same one.
void warn_of_loss(const std::string& refresh_token_file, bool shared) {
  const std::string directory = directory_of(without_links(refresh_token_file));
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return;
  const std::string reason = std::generic_category().message(errno);
  base::log(
      base::LogLevel::warning,
      shared
          ? "a refresh token that the server rotates could be saved in the token store alone: let "
            "this process write into the directory of refresh_token_file"
          : "a refresh token that the server rotates could not be saved, and would be lost: let "
            "this process write into the directory of refresh_token_file",
      {{"directory", std::string_view(directory)}, {"reason", std::string_view(reason)}});
}

/// A slow answer does not explain a larger difference.
constexpr std::chrono::seconds kSkewMin{20};
/// Larger differences are not distinguished: nanoseconds cannot count to a Date of the year 9999.
constexpr std::chrono::seconds kSkewShown = std::chrono::years(100);

bool signs_assertion(const CredentialOptions& options) {
  return options.auth_method == ClientAuth::private_key_jwt ||
         options.auth_method == ClientAuth::client_secret_jwt ||
         options.auth_method == ClientAuth::bearer_jwt ||
         (options.grant == Grant::jwt_bearer && options.assertion_file.empty());
}

/// True for an endpoint that knows the client by the machine that asks.
bool sends_no_credential(const CredentialOptions& options) {
  return options.grant == Grant::other && options.grant_type.empty() &&
         options.auth_method == ClientAuth::none && options.ways.fields_file.empty();
}

using Clean = std::function<void(std::string&)>;

void clean_texts(nlohmann::json& value, const Clean& clean) {
  if (value.is_string()) return clean(value.get_ref<std::string&>());
  if (!value.is_structured()) return;
  for (nlohmann::json& inner : value) clean_texts(inner, clean);
}

/// The answer as it may be quoted. Secrets go before a text is shortened: of one that is cut in
/// two, nobody recognises the beginning.
Answer quotable(const Answer& answer, const Clean& clean) {
  Answer quoted = answer;
  clean(quoted.content_type);
  nlohmann::json body = parse_answer(answer.body.reveal());
  if (!body.is_structured()) return quoted;
  clean_texts(body, clean);
  quoted.body = base::Secret(json_text(body));
  wipe_texts(body);
  return quoted;
}

/// Clears `spending`, however the fetch ends.
struct Spent {
  bool& spending;
  ~Spent() { spending = false; }
};

}  // namespace

/// Marks a wait for a pipe for as long as it lives, however the wait ends.
class OauthFetcher::PipeWait {
 public:
  explicit PipeWait(OauthFetcher& fetcher) : fetcher_(fetcher) { fetcher_.waits_for_pipe_ = true; }
  ~PipeWait() {
    fetcher_.waits_for_pipe_ = false;
    fetcher_.awaited_ = nullptr;
  }

 private:
  OauthFetcher& fetcher_;
};

OauthFetcher::OauthFetcher(base::Shared<CredentialOptions> options,
                           std::unique_ptr<Endpoint> endpoint, net::Loop& loop,
                           std::unique_ptr<RefreshTokens> refresh_tokens,
                           std::unique_ptr<Fetcher> before, std::shared_ptr<const Binding> binding,
                           std::shared_ptr<FetchTurn> turn)
    : shared_options_(std::move(options)),
      options_(*shared_options_),
      endpoint_(std::move(endpoint)),
      loop_(loop),
      clock_(loop.clock()),
      refresh_tokens_(refresh_tokens
                          ? std::move(refresh_tokens)
                          : std::make_unique<RefreshTokenFile>(options_.refresh_token_file)),
      before_(std::move(before)),
      binding_(std::move(binding)),
      turn_(turn ? std::move(turn) : std::make_shared<FetchTurn>()),
      prover_(binding_ ? binding_->prover() : nullptr) {
  if (options_.grant != Grant::refresh_token) return;
  grant_lock_.emplace(options_.refresh_token_file);
  warn_of_loss(options_.refresh_token_file, options_.store.shared());
}

net::Task<base::Result<Fetched>> OauthFetcher::fetch() {
  const Spent spent{spending_};
  const FetchTurn::Leaving leaving(*turn_);
  if (!grant_lock_) {
    co_await turn_->take();
    co_return co_await fetch_locked();
  }
  const base::Result<void> held = co_await grant_lock_->acquire(loop_, *turn_);
  if (!held) co_return held.error();
  base::Result<Fetched> fetched = co_await fetch_locked();
  if (!unsaved_) grant_lock_->release();  // otherwise nobody may spend the token in the file
  co_return fetched;
}

net::Task<base::Result<Fetched>> OauthFetcher::fetch_locked() {
  if (!unsaved_) co_return co_await request();
  base::Result<Fetched> kept = co_await finish_rotation();
  if (unsaved_) co_return kept;
  const bool fresh = kept && kept->expires > clock_.now();
  if (fresh) co_return kept;
  co_return co_await request();
}

net::Task<base::Result<void>> OauthFetcher::await_pipes() {
  const std::vector<SecretFile> files = options_.secret_files();
  const PipeWait waits(*this);
  for (const SecretFile& file : files) {
    if (!is_pipe(file.path)) continue;
    awaited_ = &file;
    const FetchTurn::Aside aside(*turn_);
    const base::Result<void> came = co_await await_pipe(file.path, file.setting, loop_);
    if (!came) co_return came.error();
  }
  co_return {};
}

base::Error OauthFetcher::before_failed(base::Error failure) const {
  if (options_.before_is_subject) {
    failure.detail = "there is no subject token: " + failure.detail;
  }
  if (!options_.given_by.empty()) failure.fix = "check " + std::string(options_.given_by);
  return failure;
}

net::Task<base::Result<TokenRequest>> OauthFetcher::prepare(TokenForm& form) {
  const base::Result<void> came = co_await await_pipes();
  if (!came) co_return came.error();
  std::string_view first;
  if (before_) {
    base::Result<Fetched> fetched = co_await before_->fetch();
    if (!fetched) co_return before_failed(fetched.error());
    first = form.keep(std::move(fetched->value));
  }
  const base::Result<void> granted =
      co_await add_grant(options_, clock_.wall(), *refresh_tokens_, form);
  if (!granted) co_return granted.error();
  base::Result<base::Secret> authorization = authenticate_client(options_, clock_.wall(), form);
  if (!authorization) co_return authorization.error();
  if (before_ && options_.before_is_subject) {
    form.add("subject_token", first);
  } else if (before_) {
    authorization = bearer(first);
  }
  co_return make_token_request(options_.ways, form, std::move(*authorization));
}

net::Task<base::Result<Fetched>> OauthFetcher::request() {
  std::optional<TokenForm> form;
  const base::Result<Answer> answer = co_await ask(form);
  if (!answer) co_return answer.error();
  // First, because a refresh token that is spent must not be sent again, whatever fails hereafter.
  const bool rotates = note_rotation(*answer, *form);
  base::Result<Fetched> fetched = read(*answer, *form);
  if (!fetched) {
    base::Error failure = fetched.error();
    if (sends_no_credential(options_) && !before_) {
      failure = without_credential(std::move(failure), *answer);
    }
    advise(failure, *answer, *form);
    fetched = std::move(failure);
  }
  if (!rotates) co_return fetched;
  unsaved_->fetched = std::move(fetched);
  co_return co_await finish_rotation();
}

bool OauthFetcher::note_rotation(const Answer& answer, const TokenForm& form) {
  if (options_.grant != Grant::refresh_token) return false;
  base::Secret rotated = rotated_refresh_token(answer, options_.ways.members);
  base::Secret used{std::string(form.value("refresh_token"))};
  if (rotated.empty() || rotated == used) return false;
  unsaved_.emplace(Rotation{std::move(rotated), std::move(used),
                            base::Error{base::Errc::internal_fault, "the answer was not read"}});
  return true;
}

// Each try has a form of its own, because a server takes an assertion once.
net::Task<base::Result<Answer>> OauthFetcher::ask(std::optional<TokenForm>& form) {
  base::Result<Answer> answer = co_await ask_once(form);
  if (prover_ && answer && wants_nonce(*answer)) answer = co_await ask_once(form);
  co_return answer;
}

net::Task<base::Result<Answer>> OauthFetcher::ask_once(std::optional<TokenForm>& form) {
  base::Result<TokenRequest> prepared = co_await prepare(form.emplace());
  if (!prepared) co_return prepared.error();
  prepared->prover = prover_.get();
  prepared->nonce = nonce_;
  base::Result<Answer> answer = co_await send(*prepared);
  if (answer && !answer->dpop_nonce.empty()) nonce_ = answer->dpop_nonce;
  if (answer || answer.error().code != base::Errc::token_malformed) co_return answer;
  base::Error failure = answer.error();  // it quotes what is no HTTP
  form->redact(failure.detail);
  co_return failure;
}

net::Task<base::Result<Fetched>> OauthFetcher::finish_rotation() {
  const base::Result<void> saved =
      co_await refresh_tokens_->replace(unsaved_->replaces, unsaved_->refresh_token);
  if (!saved) {
    co_return base::Error{
        saved.error().code,
        "the server rotated the refresh token, and the new one cannot be saved: " +
            saved.error().detail,
        "let this process write into the directory of refresh_token_file"};
  }
  base::Result<Fetched> fetched = std::move(unsaved_->fetched);
  unsaved_.reset();
  co_return fetched;
}

net::Task<base::Result<Answer>> OauthFetcher::send(const TokenRequest& request) {
  spending_ = options_.grant == Grant::refresh_token;
  co_return co_await endpoint_->send(request);
}

void OauthFetcher::advise(base::Error& failure, const Answer& answer, const TokenForm& form) const {
  if (!options_.given_by.empty()) failure.fix = "check " + std::string(options_.given_by);
  if (!is_rejection(failure.code)) return;
  if (form.basic_escapes()) {
    failure.fix +=
        "; or set basic_encoding to raw: the id or the secret holds characters that some servers "
        "take as they are only";
  }
  if (!(signs_assertion(options_) || prover_) || !answer.date) return;
  const std::chrono::seconds ahead =
      std::clamp(*answer.date - std::chrono::floor<std::chrono::seconds>(answer.wall), -kSkewShown,
                 kSkewShown);
  if (std::chrono::abs(ahead) < kSkewMin) return;
  failure.fix += "; or set this machine's clock: the server's is " +
                 base::format_duration(std::chrono::abs(ahead)) +
                 (ahead.count() > 0 ? " ahead" : " behind") +
                 ", and an assertion or a proof is good for a minute only";
}

std::string OauthFetcher::waits_for_turn() const {
  return turn_->waits();
}

base::Error OauthFetcher::ended() const {
  if (awaited_) return pipe_given_up(awaited_->path, awaited_->setting);
  return before_ ? before_->ended() : Fetcher::ended();
}

net::Task<void> OauthFetcher::close() {
  if (before_) co_await before_->close();
  if (grant_lock_ && !unsaved_) grant_lock_->release();
}

std::uint64_t OauthFetcher::fingerprint() const {
  std::uint64_t print = 0;
  for (const SecretFile& file : options_.secret_files()) {
    // Rotated, so that two files that change places do not look unchanged.
    print = std::rotl(print, 7) ^ file_fingerprint(file.path);
  }
  return print;
}

base::Result<TokenResponse> OauthFetcher::parse(const Answer& answer, const TokenForm& form) const {
  const auto parsed = [&](const Answer& one) {
    return parse_response(one, options_.attributes, options_.ways.members,
                          binding_ ? TokenUse::dpop : TokenUse::bearer, options_.proof_setting());
  };
  base::Result<TokenResponse> response = parsed(answer);
  const base::Secret token = response ? response->access_token : base::Secret();
  const Clean clean = [&](std::string& said) {
    form.redact(said);
    token.redact(said);
  };
  base::Result<TokenResponse> quoted = parsed(quotable(answer, clean));
  if (!response) {
    base::Error failure = response.error();
    if (!quoted) failure.detail = quoted.error().detail;
    clean(failure.detail);  // it may list members, whose names are never shortened
    return failure;
  }
  // These texts of the server's go into the log.
  if (quoted) {
    response->scope = std::move(quoted->scope);
    response->remark = std::move(quoted->remark);
    response->attributes = std::move(quoted->attributes);
  }
  clean(response->scope);
  clean(response->remark);
  for (auto& [name, said] : response->attributes) clean(said);
  return response;
}

base::Result<Fetched> OauthFetcher::read(const Answer& answer, const TokenForm& form) {
  constexpr const char* kFix = "check the clocks of this machine and of the token endpoint";
  base::Result<TokenResponse> response = parse(answer, form);
  if (!response) return response.error();
  const bool zero = response->lifetime_is_zero;
  const bool end_known = response->expires_in || response->expires_at;
  base::Result<Fetched> fetched =
      with_expiry(std::move(*response), {answer.sent, answer.wall, answer.date}, clock_, kFix);
  if (!fetched) return fetched;
  // A server that repeats a token until it ends counts down to 0. Otherwise 0 means no end.
  const std::size_t mark = std::hash<std::string_view>{}(fetched->value.reveal());
  if (zero && known_end_ && known_end_->first == mark) {
    fetched->expires = std::min(fetched->expires, known_end_->second);
    if (fetched->expires <= clock_.now()) {
      return base::Error{base::Errc::token_malformed,
                         "the token endpoint gave an ended token again", kFix};
    }
  }
  if (end_known) known_end_.emplace(mark, fetched->expires);
  fetched->binding = binding_;
  return fetched;
}

}  // namespace bearer::token
