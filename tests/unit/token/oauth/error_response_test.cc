#include "token/oauth/error_response.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;

namespace {

base::Error classify(int status, std::string body) {
  return token::classify_error({.status = status,
                                .content_type = "application/json",
                                .body = base::Secret(std::move(body)),
                                .sent = {},
                                .wall = {}},
                               token::kSecretSettings);
}

std::string oauth(const std::string& error) {
  return R"({"error":")" + error + "\"}";
}

}  // namespace

TEST_CASE("an answer without a token is classified by status and error") {
  struct Case {
    int status;
    std::string body;
    Errc code;
  };
  const Case cases[] = {
      {400, oauth("invalid_client"), Errc::token_rejected},
      {401, oauth("invalid_client"), Errc::token_rejected},
      {403, oauth("invalid_client"), Errc::token_rejected},
      {400, oauth("invalid_grant"), Errc::token_rejected},
      {400, oauth("unauthorized_client"), Errc::token_unauthorized},
      {401, oauth("unauthorized_client"), Errc::token_unauthorized},
      {503, oauth("unauthorized_client"), Errc::token_server_error},
      {400, oauth("invalid_scope"), Errc::token_rejected},
      {400, oauth("invalid_request"), Errc::token_rejected},
      {400, oauth("unsupported_grant_type"), Errc::token_rejected},
      {400, oauth("access_denied"), Errc::token_rejected},
      {401, "", Errc::token_rejected},
      {403, "<html>", Errc::token_malformed},  // a firewall's, as likely as not
      {400, "<html>", Errc::token_malformed},
      {404, "", Errc::token_malformed},
      {405, "{}", Errc::token_malformed},
      {302, "", Errc::token_malformed},
      {204, "", Errc::token_malformed},
      {429, "", Errc::token_rate_limited},
      {429, oauth("invalid_client"), Errc::token_rate_limited},
      {400, R"({"description":"rate limit exceeded"})", Errc::token_rate_limited},
      {400, "<p>Rate Limit Exceeded</p>", Errc::token_rate_limited},
      {401, "rate limit exceeded", Errc::token_rejected},
      {408, "", Errc::token_server_error},
      {500, "", Errc::token_server_error},
      {503, oauth("invalid_client"), Errc::token_server_error},
      {400, oauth("temporarily_unavailable"), Errc::token_server_error},
      {403, "<p>Rate Limit Exceeded</p>", Errc::token_rate_limited},
      {401, oauth("too_many_requests"), Errc::token_rate_limited},
      {404, oauth("slow_down"), Errc::token_rate_limited},
      {200, oauth("rate_limit_exceeded"), Errc::token_rate_limited},
      {302, oauth("rate_limit_exceeded"), Errc::token_malformed},
      {503, oauth("rate_limit_exceeded"), Errc::token_server_error},
      {403, R"({"error":{"code":403,"message":"User Rate Limit Exceeded"}})",
       Errc::token_rate_limited},
      {400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})",
       Errc::token_rate_limited},
      {400, R"({"code":"too_many_requests","message":"no"})", Errc::token_rate_limited},
      {400, R"({"error":"invalid_grant","error_description":"Please try again later."})",
       Errc::token_server_error},
      {402, oauth("Payment Required"), Errc::token_malformed},
      {404, oauth("Not Found"), Errc::token_malformed},
      {405, oauth("Method Not Allowed"), Errc::token_malformed},
      {409, oauth("unauthorized_client"), Errc::token_malformed},
      {415, oauth("invalid_client"), Errc::token_malformed},
      {422, oauth("invalid_request"), Errc::token_malformed},
      {302, oauth("invalid_client"), Errc::token_malformed},
      {200, oauth("invalid_client"), Errc::token_rejected},
      {404, oauth("temporarily_unavailable"), Errc::token_server_error},
      {400, R"({"errorCode":"invalid_client","errorSummary":"no"})", Errc::token_rejected},
      {403, R"({"errorCode":"E0000006","errorSummary":"no"})", Errc::token_malformed},
  };
  for (const Case& c : cases) {
    CAPTURE(c.status);
    CAPTURE(c.body);
    CHECK(base::name(classify(c.status, c.body).code) == base::name(c.code));
  }
}

