#include "token/file_fetcher.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "token/expiry.h"
#include "token/secret/secret_file.h"
#include "token/token_response.h"

namespace bearer::token {
namespace {

constexpr const char* kSetting = "token_file";

/// Returns how long ago the file was written; a time in the future counts as now.
base::Duration age(const std::string& path, base::WallTime now) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return base::Duration::zero();
  // Nanoseconds can count only until the year 2262.
  constexpr std::time_t kMax = 9'000'000'000;
  const auto since_epoch =
      std::chrono::seconds(std::clamp<std::time_t>(info.st_mtim.tv_sec, 0, kMax)) +
      std::chrono::nanoseconds(info.st_mtim.tv_nsec);
  return std::max(now - base::WallTime(since_epoch), base::Duration::zero());
}

}  // namespace

base::Error FileFetcher::ended() const {
  return waits_for_pipe_ ? pipe_given_up(path_, kSetting) : Fetcher::ended();
}

net::Task<base::Result<Fetched>> FileFetcher::fetch() {
  waits_for_pipe_ = true;
  const base::Result<void> came = co_await await_pipe(path_, kSetting, loop_);
  waits_for_pipe_ = false;
  if (!came) co_return came.error();
  co_return read();
}

base::Result<Fetched> FileFetcher::read() const {
  const base::Instant now = clock_.now();
  const base::Duration written = age(path_, clock_.wall());
  const base::Result<base::Secret> text = read_whole_file(path_, kSetting);
  if (!text) return text.error();
  base::Result<TokenResponse> response =
      parse_token(*text, members_, {"the token's file " + path_, "check token_file"});
  if (!response) return response.error();
  // A token without an end is taken to be good for the usual time from now on: the file is watched,
  // and an old token is not a bad one.
  const base::Duration used_up = response->expires_in ? written : base::Duration::zero();
  const Asked asked{now - used_up, clock_.wall() - used_up};
  base::Result<Fetched> fetched = with_expiry(std::move(*response), asked, clock_,
                                              "check what writes token_file: it is used again "
                                              "as soon as it changes");
  if (fetched) fetched->sent = now;  // renewal is planned by the rest of its lifetime
  return fetched;
}

std::uint64_t FileFetcher::fingerprint() const {
  return file_fingerprint(path_);
}

}  // namespace bearer::token
