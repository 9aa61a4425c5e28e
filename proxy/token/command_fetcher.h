// Gets a token from a command's output.
#pragma once

#include "base/clock.h"
#include "token/answer_members.h"
#include "token/fetcher.h"
#include "token/subprocess.h"

namespace bearer::token {

class CommandFetcher final : public Fetcher {
 public:
  /// `reaper` must outlive the fetcher.
  CommandFetcher(CommandOptions options, Subprocess::ErrorLine on_error_line, Reaper& reaper,
                 AnswerMembers members)
      : command_(std::move(options), std::move(on_error_line), reaper),
        members_(std::move(members)),
        clock_(reaper.loop().clock()) {}

  /// The output is a token alone, or JSON like a token endpoint's response. Its expires_in counts
  /// from the command's start.
  net::Task<base::Result<Fetched>> fetch() override;

 private:
  Subprocess command_;
  const AnswerMembers members_;
  const base::Clock& clock_;
};

}  // namespace bearer::token
