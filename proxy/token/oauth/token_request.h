// A token request in the form that its endpoint wants.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "http/url.h"
#include "token/credential.h"
#include "token/oauth/token_form.h"
#include "token/source.h"

namespace bearer::token {

struct TokenRequest {
  enum class Verb { post, get, put };  ///< a put has no body
  base::Secret authorization = {};     ///< the Authorization field's value; empty: no such field
  base::Secret form = {};              ///< the body of a post, the query of a get; may be empty
  Verb verb = Verb::post;
  std::string_view content_type = "application/x-www-form-urlencoded";  ///< of a post
  std::string_view accept = "application/json";
  /// Further fields of the head. They replace ours of the same name.
  std::vector<std::pair<std::string, base::Secret>> fields = {};
  Prover* prover = nullptr;     ///< makes the DPoP field; null: no such field
  std::string_view nonce = {};  ///< for the proof; empty: none is known
};

/// Adds the fields of the file at `path`, one a line, if there is one. A failure (file_unreadable)
/// names the setting.
base::Result<void> read_fields(const std::string& path, EndpointWays& ways);

/// Makes the request from `form` in the way of `ways`, with their fields. Those of the file are
/// read now, without its empty lines. A failure (file_unreadable) names the setting. `form` keeps
/// the values, and redacts them.
base::Result<TokenRequest> make_token_request(const EndpointWays& ways, TokenForm& form,
                                              base::Secret authorization);

/// The request's bytes, in one allocation: growing would leave copies. `proof` is the DPoP field's
/// value; empty: no such field.
base::Secret request_text(const http::Url& url, const TokenRequest& request,
                          std::string_view proof = {});

}  // namespace bearer::token