TEST_CASE("a rejection names the setting to look at") {
  struct Case {
    const char* error;
    const char* setting;
  };
  for (const Case& c :
       {Case{"invalid_client", "client_secret_file"}, Case{"invalid_scope", "scope"},
        Case{"unauthorized_client", "client_id"}, Case{"invalid_request", "auth_method"},
        Case{"unsupported_grant_type", "token_url"}, Case{"something_new", "client_id"}}) {
    CAPTURE(c.error);
    CHECK(classify(400, oauth(c.error)).fix.find(c.setting) != std::string::npos);
  }
}

TEST_CASE("the server's words are shown, printable and bounded") {
  CHECK(classify(401, R"({"error":"invalid_client","error_description":"bad\u001b[31m \"x\""})")
            .detail == "the token endpoint answered 401 invalid_client (bad?[31m \"x\")");
  const std::string long_words(500, 'w');
  const auto failure =
      classify(401, R"({"error":"invalid_client","error_description":")" + long_words + "\"}");
  CHECK(failure.detail.find(std::string(200, 'w')) != std::string::npos);
  CHECK(failure.detail.find(std::string(201, 'w')) == std::string::npos);
}

TEST_CASE("nothing else of an error's body is shown") {
  for (const char* body :
       {R"({"error":["secret"],"access_token":"secret"})", "secret", "\"secret\"",
        R"({"error_description":{"x":"secret"},"client_secret":"secret"})"}) {
    for (const int status : {200, 302, 400, 401, 404, 429, 500}) {
      CAPTURE(body);
      CAPTURE(status);
      CHECK(classify(status, body).sentence().find("secret\"") == std::string::npos);
      CHECK(classify(status, body).detail.find("secret") == std::string::npos);
    }
  }
}

TEST_CASE("a Retry-After is kept") {
  const token::Answer answer{.status = 429, .retry_after = 40s, .sent = {}, .wall = {}};
  CHECK(token::classify_error(answer, token::kSecretSettings).retry_after == base::Duration(40s));
}

TEST_CASE("an error with a Retry-After is a rate limit, unless it is a definite refusal") {
  const auto with_wait = [](int status, const std::string& body) {
    token::Answer answer{.status = status, .retry_after = 7s, .sent = {}, .wall = {}};
    answer.body = base::Secret(std::string(body));
    const base::Error failure = token::classify_error(answer, token::kSecretSettings);
    CHECK(failure.retry_after == base::Duration(7s));
    return std::string(base::name(failure.code));
  };
  CHECK(with_wait(400, oauth("invalid_grant")) == "token_rate_limited");
  CHECK(with_wait(403, R"({"message":"slow"})") == "token_rate_limited");
  CHECK(with_wait(404, "") == "token_rate_limited");
  CHECK(with_wait(401, oauth("invalid_client")) == "token_rejected");
  CHECK(with_wait(400, oauth("unauthorized_client")) == "token_unauthorized");
  CHECK(with_wait(400, R"({"error":"invalid_grant","error_description":"Token expired"})") ==
        "token_rejected");
  CHECK(with_wait(302, "") == "token_malformed");
}

TEST_CASE("a wait that the body names counts, where no Retry-After does") {
  const auto waits = [](const std::string& member) {
    return classify(400, R"({"error":"access_denied",)" + member + "}");
  };
  CHECK(waits(R"("retry_after":64.5)").retry_after == base::Duration(64500ms));
  CHECK(waits(R"("retry_after":64.5)").code == Errc::token_rate_limited);
  CHECK(waits(R"("retryAfter":2)").retry_after == base::Duration(2s));
  CHECK(waits(R"("retry_after":1e300)").retry_after == base::Duration(std::chrono::years(1)));
  for (const char* none : {R"("retry_after":0)", R"("retry_after":-1)", R"("retry_after":"soon")",
                           R"("retry_after":null)", R"("retry_after":{})"}) {
    CAPTURE(none);
    CHECK_FALSE(waits(none).retry_after);
    CHECK(waits(none).code == Errc::token_rejected);
  }
  const token::Answer both{.status = 429,
                           .body = base::Secret(R"({"retry_after":9})"),
                           .retry_after = 4s,
                           .sent = {},
                           .wall = {}};
  CHECK(token::classify_error(both, token::kSecretSettings).retry_after == base::Duration(4s));
}

