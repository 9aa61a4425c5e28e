// What a person says about one credential: the settings that the token engine obeys.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/url.h"

namespace bearer::token {

enum class ClientAuth { client_secret_basic, client_secret_post };
enum class BasicEncoding { form, raw };  ///< form: RFC 6749 section 2.3.1

struct CredentialOptions {
  std::string name = "default";  ///< as it stands under `credentials`; in logs
  http::Url token_url;
  std::string client_id;
  /// Where the secret is: exactly one of the two is set. The file is read at each token request.
  std::string client_secret_file;
  base::Secret client_secret;
  ClientAuth auth_method = ClientAuth::client_secret_basic;
  BasicEncoding basic_encoding = BasicEncoding::form;
  /// Added to the token request when not empty, in this order.
  std::string scope, audience;
  std::vector<std::string> resources;
  std::vector<std::pair<std::string, std::string>> token_params;

  base::Duration refresh_margin = std::chrono::seconds(120);
  std::string ca_file;  ///< empty: the system's store
  base::Duration connect_timeout = std::chrono::seconds(10);
  base::Duration response_timeout = std::chrono::seconds(30);  ///< the whole answer
};

}  // namespace bearer::token
