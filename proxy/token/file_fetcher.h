// Gets a token from a file in which another program rotates it.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "token/answer_members.h"
#include "token/fetcher.h"

namespace bearer::token {

class FileFetcher final : public Fetcher {
 public:
  /// `loop` must outlive the fetcher.
  FileFetcher(std::string path, net::Loop& loop, AnswerMembers members)
      : path_(std::move(path)), members_(std::move(members)), loop_(loop), clock_(loop.clock()) {}

  /// The file holds a token alone, or JSON like a token endpoint's response. Its expires_in counts
  /// from the file's last modification.
  net::Task<base::Result<Fetched>> fetch() override;
  std::uint64_t fingerprint() const override;
  bool watched() const override { return true; }
  bool waits_for_pipe() const override { return waits_for_pipe_; }
  base::Error ended() const override;

 private:
  base::Result<Fetched> read() const;

  std::atomic<bool> waits_for_pipe_ = false;
  const std::string path_;
  const AnswerMembers members_;
  net::Loop& loop_;
  const base::Clock& clock_;
};

}  // namespace bearer::token