TEST_CASE("advice at the end of a long description is read, though it is not shown") {
  const std::string long_words(300, 'w');
  const auto failure = classify(400, R"({"error":"unexpected","error_description":")" + long_words +
                                         R"( Please try again later."})");
  CHECK(failure.code == Errc::token_server_error);
  CHECK(failure.detail.find("later") == std::string::npos);
}

TEST_CASE("a redirect is said to be one") {
  CHECK(classify(307, "").detail.find("redirect, which is not followed") != std::string::npos);
}

TEST_CASE("what a provider documents as eventual consistency is a fault that passes") {
  const auto entra = [](const char* code) {
    return classify(400, R"({"error":"unauthorized_client","error_description":")" +
                             std::string(code) + R"(: Application was not found."})");
  };
  for (const char* code : {"AADSTS700016", "AADSTS7000215", "AADSTS700213", "AADSTS70021"}) {
    CAPTURE(code);
    CHECK(base::name(entra(code).code) == "token_server_error");
    CHECK(entra(code).fix.find("client_id") != std::string::npos);
  }
  for (const char* code : {"AADSTS7000222", "AADSTS700210", "AADSTS7002", "AADSTS50034"}) {
    CAPTURE(code);
    CHECK(base::name(entra(code).code) == "token_unauthorized");
  }
}

TEST_CASE("what a gateway says in place of error_description is shown") {
  for (const char* body :
       {R"({"statusCode":401,"message":"no subscription"})",
        R"({"error":{"message":"no subscription"}})",
        R"({"errors":[{"message":"no subscription"}]})", R"({"errors":["no subscription"]})",
        R"({"fault":{"faultstring":"no subscription"}})", R"({"title":"no subscription"})",
        R"({"errorSummary":"no subscription","errorLink":"x"})",
        R"({"errorMessage":"no subscription"})", R"([{"message":"no subscription"}])",
        R"({"error":{"code":401,"detail":"no subscription"}})",
        R"({"error":"invalid_client","error_message":"no subscription"})"}) {
    CAPTURE(body);
    CHECK(classify(401, body).detail.find("(no subscription)") != std::string::npos);
  }
  CHECK(
      classify(401, R"({"error_description":"first","message":"second"})").detail.find("second") ==
      std::string::npos);
}

TEST_CASE("a provider that wants DPoP is told apart from a wrong secret") {
  for (const char* error : {"use_dpop_nonce", "invalid_dpop_proof"}) {
    CHECK(classify(400, oauth(error)).fix.find("DPoP") != std::string::npos);
  }
}

TEST_CASE("an error under another name is shown as one") {
  CHECK(classify(401, R"({"errorCode":"invalid_client","errorSummary":"No client 'x'."})").detail ==
        "the token endpoint answered 401 invalid_client (No client 'x'.)");
  CHECK(classify(401, R"([{"message":"Session ended","errorCode":"INVALID_SESSION_ID"}])").detail ==
        "the token endpoint answered 401 INVALID_SESSION_ID (Session ended)");
  CHECK(classify(401, R"({"errorSummary":")" + std::string(300, 's') + "\"}").detail.size() < 260);
  for (const char* body : {"[]", "[[]]", R"(["hush"])", R"({"errorCode":{"x":"hush"}})"}) {
    CAPTURE(body);
    CHECK(classify(401, body).detail == "the token endpoint answered 401");
  }
}

TEST_CASE("an endpoint that is sent no credential: a 404 passes, and no secret is to be checked") {
  const auto platform = [](int status, const std::string& body) {
    const token::Answer answer{.status = status, .sent = {}, .wall = {}};
    return token::without_credential(classify(status, body), answer);
  };
  for (const char* body : {"", R"({"error":"not_found"})"}) {
    CHECK(platform(404, body).code == Errc::token_server_error);
    CHECK(platform(404, body).fix.find("identity") != std::string::npos);
  }
  const base::Error refused = platform(400, R"({"error":"invalid_request"})");
  CHECK(refused.code == Errc::token_rejected);
  CHECK(refused.fix.find("identity") != std::string::npos);
  CHECK(refused.fix.find("client_secret_file") == std::string::npos);
  CHECK(platform(429, "").code == Errc::token_rate_limited);
  CHECK(platform(500, "").fix.empty());
  CHECK(platform(302, "").code == Errc::token_malformed);
}
