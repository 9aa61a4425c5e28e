// Gets a token from a file in which another program rotates it.
#pragma once

#include <atomic>
#include <string>

#include "base/cancellation.h"
#include "base/clock.h"
#include "token/answer_members.h"
#include "token/fetcher.h"

namespace bearer::token {

class FileFetcher final : public Fetcher {
 public:
  /// `clock` must outlive the fetcher.
  FileFetcher(std::string path, const base::Clock& clock, AnswerMembers members = {})
      : path_(std::move(path)), members_(std::move(members)), clock_(clock) {}

  /// The file holds a token alone, or JSON like a token endpoint's response. Its expires_in counts
  /// from the file's last modification.
  base::Result<Fetched> fetch() override;
  std::uint64_t fingerprint() const override;
  bool watched() const override { return true; }
  bool waits_for_pipe() const override { return waits_for_pipe_; }
  void cancel() override { cancellation_.cancel(); }

 private:
  Cancellation cancellation_;
  std::atomic<bool> waits_for_pipe_ = false;
  const std::string path_;
  const AnswerMembers members_;
  const base::Clock& clock_;
};

}  // namespace bearer::token
