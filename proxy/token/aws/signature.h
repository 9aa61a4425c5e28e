// Signs requests to AWS with Signature Version 4, which proves that the sender has the key
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/url.h"
#include "token/aws_source.h"

namespace bearer::token {

/// The scope in which a signature is valid.
struct AwsScope {
  std::string region;   ///< `eu-central-1`
  std::string service;  ///< `sts`
};

using AwsFields = std::vector<std::pair<std::string, std::string>>;

/// The fields of a request without a body, in the order of their names: `more`, host, the date, the
/// session's token, and the authorization that signs them all. The signature is valid for some
/// minutes. REQUIRES: names in lower case, each once, and values without blanks around them; an
/// encoded path and query.
AwsFields signed_fields(std::string_view method, const http::Url& url, AwsFields more,
                        const AwsKeys& keys, const AwsScope& scope, base::WallTime now);

}  // namespace bearer::token
