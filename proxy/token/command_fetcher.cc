#include "token/command_fetcher.h"

#include <utility>

#include "token/expiry.h"
#include "token/token_response.h"

namespace bearer::token {

net::Task<base::Result<Fetched>> CommandFetcher::fetch() {
  const Asked asked{clock_.now(), clock_.wall()};
  const base::Result<base::Secret> output = co_await command_.run();
  if (!output) co_return output.error();
  base::Result<TokenResponse> response =
      parse_token(*output, members_, {"the output of the token command", command_.fix()});
  if (!response) co_return response.error();
  co_return with_expiry(std::move(*response), asked, clock_,
                        "check token_command and this machine's clock");
}

}  // namespace bearer::token
