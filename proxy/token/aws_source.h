// The identity of a workload on AWS.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "http/url.h"

namespace bearer::token {

struct AwsKeys {
  std::string id;
  base::Secret secret;
  base::Secret session = {};  ///< empty for keys that do not expire

  bool operator==(const AwsKeys&) const = default;
};

/// A workload on AWS, which proves its identity by a signed request. What is not set is requested
/// from the machine's metadata server.
struct AwsSource {
  std::string region;                    ///< empty: see region_url
  AwsKeys keys;                          ///< without an id: see keys_url
  std::optional<http::Url> region_url;   ///< answers with the availability zone
  std::optional<http::Url> keys_url;     ///< lists the role, and has its keys below
  std::optional<http::Url> session_url;  ///< if the server wants a session (IMDSv2)
  std::string verification_url;          ///< https, of AWS's STS, with `{region}` in it
  std::string audience;                  ///< Google's name of the provider that verifies it

  std::string verification_url_in(std::string_view region_name) const {
    constexpr std::string_view kPlace = "{region}";
    std::string url = verification_url;
    const std::size_t at = url.find(kPlace);
    return at == url.npos ? url : url.replace(at, kPlace.size(), region_name);
  }
  bool operator==(const AwsSource&) const = default;
};

}  // namespace bearer::token
