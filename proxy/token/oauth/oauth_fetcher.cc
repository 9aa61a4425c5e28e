#include "token/oauth/oauth_fetcher.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
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
#include "token/store/file_replacement.h"

namespace bearer::token {

namespace {

/// Logged before the first request: a server that rotates invalidates the token that it was sent.
/// Not an error, because many servers always return the same one.
void warn_of_loss(const std::string& refresh_token_file, bool shared) {
  const std::string reason = why_unsavable(refresh_token_file);
  if (reason.empty()) return;
  base::log(
      base::LogLevel::warning,
      shared
          ? "a refresh token that the server rotates could be saved in the token store alone: let "
            "this process write refresh_token_file, or its directory"
          : "a refresh token that the server rotates could not be saved, and would be lost: let "
            "this process write refresh_token_file, or its directory",
      {{"file", std::string_view(refresh_token_file)}, {"reason", std::string_view(reason)}});
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

/// True for an endpoint that knows the client by the machine that asks. Parameters of a POST may be
/// a login, as `role_id` and `secret_id` are.
bool sends_no_credential(const CredentialOptions& options) {
  const bool platform = options.grant == Grant::other && options.grant_type.empty() &&
                        options.auth_method == ClientAuth::none;
  const bool login = !options.username.empty() || !options.password_file.empty() ||
                     !options.assertion_file.empty() || !options.subject_token_file.empty() ||
                     !options.ways.fields_file.empty() ||
                     (options.ways.method == TokenMethod::post && !options.token_params.empty());
  return platform && !login;
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

OauthFetcher::~OauthFetcher() {
  if (!refresh_tokens_.holds()) return;
  base::log(base::LogLevel::error,
            "the refresh token that the server gave last was not saved, and is lost now: the one "
            "before is spent, so put a new one into refresh_token_file",
            {{"credential", std::string_view(options_.name)},
             {"file", std::string_view(options_.refresh_token_file)}});
}

net::Task<base::Result<Fetched>> OauthFetcher::fetch() {
  const Spent spent{spending_};
  const FetchTurn::Leaving leaving(*turn_);
  if (!grant_lock_) {
    co_await turn_->take();
    co_return co_await request();
  }
  const base::Result<void> held = co_await grant_lock_->acquire(loop_, *turn_);
  if (!held) co_return held.error();
  co_await save_rotation();
  base::Result<Fetched> fetched = co_await request();
  release_grant();
  co_return fetched;
}

// While a refresh token is in our memory alone, nobody may spend the one in the file.
void OauthFetcher::release_grant() {
  if (grant_lock_ && !refresh_tokens_.holds()) grant_lock_->release();
}

net::Task<void> OauthFetcher::save() {
  if (before_) co_await before_->save();
  if (!refresh_tokens_.holds()) co_return;
  co_await save_rotation();
  release_grant();
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
      co_await add_grant(options_, clock_.wall(), refresh_tokens_, form);
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
  note_rotation(*answer, *form);
  base::Result<Fetched> fetched = read(*answer, *form);
  if (!fetched) {
    base::Error failure = fetched.error();
    if (sends_no_credential(options_) && !before_) {
      failure = without_credential(std::move(failure), *answer);
    }
    advise(failure, *answer, *form);
    fetched = std::move(failure);
  }
  co_await save_rotation();
  co_return fetched;
}

void OauthFetcher::note_rotation(const Answer& answer, const TokenForm& form) {
  if (options_.grant != Grant::refresh_token) return;
  base::Secret rotated = rotated_refresh_token(answer, options_.ways.members);
  base::Secret used{std::string(form.value("refresh_token"))};
  if (!rotated.empty() && rotated != used) {
    refresh_tokens_.hold(std::move(used), std::move(rotated));
  }
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

net::Task<void> OauthFetcher::save_rotation() {
  if (!refresh_tokens_.holds()) co_return;
  const base::Result<void> saved = co_await refresh_tokens_.save();
  const std::string_view name = options_.name;
  if (saved && loss_said_) {
    base::log(base::LogLevel::info, "the rotated refresh token is saved after all",
              {{"credential", name}});
  }
  if (!saved && !loss_said_) {
    const base::Error& failure = saved.error();
    base::log(base::LogLevel::error,
              "the server rotated the refresh token, and the new one cannot be saved in "
              "refresh_token_file: this process goes on with it and tries to save it again, but it "
              "is lost if the process ends before that",
              {{"credential", name},
               {"reason", std::string_view(failure.detail)},
               {"fix", std::string_view(failure.fix)}});
  }
  loss_said_ = !saved;
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
  co_await save_rotation();
  release_grant();
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
  const std::optional<base::Duration> renewable = response->refresh_expires_in;
  const Asked asked{answer.sent, answer.wall, answer.date, /*just_made=*/true};
  base::Result<Fetched> fetched = with_expiry(std::move(*response), asked, clock_, kFix);
  if (!fetched) return fetched;
  // A server that repeats a token until it ends counts down to 0. Otherwise 0, or an end that is
  // past, says nothing.
  const bool no_end = zero || fetched->past_end;
  const std::size_t mark = std::hash<std::string_view>{}(fetched->value.reveal());
  if (no_end && known_end_ && known_end_->first == mark) {
    fetched->expires = std::min(fetched->expires, known_end_->second);
    if (fetched->expires <= clock_.now()) {
      return base::Error{base::Errc::token_malformed,
                         "the token endpoint gave an ended token again", kFix};
    }
  }
  if (!no_end) known_end_.emplace(mark, fetched->expires);
  fetched->binding = binding_;
  if (options_.grant == Grant::refresh_token && renewable) {
    fetched->renewable_until = base::after(answer.sent, *renewable);
  }
  return fetched;
}

}  // namespace bearer::token
